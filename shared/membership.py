"""One process as a member of a consumer group: takes records, waits without taking any, rewinds, commits.

`shared.consuming` decides what is done with the records. What the group decides meanwhile ends in Abandoned.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import (
    CommitFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
)
from kafka.structs import OffsetAndMetadata

from shared import metrics
from shared.events import Record
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import check_brokers, connect_member, connection_failure, record_of
from shared.logs import get_logger
from shared.settings import KafkaSettings

_log = get_logger(__name__)
#: How long a poll waits for records.
POLL_SECONDS = 0.2
#: How long a broker that hangs may hold up a commit, and the leaving of the group.
_COMMIT_MS = 5_000
_CLOSE_MS = 3_000


class Abandoned(Exception):
    """What is in hand is no longer ours to finish: the partitions moved, or the service stops. Nothing of it is committed."""


@dataclass(frozen=True)
class Terms:
    """On which terms a process is a member.

    `batch_records` bounds what one poll gives; after `longest_batch_seconds` without a poll the group takes it for dead.
    """

    service: str
    group: str
    topics: tuple[str, ...]
    batch_records: int
    longest_batch_seconds: float


class _Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Counts how often the partitions moved. Called from the client's own thread, so it only counts."""

    def __init__(self) -> None:
        self.count = 0

    def on_partitions_revoked(self, _revoked: object) -> None:
        self.count += 1

    def on_partitions_assigned(self, _assigned: object) -> None:
        self.count += 1

    def on_partitions_lost(self, _lost: object) -> None:
        self.count += 1


class Membership:
    """A member of a group, from when it is made until `close`. For one thread. Raises Unavailable when no broker answers."""

    def __init__(self, terms: Terms, settings: KafkaSettings) -> None:
        self._terms = terms
        self._settings = settings
        self._rebalances = _Rebalances()
        self._measured: set[TopicPartition] = set()
        self._not_let_in: str | None = None
        self._consumer: KafkaConsumer = connect_member(
            settings,
            f"dateline-{terms.service}",
            terms.group,
            terms.topics,
            self._rebalances,
            auto_offset_reset="earliest",
            max_poll_records=terms.batch_records,
            max_poll_interval_ms=int(terms.longest_batch_seconds * 1000),
            fetch_max_wait_ms=100,
        )

    @property
    def moves(self) -> int:
        """How often the partitions moved. What was polled at another number is abandoned."""
        return self._rebalances.count

    def check(self) -> str | None:
        """For `/readyz`: None when it belongs to the group and a broker takes connections, and lets us in."""
        if self._not_let_in is not None:
            return self._not_let_in
        if self._rebalances.count == 0:
            return f"has not joined the consumer group {self._terms.group} yet"
        return check_brokers(self._settings)

    def poll(self, seconds: float = POLL_SECONDS) -> list[Record]:
        """The next records, of one partition after the other; none when there are none in time. Raises Misconfigured."""
        try:
            polled = self._consumer.poll(timeout_ms=int(seconds * 1000))
        except (GroupAuthorizationFailedError, TopicAuthorizationFailedError) as error:
            raise Misconfigured(f"Kafka forbids group {self._terms.group} to read: {error}") from error
        except KafkaError as error:
            if isinstance(error, SaslAuthenticationFailedError):
                self._not_let_in = str(connection_failure(self._settings, error))
            _log.warning("poll failed", error=str(error))
            time.sleep(POLL_SECONDS)  # it failed at once
            return []
        self._not_let_in = None
        self._measure_lags()
        for partition, raws in polled.items():
            metrics.CONSUMED.labels(partition.topic).inc(len(raws))
        return [record_of(raw) for raws in polled.values() for raw in raws]

    def _measure_lags(self) -> None:
        """Tell how far behind we are in the partitions that are ours, and nothing any more of those that were."""
        ours = self._consumer.assignment()
        self._forget_lags(self._measured - ours)
        for partition in ours:
            end = self._consumer.highwater(partition)
            if end is not None:
                lag = max(0, end - (self._consumer.position(partition, timeout_ms=1000) or 0))
                metrics.LAG.labels(partition.topic, str(partition.partition)).set(lag)
                self._measured.add(partition)

    def _forget_lags(self, partitions: set[TopicPartition]) -> None:
        for partition in partitions:
            metrics.LAG.remove(partition.topic, str(partition.partition))
        self._measured -= partitions

    def commit(self, records: Sequence[Record], moves: int) -> None:
        """Never to be given these again. Raises Abandoned when the partitions moved since `moves`, and Unavailable."""
        last = {(each.topic, each.partition): each.offset for each in records}
        ends = {TopicPartition(*place): OffsetAndMetadata(offset + 1, "", -1) for place, offset in last.items()}
        if self.moves != moves:
            raise Abandoned("the partitions moved")
        try:
            self._consumer.commit(ends, timeout_ms=_COMMIT_MS)
        except CommitFailedError as error:
            raise Abandoned(f"the group refused the commit: {error}") from error
        except KafkaError as error:
            raise Unavailable(f"Kafka did not take the commit: {error}") from error

    def rewind(self, records: Iterable[Record]) -> None:
        """Read from the first of these again: kafka-python keeps the position of partitions that stay ours."""
        firsts: dict[TopicPartition, int] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            firsts[partition] = min(record.offset, firsts.get(partition, record.offset))
        for partition in firsts.keys() & self._consumer.assignment():
            self._consumer.seek(partition, firsts[partition])

    def wait(self, seconds: float, moves: int, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Stay in the group without taking records, until `resume`; Abandoned when the partitions move, or at a stop."""
        end = time.monotonic() + seconds
        while True:
            if self.moves != moves:
                self.resume()
                raise Abandoned("the partitions moved while waiting")
            if stop.is_set():
                raise Abandoned("the service stops")
            beat()
            left = end - time.monotonic()
            if left <= 0:
                return
            try:
                self._consumer.pause(*self._consumer.assignment())
                early = self._consumer.poll(timeout_ms=int(min(left, POLL_SECONDS) * 1000))
                for partition, raws in early.items():  # a partition that was assigned this moment
                    self._consumer.seek(partition, raws[0].offset)
            except KafkaError as error:
                _log.warning("poll failed while waiting", error=str(error))
                stop.wait(POLL_SECONDS)

    def resume(self) -> None:
        """Take records again."""
        self._consumer.resume(*self._consumer.paused())

    def close(self) -> None:
        """Leave the group."""
        self._forget_lags(set(self._measured))
        self._consumer.close(autocommit=False, timeout_ms=_CLOSE_MS)
