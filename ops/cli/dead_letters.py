"""`dateline dead-letters list|show|replay`: what could not be processed, why, and putting it back."""

from collections.abc import Iterator

from kafka import TopicPartition
from kafka.errors import KafkaError

from shared.dead_letters import DeadLetter, build_removal, build_replay, parse_dead_letter
from shared.events import Record
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import connect_consumer, record_of
from shared.producing import Producer
from shared.settings import KafkaSettings
from shared.topics import CONSUMED, dead_letters_of

_POLL_MS = 1000


def read_dead_letters(settings: KafkaSettings, topics: tuple[str, ...] = CONSUMED) -> Iterator[DeadLetter]:
    """The dead letters of topics, oldest first within each; one that was dead-lettered twice comes once."""
    for topic in topics:
        latest: dict[bytes | None, DeadLetter] = {}
        for record in _read_to_end(settings, dead_letters_of(topic)):
            if record.value is None:  # it was put back
                latest.pop(record.key, None)
            else:
                latest[record.key] = parse_dead_letter(record)
        yield from latest.values()


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
    if len(parts) != 3 or parts[0] not in CONSUMED or not parts[1].isdigit() or not parts[2].isdigit():
        raise Misconfigured(f"{place} is not a place such as articles.published-3-1042 (topic-partition-offset)")
    return parts[0], int(parts[1]), int(parts[2])


def replay(settings: KafkaSettings, letters: list[DeadLetter]) -> None:
    """Publish the original records again, to where they came from, and take the letters off the list.

    A process that ends between the two leaves letters that were put back: articles and comments put back twice are known again,
    views are counted twice.
    """
    with Producer(settings, "dateline-cli") as producer:
        producer.send_all([build_replay(letter) for letter in letters])
        producer.send_all([build_removal(letter) for letter in letters])


def _read_to_end(settings: KafkaSettings, topic: str) -> Iterator[Record]:
    try:
        consumer = connect_consumer(settings, "dateline-cli", group_id=None, auto_offset_reset="earliest")
        try:
            partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
            if not partitions:
                raise Misconfigured(f"topic {topic} does not exist: run `dateline setup`")
            consumer.assign(partitions)
            ends = consumer.end_offsets(partitions)
            consumer.seek_to_beginning(*partitions)
            while any(consumer.position(partition) < ends[partition] for partition in partitions):
                for raws in consumer.poll(timeout_ms=_POLL_MS).values():
                    for raw in raws:
                        yield record_of(raw)
        finally:
            consumer.close(autocommit=False)
    except (KafkaError, OSError) as error:
        raise Unavailable(f"reading {topic} at {settings.bootstrap_servers}: {error}") from error
