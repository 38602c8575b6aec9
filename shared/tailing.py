"""Reads a topic that is a memory of its service from its beginning and then on, in every process: what one writes, all know soon.

No consumer group, no commits: each process reads all of it.
"""

import threading
from collections.abc import Callable, Sequence

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from shared.events import Record
from shared.failures import Unavailable
from shared.kafka_connection import connect_consumer, connection_failure, record_of
from shared.logs import get_logger
from shared.service import wait_until_available
from shared.settings import KafkaSettings

_log = get_logger(__name__)
_POLL_MS = 200
_BATCH_RECORDS = 2_000


class Tail:
    """One topic, read to its end and on. `learn` is given every record, once a process, in order within a partition."""

    def __init__(self, settings: KafkaSettings, topic: str, learn: Callable[[Sequence[Record]], None]) -> None:
        self._settings = settings
        self._topic = topic
        self._learn = learn
        self._positions: dict[int, int] = {}
        #: Set as soon as everything was read that the topic held at the start.
        self.caught_up = threading.Event()

    def position(self, partition: int) -> int:
        """The offset below which every record of a partition has been learnt."""
        return self._positions.get(partition, 0)

    def run(self, stop: threading.Event) -> None:
        """Read until stopped; a broker that is away is waited for."""
        while not stop.is_set():
            consumer = wait_until_available(self._connect, stop)
            try:
                self._read(consumer, stop)
            except KafkaError as error:
                _log.warning("waiting", topic=self._topic, reason=str(error))
                stop.wait(1.0)
            finally:
                consumer.close(autocommit=False, timeout_ms=3000)

    def _connect(self) -> KafkaConsumer:
        consumer = connect_consumer(
            self._settings,
            "dateline-tail",
            group_id=None,
            auto_offset_reset="earliest",
            max_poll_records=_BATCH_RECORDS,
            fetch_max_wait_ms=100,
        )
        try:
            numbers = consumer.partitions_for_topic(self._topic)
        except (KafkaError, OSError) as error:
            raise connection_failure(self._settings, error) from error
        if not numbers:
            consumer.close(autocommit=False)
            raise Unavailable(f"Kafka at {self._settings.bootstrap_servers} has no topic {self._topic} yet: run `dateline setup`")
        consumer.assign([TopicPartition(self._topic, number) for number in sorted(numbers)])
        return consumer

    def _read(self, consumer: KafkaConsumer, stop: threading.Event) -> None:
        partitions = sorted(consumer.assignment())
        beginnings = consumer.beginning_offsets(partitions)
        ends = consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, max(beginnings[partition], self.position(partition.partition)))
        while not stop.is_set():
            polled = consumer.poll(timeout_ms=_POLL_MS)
            self._learn([record_of(raw) for raws in polled.values() for raw in raws])
            for partition in partitions:
                self._positions[partition.partition] = consumer.position(partition) or 0
            if not self.caught_up.is_set() and all(self.position(p.partition) >= ends[p] for p in partitions):
                self.caught_up.set()
