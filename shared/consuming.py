"""THE consumer loop: poll, decode, handle, deliver the outcomes, commit. Every service that reads Kafka with kafka-python runs it.

`decode` makes of each record what `handle` takes, or a DeadLettered. `handle` answers one outcome for each, in order; it may raise
Unavailable (the partitions are paused, the batch is tried again for as long as it takes) or Misconfigured (the process ends). Any
other exception is a bug: the batch is tried record by record, and what still fails is dead-lettered. Offsets are committed only
after every outcome has been delivered and acknowledged, so a crash repeats work and loses none.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import CommitFailedError, GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from kafka.structs import OffsetAndMetadata

from shared import metrics
from shared.backoff import Backoff
from shared.dead_letters import DeadLetterLimit, DeadLetterTally, build_dead_letter
from shared.events import Record, parse_time
from shared.failures import Misconfigured, Unavailable
from shared.health import Health
from shared.kafka_connection import check_brokers, connect_member, partition_counts, record_of
from shared.logs import get_logger
from shared.outcomes import DeadLetterCode, DeadLettered, Outcome, Published
from shared.producing import Producer, size_of, too_large
from shared.service import wait_until_available
from shared.settings import KafkaSettings

D = TypeVar("D")
R = TypeVar("R")
Decode = Callable[[Record], D | DeadLettered]
Handle = Callable[[Sequence[D]], Sequence[Outcome]]

_log = get_logger(__name__)
_POLL_SECONDS = 0.2
#: How long a broker that hangs may hold up a commit, and the leaving of the group.
_COMMIT_MS = 5_000
_CLOSE_MS = 3_000


@dataclass(frozen=True)
class Subscription(Generic[D]):
    """What a service reads and what it makes of it. `batch_records` bounds one batch.

    `delivered` is told the outcomes of each batch once all that they led to is acknowledged; it must not raise.
    Without a `limit` any number of records may be dead-lettered: right for a topic that strangers write.
    `longest_batch_seconds` is how long one batch may take before the group takes the process for dead.
    """

    service: str
    topics: tuple[str, ...]
    decode: Decode[D]
    handle: Handle[D]
    batch_records: int = 500
    limit: DeadLetterLimit | None = field(default_factory=DeadLetterLimit)
    backoff: Backoff = field(default_factory=Backoff)
    delivered: Callable[[Sequence[Outcome]], None] | None = None
    longest_batch_seconds: float = 300.0

    @property
    def group(self) -> str:
        """The consumer group, one a service."""
        return f"dateline.{self.service}"


class _Abandoned(Exception):
    """The batch is no longer ours to finish: the partitions moved, or the service stops. Nothing of it is committed."""


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


def consume(
    subscription: Subscription[D],
    settings: KafkaSettings,
    producer: Producer,
    health: Health,
    stop: threading.Event,
) -> None:
    """Run until `stop` is set: then the batch in hand is finished, committed, and the group is left."""
    wait_until_available(lambda: partition_counts(settings, subscription.topics), stop)
    loop = wait_until_available(lambda: _Loop(subscription, settings, producer, health, stop), stop)
    try:
        loop.run()
    finally:
        loop.close()


class _Loop(Generic[D]):
    def __init__(
        self, subscription: Subscription[D], settings: KafkaSettings, producer: Producer, health: Health, stop: threading.Event
    ) -> None:
        self._subscription = subscription
        self._settings = settings
        self._producer = producer
        self._health = health
        self._stop = stop
        self._tally = DeadLetterTally(subscription.limit) if subscription.limit else None
        self._rebalances = _Rebalances()
        self._waiting_for: str | None = None
        health.checks["kafka"] = self._check
        self._consumer = _connect(subscription, settings, self._rebalances)

    def run(self) -> None:
        while not self._stop.is_set():
            self._health.beat()
            batch = self._poll()
            if not batch:
                continue
            started = time.monotonic()
            before = self._rebalances.count
            try:
                self._finish(batch, before)
            except _Abandoned as reason:
                _log.warning("batch abandoned, it will be read again", records=len(batch), reason=str(reason))
                self._rewind(batch)
                continue
            metrics.BATCH_SECONDS.observe(time.monotonic() - started)

    def _rewind(self, batch: list[Record]) -> None:
        """Read from the batch's first records again: kafka-python keeps the position of partitions that stay ours."""
        firsts: dict[TopicPartition, int] = {}
        for record in batch:
            firsts.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        for partition in firsts.keys() & self._consumer.assignment():
            self._consumer.seek(partition, firsts[partition])

    def close(self) -> None:
        self._consumer.close(autocommit=False, timeout_ms=_CLOSE_MS)

    def _check(self) -> str | None:
        if self._waiting_for is not None:
            return self._waiting_for
        if self._rebalances.count == 0:
            return f"has not joined the consumer group {self._subscription.group} yet"
        return check_brokers(self._settings)

    def _poll(self) -> list[Record]:
        try:
            polled = self._consumer.poll(timeout_ms=int(_POLL_SECONDS * 1000))
        except (GroupAuthorizationFailedError, TopicAuthorizationFailedError) as error:
            raise Misconfigured(f"Kafka forbids group {self._subscription.group} to read: {error}") from error
        except KafkaError as error:
            _log.warning("poll failed", error=str(error))
            self._stop.wait(_POLL_SECONDS)
            return []
        for partition in self._consumer.assignment():
            self._measure_lag(partition)
        batch = [record_of(raw) for raws in polled.values() for raw in raws]
        for record in batch:
            metrics.CONSUMED.labels(record.topic).inc()
        return batch

    def _measure_lag(self, partition: TopicPartition) -> None:
        end = self._consumer.highwater(partition)
        if end is not None:
            lag = max(0, end - (self._consumer.position(partition, timeout_ms=1000) or 0))
            metrics.LAG.labels(partition.topic, str(partition.partition)).set(lag)

    def _finish(self, batch: list[Record], before: int) -> None:
        decoded = [self._decode(record) for record in batch]
        good = [event for event in decoded if not isinstance(event, DeadLettered)]
        handled = iter(self._persist(lambda: self._handle(good), before) if good else ())
        outcomes = [event if isinstance(event, DeadLettered) else _fitting(next(handled)) for event in decoded]
        self._persist(lambda: self._deliver(batch, outcomes), before)
        if self._subscription.delivered is not None:
            self._subscription.delivered(outcomes)
        self._persist(lambda: self._commit(batch, before), before)
        self._count(batch, outcomes)

    def _decode(self, record: Record) -> D | DeadLettered:
        try:
            return self._subscription.decode(record)
        except Exception as error:  # noqa: BLE001 - a record that no decoder foresaw must not end the service
            _log.exception("bug in decoding one record; it is dead-lettered")
            return DeadLettered(DeadLetterCode.BUG, f"{type(error).__name__}: {error}"[:1000])

    def _handle(self, events: Sequence[D]) -> Sequence[Outcome]:
        try:
            outcomes = self._subscription.handle(events)
        except (Unavailable, Misconfigured):
            raise
        except Exception:  # noqa: BLE001 - whatever a bug raises, every record needs its outcome
            _log.exception("bug in handling a batch; trying its records one by one", records=len(events))
            return [self._handle_one(event) for event in events]
        if len(outcomes) != len(events):
            raise AssertionError(f"{self._subscription.service} gave {len(outcomes)} outcomes for {len(events)} records")
        return outcomes

    def _handle_one(self, event: D) -> Outcome:
        self._health.beat()
        try:
            (outcome,) = self._subscription.handle([event])
        except (Unavailable, Misconfigured):
            raise
        except Exception as error:  # noqa: BLE001 - as above
            _log.exception("bug in handling one record; it is dead-lettered")
            return DeadLettered(DeadLetterCode.BUG, f"{type(error).__name__}: {error}"[:1000])
        return outcome

    def _deliver(self, batch: list[Record], outcomes: list[Outcome]) -> None:
        records = [record for outcome in outcomes if isinstance(outcome, Published) for record in outcome.records]
        letters = [
            build_dead_letter(record, outcome, self._subscription.service)
            for record, outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, DeadLettered)
        ]
        self._producer.send_all([*records, *letters])

    def _count(self, batch: list[Record], outcomes: list[Outcome]) -> None:
        now = time.time()
        for record, outcome in zip(batch, outcomes, strict=True):
            metrics.OUTCOMES.labels(record.topic, outcome.name).inc()
            reason = outcome if isinstance(outcome, DeadLettered) else None
            if reason is not None:
                metrics.DEAD_LETTERS.labels(record.topic, reason.code).inc()
                _log.warning("dead letter", record=record.place, code=reason.code, detail=reason.detail)
            accepted = parse_time(record.header("ce_acceptedtime"))
            if accepted is not None:
                metrics.EVENT_AGE.labels(record.topic).observe(max(0.0, now - accepted.timestamp()))
            if self._tally is not None:
                self._tally.add(record, reason)

    def _commit(self, batch: list[Record], before: int) -> None:
        ends: dict[TopicPartition, OffsetAndMetadata] = {}
        for record in batch:
            ends[TopicPartition(record.topic, record.partition)] = OffsetAndMetadata(record.offset + 1, "", -1)
        if self._rebalances.count != before:
            raise _Abandoned("the partitions moved")
        try:
            self._consumer.commit(ends, timeout_ms=_COMMIT_MS)
        except CommitFailedError as error:
            raise _Abandoned(f"the group refused the commit: {error}") from error
        except KafkaError as error:
            raise Unavailable(f"Kafka did not take the commit: {error}") from error

    def _persist(self, action: Callable[[], R], before: int) -> R:
        """Do it, however often it takes; _Abandoned when the partitions move or the service stops meanwhile."""
        failures = 0
        while True:
            try:
                result = action()
            except Unavailable as reason:
                failures += 1
                self._waiting_for = str(reason)
                for topic in self._subscription.topics:
                    metrics.RETRIES.labels(topic).inc()
                _log.warning("waiting", reason=str(reason), failures=failures)
                self._wait(self._subscription.backoff.delay_seconds(failures, random.uniform), before)
            else:
                if failures:
                    self._resume()
                return result

    def _wait(self, seconds: float, before: int) -> None:
        """Stay in the group without taking records."""
        end = time.monotonic() + seconds
        while True:
            if self._rebalances.count != before:
                self._resume()
                raise _Abandoned("the partitions moved while waiting")
            if self._stop.is_set():
                raise _Abandoned("the service stops")
            self._health.beat()
            left = end - time.monotonic()
            if left <= 0:
                return
            try:
                self._consumer.pause(*self._consumer.assignment())
                early = self._consumer.poll(timeout_ms=int(min(left, _POLL_SECONDS) * 1000))
                for partition, raws in early.items():  # a partition that was assigned this moment
                    self._consumer.seek(partition, raws[0].offset)
            except KafkaError as error:
                _log.warning("poll failed while waiting", error=str(error))
                self._stop.wait(_POLL_SECONDS)

    def _resume(self) -> None:
        self._waiting_for = None
        self._consumer.resume(*self._consumer.paused())


def _connect(subscription: Subscription[D], settings: KafkaSettings, rebalances: _Rebalances) -> KafkaConsumer:
    return connect_member(
        settings,
        f"dateline-{subscription.service}",
        subscription.group,
        subscription.topics,
        rebalances,
        auto_offset_reset="earliest",
        max_poll_records=subscription.batch_records,
        max_poll_interval_ms=int(subscription.longest_batch_seconds * 1000),
        fetch_max_wait_ms=100,
    )


def _fitting(outcome: Outcome) -> Outcome:
    """The outcome, unless it leads to a record that its topic would not take."""
    if isinstance(outcome, Published):
        large = too_large(outcome.records)
        if large is not None:
            return DeadLettered(DeadLetterCode.TOO_LARGE, f"it makes a record of {size_of(large)} bytes for {large.topic}")
    return outcome
