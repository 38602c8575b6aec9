"""What is there after a run, read past the services: from the index, the topics and the counts; and when nothing is left to do."""

from collections.abc import Iterator
from contextlib import closing

from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan
from kafka import KafkaConsumer, TopicPartition

from shared import topics
from shared.dead_letters import parse_dead_letter
from shared.settings import KafkaSettings
from tests.counting import read_all, stored_counts
from tests.faults.ledger import Ledger
from tests.faults.oracle import Promised, State, Verdict, judge_articles, judge_comments, judge_dead_letters, judge_views, sum_up
from tests.faults.rig import Rig

#: What each consumer group reads, and commits when it is done.
READ_BY = {
    "dateline.ingest": (topics.INBOUND,),
    "dateline.enrich": (topics.PUBLISHED,),
    "dateline.indexer": (topics.ENRICHED, topics.COMMENTS),
}


def judge(rig: Rig, ledger: Ledger, minutes: range) -> tuple[Promised, Verdict]:
    """What a ledger promises, and how what is there differs from it; views are looked at in these minutes since 1970."""
    promised, verdict = sum_up(ledger.read()), Verdict()
    rig.elastic.indices.refresh(index="articles,comments")
    judge_articles(promised, read_articles(rig.elastic), verdict)
    judge_comments(promised, read_comments(rig.elastic), verdict)
    judge_views(promised, read_views(rig.kafka, minutes), verdict)
    judge_dead_letters(promised, read_dead_letters(rig.kafka), verdict)
    return promised, verdict


def count_left(kafka: KafkaSettings) -> int:
    """Records that a group has not finished; once there are none, those that are not in the checkpoints of popularity."""
    left = 0
    for group, read in READ_BY.items():
        with closing(
            KafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, group_id=group, enable_auto_commit=False)
        ) as consumer:
            for topic in read:
                places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
                ends = consumer.end_offsets(places)
                left += sum(ends[place] - (consumer.committed(place) or 0) for place in places)
    if left:  # the checkpoints are read whole
        return left
    positions = stored_counts(kafka).positions
    for topic in (topics.ENGAGEMENT, topics.COMMENTS):
        left += sum(end - positions.get((topic, number), 0) for number, end in _ends(kafka, topic).items())
    return left


def _ends(kafka: KafkaSettings, topic: str) -> dict[int, int]:
    with closing(KafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, enable_auto_commit=False)) as consumer:
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        return {place.partition: end for place, end in consumer.end_offsets(places).items()}


def read_articles(elastic: Elasticsearch) -> dict[str, State]:
    """Every article of the index, by id; AssertionError if one is there twice."""
    found: dict[str, State] = {}
    for hit in scan(elastic, index="articles", query={"query": {"match_all": {}}}, size=1000):
        source = hit["_source"]
        assert hit["_id"] not in found, f"{hit['_id']} is there twice"
        is_shown = source["status"] == "published"
        found[hit["_id"]] = State(source["revision"], _text(source) if is_shown else None)
    return found


def _text(source: dict[str, dict[str, str]]) -> tuple[str, str]:
    """Headline and body, whatever the language whose field has them."""
    headline, body = ("".join(source.get(name, {}).values()) for name in ("headline", "body"))
    return headline, body


def read_comments(elastic: Elasticsearch) -> set[str]:
    """The ids of all comments."""
    return {hit["_id"] for hit in scan(elastic, index="comments", query={"query": {"match_all": {}}}, source=False)}


def read_views(kafka: KafkaSettings, minutes: range) -> dict[tuple[str, int], int]:
    """Views of each (article, minute) as they are checkpointed."""
    return stored_counts(kafka).views_by_minute(minutes)


def read_dead_letters(kafka: KafkaSettings) -> Iterator[tuple[str, str]]:
    """(topic, value) of every record that became a dead letter."""
    for topic in topics.CONSUMED:
        for record in read_all(kafka, topics.dead_letters_of(topic)):
            letter = parse_dead_letter(record)
            yield letter.record.topic, (letter.record.value or b"").decode("utf-8", "replace")
