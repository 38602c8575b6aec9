"""Writes the new states of feeds to `feeds.state`, many at once: while Kafka acknowledges one batch, the next gathers.

Before it: `feed_poll`, whose entries Kafka has acknowledged. After it: the table, and whoever takes the partition over.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.ingest.core.feed_records import FeedState, feed_record, forget_feed
from services.ingest.feed_table import FeedTable
from shared.logs import get_logger
from shared.producing import Producer

_log = get_logger(__name__)
_MOST_IN_BATCH = 1_000
_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class NewState:
    """A state to be written to a feed's partition."""

    state: FeedState
    partition: int


class StateWriter:
    """One thread writes; `written` is told of every state that was stored, or was no longer wanted."""

    def __init__(self, producer: Producer, table: FeedTable, written: Callable[[Sequence[NewState]], None]) -> None:
        self._producer = producer
        self._table = table
        self._written = written
        self._queue: queue.SimpleQueue[NewState | None] = queue.SimpleQueue()
        self._closing = threading.Event()

    def put(self, state: FeedState, partition: int) -> None:
        """Have a state written soon."""
        self._queue.put(NewState(state, partition))

    def close(self) -> None:
        """`run` ends when it has written what was put in before; with a Kafka that is away it does not wait."""
        self._closing.set()
        self._queue.put(None)

    def run(self) -> None:
        """Write until closed."""
        while (first := self._queue.get()) is not None:
            batch, last = self._gather(first)
            self._write(batch)
            if last:
                return

    def _gather(self, first: NewState) -> tuple[list[NewState], bool]:
        batch = [first]
        while len(batch) < _MOST_IN_BATCH:
            try:
                each = self._queue.get_nowait()
            except queue.Empty:
                break
            if each is None:
                return batch, True
            batch.append(each)
        return batch, False

    def _write(self, batch: list[NewState]) -> None:
        left = batch
        while left:
            left = self._write_once(left)
            if left:
                _log.warning("states of feeds are written later", feeds=len(left))
                if self._closing.wait(_RETRY_SECONDS):
                    return

    def _write_once(self, batch: list[NewState]) -> list[NewState]:
        """The states that Kafka has not acknowledged."""
        wanted = [each for each in batch if self._table.definition(each.state.feed_id) is not None]
        unwanted = [each for each in batch if each not in wanted] if len(wanted) < len(batch) else []
        records = [feed_record(each.state, each.partition) for each in wanted]
        failures = self._producer.send_each(records)
        self._table.learn([record for record, failure in zip(records, failures, strict=True) if failure is None])
        stored = [each for each, failure in zip(wanted, failures, strict=True) if failure is None]
        self._forget_removed(stored)
        self._written([*stored, *unwanted])
        return [each for each, failure in zip(wanted, failures, strict=True) if failure is not None]

    def _forget_removed(self, stored: Sequence[NewState]) -> None:
        """A feed that was taken out while its state was on its way leaves nothing behind."""
        removed = [each for each in stored if self._table.definition(each.state.feed_id) is None]
        if removed:
            records = [record for each in removed for record in forget_feed(each.state.feed_id, each.partition)]
            self._producer.send_each(records)
            self._table.learn(records)
