"""Reads a stretch of a topic's log, from one offset up to another, outside of every consumer group."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition

from shared.events import Record
from shared.kafka_connection import record_of

_POLL_MS = 500


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where the log of one partition begins, and up to where a group has done it; both are offsets, `end` is not done."""

    start: int
    end: int


def fetch_stretches(consumer: KafkaConsumer, topic: str) -> Mapping[TopicPartition, Stretch]:
    """All that the log of a topic holds now, by partition; empty when there is no such topic."""
    places = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
    starts, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
    return {place: Stretch(starts[place], ends[place]) for place in places}


def read_stretch(consumer: KafkaConsumer, place: TopicPartition, stretch: Stretch) -> Iterator[Record]:
    """The committed records of a stretch, in order. Takes the consumer over."""
    if stretch.start >= stretch.end:
        return
    consumer.assign([place])
    consumer.seek(place, stretch.start)
    while consumer.position(place) < stretch.end:
        for raw in consumer.poll(timeout_ms=_POLL_MS).get(place, ()):
            if raw.offset < stretch.end:
                yield record_of(raw)
