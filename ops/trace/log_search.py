"""Finds what Kafka has of one article: in the one partition that its id leads to, the newest records only, within a time."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from ops.cli.dead_letters import read_dead_letters
from ops.cli.stepping_over import STEPPABLE
from ops.status.kafka_facts import patient_admin
from ops.trace.journey import InLog, Looked
from services.popularity.core.counting import ArticleCounts, decode_counts
from shared.dead_letters import DeadLetter
from shared.events import Record
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import check_brokers, connect_consumer, record_of
from shared.producing import partition_of
from shared.settings import KafkaSettings
from shared.topics import COMMENTS, COUNTS, ENRICHED, PUBLISHED, SIGNALS

_TOPICS = (PUBLISHED, ENRICHED, COMMENTS, SIGNALS, COUNTS)
_POLL_MS = 500
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far to look: the newest so many records of a partition, or those since a time; and for how long."""

    newest: int = 20_000
    since: datetime | None = None
    seconds: float = 20.0


def search_log(settings: KafkaSettings, article_id: str, url: str | None, bounds: Bounds) -> InLog:
    """What there is. Raises Unavailable, and Misconfigured where topics are missing."""
    why = check_brokers(settings)
    if why is not None:
        raise Unavailable(why)
    deadline = time.monotonic() + bounds.seconds
    try:
        with closing(_consumer(settings)) as consumer:
            places = _places(consumer, article_id)
            begins = consumer.beginning_offsets(list(places.values()))
            ends = consumer.end_offsets(list(places.values()))
            starts = _starts(consumer, begins, ends, bounds)
            found, reached = _read(consumer, article_id.encode(), starts, ends, deadline)
        committed = _committed(settings, places)
    except (KafkaError, OSError) as error:
        raise Unavailable(f"reading the log at {settings.bootstrap_servers}: {type(error).__name__} {error}") from error
    looked = [
        Looked(place.topic, place.partition, begins[place], starts[place], ends[place], reached[place] >= ends[place])
        for place in places.values()
    ]
    records = [record for record in found if record.topic != COUNTS]
    return InLog(records, looked, committed, _counts(found), _letters(settings, article_id, url))


def _consumer(settings: KafkaSettings) -> KafkaConsumer:
    return connect_consumer(
        settings,
        "dateline-trace",
        group_id=None,
        auto_offset_reset="earliest",
        bootstrap_timeout_ms=int(_CONNECT_SECONDS * 1000),
        max_poll_records=5000,
        fetch_max_wait_ms=100,
    )


def _places(consumer: KafkaConsumer, article_id: str) -> dict[str, TopicPartition]:
    places = {}
    for topic in _TOPICS:
        numbers = consumer.partitions_for_topic(topic)
        if not numbers:
            raise Misconfigured(f"topic {topic} does not exist: run `dateline setup`")
        places[topic] = TopicPartition(topic, partition_of(article_id, len(numbers)))
    return places


def _starts(
    consumer: KafkaConsumer, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int], bounds: Bounds
) -> dict[TopicPartition, int]:
    if bounds.since is None:
        return {place: max(begins[place], end - bounds.newest) for place, end in ends.items()}
    since_ms = int(bounds.since.timestamp() * 1000)
    found = consumer.offsets_for_times(dict.fromkeys(ends, since_ms))
    return {place: found[place].offset if found.get(place) is not None else end for place, end in ends.items()}


def _read(
    consumer: KafkaConsumer,
    key: bytes,
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    deadline: float,
) -> tuple[list[Record], dict[TopicPartition, int]]:
    """The records of a key, and how far each partition was read until the deadline."""
    open_ = [place for place, end in ends.items() if starts[place] < end]
    found: list[Record] = []
    reached = dict(starts)
    if not open_:
        return found, reached
    consumer.assign(open_)
    for place in open_:
        consumer.seek(place, starts[place])
    while time.monotonic() < deadline:
        for raws in consumer.poll(timeout_ms=_POLL_MS).values():
            found += [record_of(raw) for raw in raws if raw.key == key]
        reached |= {place: consumer.position(place) for place in open_}
        if all(reached[place] >= ends[place] for place in open_):
            break
    return [record for record in found if record.offset < ends[TopicPartition(record.topic, record.partition)]], reached


def _committed(settings: KafkaSettings, places: Mapping[str, TopicPartition]) -> dict[tuple[str, str], int]:
    wanted = {
        f"dateline.{service}": [places[topic] for topic in topics if topic in places]
        for service, topics in STEPPABLE.items()
        if set(topics) & set(places)
    }
    admin = patient_admin(settings, _CONNECT_SECONDS)
    try:
        told = admin.list_group_offsets(wanted)
    finally:
        admin.close()
    return {
        (group.removeprefix("dateline."), place.topic): int(done.offset)
        for group, offsets in told.items()
        for place, done in offsets.items()
        if done.offset >= 0
    }


def _counts(found: list[Record]) -> ArticleCounts | None:
    values = [record.value for record in found if record.topic == COUNTS]
    if not values or values[-1] is None:
        return None
    try:
        return decode_counts(values[-1])
    except ValueError:  # of a newer version
        return None


def _letters(settings: KafkaSettings, article_id: str, url: str | None) -> list[DeadLetter]:
    """Those of records that have the article's key, or its id or address in what they say."""
    marks = [mark.encode() for mark in (article_id, url) if mark]
    return list(_about(read_dead_letters(settings, patience_seconds=_CONNECT_SECONDS), marks))


def _about(letters: list[DeadLetter], marks: list[bytes]) -> Iterator[DeadLetter]:
    for letter in letters:
        value, key = letter.record.value or b"", letter.record.key or b""
        if any(mark in value or mark == key for mark in marks):
            yield letter
