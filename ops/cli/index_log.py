"""The articles, comments or lists that Kafka's log holds, as the documents that the indexer makes of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime

from elasticsearch import Elasticsearch
from kafka.errors import KafkaError

from ops.cli.index_copying import write_documents
from ops.cli.log_reading import Stretch, fetch_stretches, read_stretch
from services.indexer.core.documents import Action, build_action
from shared.events import format_time
from shared.failures import Misconfigured, Unavailable
from shared.indices import ARTICLES, COMMENTS, MATCHES, MOST_POPULAR, SAVED_SEARCHES
from shared.kafka_connection import connect_consumer
from shared.settings import KafkaSettings
from shared.topics import COMMENTS as COMMENTS_TOPIC
from shared.topics import ENRICHED, RANKED, SEARCHES
from shared.topics import MATCHES as MATCHES_TOPIC

#: The topic that each alias is fed from.
TOPICS = {
    ARTICLES: ENRICHED,
    COMMENTS: COMMENTS_TOPIC,
    MOST_POPULAR: RANKED,
    SAVED_SEARCHES: SEARCHES,
    MATCHES: MATCHES_TOPIC,
}
_INDEXER_GROUP = "dateline.indexer"
_BATCH = 500


def read_actions(settings: KafkaSettings, alias: str, *, only_indexed: bool) -> Iterator[Action]:
    """What the log holds for an alias; what cannot be a document is passed over, as the indexer dead-letters it.

    With `only_indexed`, up to where the indexer has done it. Raises Unavailable and Misconfigured.
    """
    topic = TOPICS[alias]
    group = _INDEXER_GROUP if only_indexed else None
    try:
        with closing(connect_consumer(settings, "dateline-index", group_id=group)) as consumer:
            stretches = fetch_stretches(consumer, topic)
            if not stretches:
                raise Misconfigured(f"Kafka at {settings.bootstrap_servers} has no topic {topic}: run `dateline setup`")
            done = {place: consumer.committed(place) or 0 for place in stretches} if only_indexed else {}
            for place, stretch in stretches.items():
                wanted = Stretch(stretch.start, min(stretch.end, done.get(place, stretch.end)))
                for record in read_stretch(consumer, place, wanted):
                    action = build_action(record)
                    if isinstance(action, Action):
                        yield action
    except (KafkaError, OSError) as error:
        raise Unavailable(f"reading {topic} at {settings.bootstrap_servers}: {error}") from error


def add_log(
    client: Elasticsearch,
    actions: Iterator[Action],
    target: str,
    lives_here: Callable[[Sequence[str]], frozenset[str]],
    watch: Callable[[str, int], None],
) -> None:
    """Add what the log holds to an index that is being built; what the index has in a newer version stays.

    `lives_here` says which of some ids belong into this index: all of them where an alias has one index only.
    """
    done = 0
    batch: list[Action] = []
    for action in actions:
        batch.append(action)
        if len(batch) == _BATCH:
            _add(client, batch, target, lives_here)
            done += len(batch)
            batch = []
            watch(f"adding the log to {target}", done)
    _add(client, batch, target, lives_here)


def _add(
    client: Elasticsearch, batch: Sequence[Action], target: str, lives_here: Callable[[Sequence[str]], frozenset[str]]
) -> None:
    here = lives_here([action.id for action in batch])
    stamp = format_time(datetime.now(UTC))
    own = [action for action in batch if action.id in here]
    write_documents(client, target, own, lambda action: action.lines(stamp, index=target))
