"""Reads the dead letters: what could not be processed, and why. `replaying` puts them back."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from shared.dead_letters import DeadLetter, parse_dead_letter
from shared.events import Record
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import connect_consumer, record_of
from shared.settings import KafkaSettings
from shared.topics import CONSUMED, dead_letters_of

_POLL_MS = 500
_PATIENCE_SECONDS = 60.0


def read_dead_letters(
    settings: KafkaSettings, topics: Sequence[str] = CONSUMED, patience_seconds: float = _PATIENCE_SECONDS
) -> list[DeadLetter]:
    """The dead letters of topics, by topic and oldest first within each; one that was dead-lettered twice comes once.

    What stands there and is no dead letter is left out. Raises Unavailable, also when it takes longer than it may.
    """
    latest: dict[bytes | None, DeadLetter] = {}
    for record in _read_to_end(settings, [dead_letters_of(topic) for topic in topics], patience_seconds):
        latest.pop(record.key, None)
        if record.value is not None:  # else it was put back
            letter = _parse(record)
            if letter is not None:
                latest[record.key] = letter
    order = {topic: number for number, topic in enumerate(topics)}
    return sorted(latest.values(), key=lambda letter: order[letter.record.topic])


def _parse(record: Record) -> DeadLetter | None:
    try:
        return parse_dead_letter(record)
    except ValueError:  # written by somebody else
        return None


def find_dead_letter(settings: KafkaSettings, place: str) -> DeadLetter:
    """The dead letter of a record, by its place: `articles.published-3-1042` is offset 1042 of partition 3."""
    topic, partition, offset = parse_place(place)
    for letter in read_dead_letters(settings, (topic,)):
        if (letter.record.partition, letter.record.offset) == (partition, offset):
            return letter
    raise Misconfigured(f"there is no dead letter {place}; see `dateline dead-letters list`")


def parse_place(place: str) -> tuple[str, int, int]:
    """Topic, partition and offset of a place, as `dateline dead-letters list` prints it."""
    parts = place.rsplit("-", 2)
    if len(parts) != 3 or parts[0] not in CONSUMED or not all(part.isascii() and part.isdigit() for part in parts[1:]):
        raise Misconfigured(f"{place} is not a place such as articles.published-3-1042 (topic-partition-offset)")
    return parts[0], int(parts[1]), int(parts[2])


@contextmanager
def _consumer(settings: KafkaSettings, patience_seconds: float) -> Iterator[KafkaConsumer]:
    consumer = connect_consumer(
        settings,
        "dateline-cli",
        group_id=None,
        auto_offset_reset="earliest",
        bootstrap_timeout_ms=int(patience_seconds * 1000),
        fetch_max_wait_ms=100,
    )
    try:
        yield consumer
    finally:
        consumer.close(autocommit=False, timeout_ms=2000)


def _read_to_end(settings: KafkaSettings, topics: Sequence[str], patience_seconds: float) -> Iterator[Record]:
    deadline = time.monotonic() + patience_seconds
    try:
        with _consumer(settings, patience_seconds) as consumer:
            missing = [topic for topic in topics if not consumer.partitions_for_topic(topic)]
            if missing:
                raise Misconfigured(f"topic {missing[0]} does not exist: run `dateline setup`")
            partitions = [TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic)]
            consumer.assign(partitions)
            ends = consumer.end_offsets(partitions)
            consumer.seek_to_beginning(*partitions)
            while any(consumer.position(partition) < ends[partition] for partition in partitions):
                if time.monotonic() > deadline:
                    raise Unavailable(f"reading the dead letters took longer than {patience_seconds:.0f} s")
                for raws in consumer.poll(timeout_ms=_POLL_MS).values():
                    for raw in raws:
                        yield record_of(raw)
    except (KafkaError, OSError) as error:
        raise Unavailable(f"reading dead letters at {settings.bootstrap_servers}: {error}") from error
