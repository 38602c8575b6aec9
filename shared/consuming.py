"""THE consumer loop: poll, decode, handle, deliver the outcomes, commit. Every service that reads Kafka with kafka-python runs it.

`decode` makes of each record what `handle` takes, or a DeadLettered. `handle` answers one outcome for each, in order; it may raise
Unavailable (the partitions are paused, the batch is tried again for as long as it takes) or Misconfigured (the process ends). Any
other exception is a bug: the batch is tried record by record, and what still fails is dead-lettered. Offsets are committed only
after every outcome has been delivered and acknowledged, so a crash repeats work and loses none.

With several batches in flight, the next are polled and decoded while those before them are handled in threads; they are finished
(delivered, committed, counted) one after the other in the order in which they were polled. docs/decisions/0014 has the reasons.
"""

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared import metrics
from shared.backoff import Backoff
from shared.dead_letters import DeadLetterLimit, DeadLetterTally, build_dead_letter
from shared.events import Record, parse_seconds
from shared.failpoints import FailPoint, fail_here
from shared.failures import Misconfigured, Unavailable
from shared.health import Health
from shared.kafka_connection import partition_counts
from shared.logs import get_logger
from shared.membership import POLL_SECONDS, Abandoned, Membership, Terms
from shared.outcomes import DeadLetterCode, DeadLettered, Outcome, Published
from shared.producing import Producer, size_of, too_large
from shared.service import wait_until_available
from shared.settings import KafkaSettings
from shared.tracing import end_spans, trace_batch

D = TypeVar("D")
R = TypeVar("R")
Decode = Callable[[Record], D | DeadLettered]
Handle = Callable[[Sequence[D]], Sequence[Outcome]]

