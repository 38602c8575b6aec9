"""Topics of a test's own on the real Kafka: made, filled, read to their end, and a consumer loop run on them."""

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import NewTopic

from shared.consuming import Subscription, consume
from shared.events import Record
from shared.health import Health
from shared.outcomes import NewRecord, Outcome, OutcomeName, Settled
from shared.producing import Producer
from shared.settings import KafkaSettings
from shared.topics import dead_letters_of

INDEXED: Outcome = Settled(OutcomeName.INDEXED)


def kafka_settings(bootstrap: str) -> KafkaSettings:
    """Settings whose time-outs suit a test."""
    return KafkaSettings(bootstrap_servers=bootstrap, session_timeout_seconds=6, delivery_timeout_seconds=10)


def a_topic(bootstrap: str, partitions: int = 1) -> str:
    """A new topic with its dead letters; its name tells nothing."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        answer = admin.create_topics([NewTopic(name, partitions, 1), NewTopic(dead_letters_of(name), 1, 1)])
    finally:
        admin.close()
    assert not any(topic["error_code"] for topic in answer["topics"]), answer
    return name


def produce(bootstrap: str, *records: NewRecord) -> None:
    """Write records, acknowledged."""
    with Producer(kafka_settings(bootstrap), "test") as producer:
        producer.send_all(records)


def read_all(bootstrap: str, topic: str) -> list[Record]:
    """Every record that a topic holds now, by partition and offset."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest", enable_auto_commit=False)
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found: list[Record] = []
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for raws in consumer.poll(timeout_ms=200).values():
                found += [Record(r.topic, r.partition, r.offset, r.key, r.value, tuple(r.headers), r.timestamp) for r in raws]
        return sorted(found, key=lambda record: (record.partition, record.offset))
    finally:
        consumer.close(autocommit=False)


def committed(bootstrap: str, group: str, topic: str, partition: int = 0) -> int | None:
    """The offset that a group has committed."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    try:
        offset: int | None = consumer.committed(TopicPartition(topic, partition))
        return offset
    finally:
        consumer.close(autocommit=False)


def seeing(seen: list[Any]) -> Callable[[Sequence[Any]], list[Outcome]]:
    """A handle that keeps what it saw."""

    def handle(batch: Sequence[Any]) -> list[Outcome]:
        seen.extend(batch)
        return [INDEXED] * len(batch)

    return handle


class RunningLoop:
    """A consumer loop in a thread; `error` is what it ended with."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.health = Health()
        self.error: BaseException | None = None


@contextmanager
def running_loop(bootstrap: str, subscription: Subscription[Any]) -> Iterator[RunningLoop]:
    """Run a loop while the body runs; then it is stopped and has ended."""
    loop = RunningLoop()
    settings = kafka_settings(bootstrap)

    def work() -> None:
        try:
            with Producer(settings, "test-loop") as producer:
                consume(subscription, settings, producer, loop.health, loop.stop)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
            loop.error = error

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield loop
    finally:
        loop.stop.set()
        thread.join(30)
        assert not thread.is_alive(), "the loop does not stop"