_log = get_logger(__name__)
#: How long a poll waits for records while batches are in flight, which may be done any moment.
_SHORT_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Subscription(Generic[D]):
    """What a service reads and what it makes of it. `batch_records` bounds one batch.

    `delivered` is told the outcomes of each batch once all that they led to is acknowledged; it must not raise.
    Without a `limit` any number of records may be dead-lettered: right for a topic that strangers write.
    `longest_batch_seconds` is how long one batch may take before the group takes the process for dead.
    With `in_flight` above 1, `handle` is called from as many threads, each with a batch of its own.
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
    in_flight: int = 1

    @property
    def group(self) -> str:
        """The consumer group, one a service."""
        return f"dateline.{self.service}"

    @property
    def terms(self) -> Terms:
        """On which terms a process of the service is a member of the group."""
        return Terms(self.service, self.group, self.topics, self.batch_records, self.longest_batch_seconds)


@dataclass
class _Batch(Generic[D]):
    """What one poll gave: the records, what was decoded of each, and the thread that handles them, if one does."""

    records: list[Record]
    moves: int
    started: float
    decoded: list[D | DeadLettered]
    good: list[D]
    handling: Future[Sequence[Outcome]] | None = None


def consume(
    subscription: Subscription[D],
    settings: KafkaSettings,
    producer: Producer,
    health: Health,
    stop: threading.Event,
) -> None:
    """Run until `stop` is set: then the batches in hand are finished, committed, and the group is left."""
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
        self._producer = producer
        self._health = health
        self._stop = stop
        self._tally = DeadLetterTally(subscription.limit) if subscription.limit else None
        self._waiting_for: str | None = None
        self._in_flight: deque[_Batch[D]] = deque()
        self._member = Membership(subscription.terms, settings)
        self._threads = ThreadPoolExecutor(subscription.in_flight, "handling") if subscription.in_flight > 1 else None
        health.checks["kafka"] = lambda: self._waiting_for or self._member.check()

    def run(self) -> None:
        while not self._stop.is_set():
            self._health.beat()
            records = self._member.poll(_SHORT_POLL_SECONDS if self._in_flight else POLL_SECONDS)
            if records:
                self._in_flight.append(self._start(records))
                metrics.IN_FLIGHT.set(len(self._in_flight))
            if not records or len(self._in_flight) >= self._subscription.in_flight:
                self._finish_first()
        while self._in_flight:
            self._finish_first()

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        self._member.close()

    def _start(self, records: list[Record]) -> _Batch[D]:
        started, moves = time.monotonic(), self._member.moves
        decoded = [self._decode(record) for record in records]
        good = [event for event in decoded if not isinstance(event, DeadLettered)]
        batch = _Batch(records, moves, started, decoded, good)
        if self._threads is not None and good:
            batch.handling = self._threads.submit(self._handle, good)
        return batch

    def _finish_first(self) -> None:
        if not self._in_flight:
            return
        batch = self._in_flight[0]
        try:
            self._finish(batch)
        except Abandoned as reason:
            records = [record for each in self._in_flight for record in each.records]
            _log.warning("abandoned, will be read again", batches=len(self._in_flight), records=len(records), reason=str(reason))
            # A thread that still handles one goes on: what it does is done again, which every handle bears.
            self._in_flight.clear()
            self._waiting_for = None
            self._member.resume()
            self._member.rewind(records)
            return
        self._in_flight.popleft()
        metrics.IN_FLIGHT.set(len(self._in_flight))
        metrics.BATCH_SECONDS.observe(time.monotonic() - batch.started)

    def _finish(self, batch: _Batch[D]) -> None:
        handled = iter(self._persist(lambda: self._handled(batch), batch) if batch.good else ())
        outcomes = [event if isinstance(event, DeadLettered) else _fitting(next(handled)) for event in batch.decoded]
        outcomes, spans = trace_batch(batch.records, outcomes, self._subscription.group, batch.started)
        fail_here(FailPoint.HANDLED)
        self._persist(lambda: self._deliver(batch.records, outcomes), batch)
        fail_here(FailPoint.SENT)
        if self._subscription.delivered is not None:
            self._subscription.delivered(outcomes)
        self._persist(lambda: self._member.commit(batch.records, batch.moves), batch)
        fail_here(FailPoint.COMMITTED)
        self._count(batch.records, outcomes)
        end_spans(spans)

    def _handled(self, batch: _Batch[D]) -> Sequence[Outcome]:
        """What came of it in its thread; or else, or again, here."""
        if batch.handling is None:
            return self._handle(batch.good)
        handling, batch.handling = batch.handling, None
        return handling.result()

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
        if letters:
            fail_here(FailPoint.DEAD_LETTER_SENT)

    def _count(self, batch: list[Record], outcomes: list[Outcome]) -> None:
        now = time.time()
        ages = {topic: metrics.EVENT_AGE.labels(topic) for topic in {record.topic for record in batch}}
        for record in batch:
            accepted = parse_seconds(record.header("ce_acceptedtime"))
            if accepted is not None:
                ages[record.topic].observe(max(0.0, now - accepted))
        ends = [(record.topic, outcome.name) for record, outcome in zip(batch, outcomes, strict=True)]
        for (topic, name), count in Counter(ends).items():
            metrics.OUTCOMES.labels(topic, name).inc(count)
        for record, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, DeadLettered):
                metrics.DEAD_LETTERS.labels(record.topic, outcome.code).inc()
                _log.warning("dead letter", record=record.place, code=outcome.code, detail=outcome.detail)
        if self._tally is not None:
            self._tally.add_all(batch, [outcome if isinstance(outcome, DeadLettered) else None for outcome in outcomes])

    def _persist(self, action: Callable[[], R], batch: _Batch[D]) -> R:
        """Do it, however often it takes; Abandoned when the partitions move or the service stops meanwhile."""
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
                self._wait(self._subscription.backoff.delay_seconds(failures, random.uniform), batch.moves)
            else:
                if failures:
                    self._waiting_for = None
                    self._member.resume()
                return result

    def _wait(self, seconds: float, moves: int) -> None:
        try:
            self._member.wait(seconds, moves, self._stop, self._health.beat)
        except Abandoned:
            self._waiting_for = None
            raise


def _fitting(outcome: Outcome) -> Outcome:
    """The outcome, unless it leads to a record that its topic would not take."""
    if isinstance(outcome, Published):
        large = too_large(outcome.records)
        if large is not None:
            return DeadLettered(DeadLetterCode.TOO_LARGE, f"it makes a record of {size_of(large)} bytes for {large.topic}")
    return outcome
