"""Sends what many requests accept at once as one batch: while Kafka acknowledges one, the next gathers.

One thread for all requests instead of one each: a request costs a tenth of the time, and no request waits for a timer. Views that
gather are put into common records, one for each partition.
"""

import asyncio
import queue
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from services.ingest.core.views import VIEWS_A_RECORD, PlacedView, build_view_records
from shared.outcomes import NewRecord
from shared.producing import Producer

#: Records and views of one batch: a few megabytes at most.
_MOST_THINGS = 4_000
#: How long few views wait for others: to send a batch costs as much as ten views, and no reader waits for the answer.
_GATHER_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class _Waiting:
    records: Sequence[NewRecord]
    views: Sequence[PlacedView]
    loop: asyncio.AbstractEventLoop
    acknowledged: "asyncio.Future[None]"

    def __len__(self) -> int:
        return len(self.records) + len(self.views)


class Outbox:
    """Used as a context manager; when it closes, what was put in before is sent first."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="outbox")

    async def send(self, records: Sequence[NewRecord]) -> None:
        """Returns when Kafka has acknowledged all; raises what `Producer.send_all` raises when it has not."""
        await self._acknowledged(records, ())

    async def send_views(self, views: Sequence[PlacedView]) -> None:
        """As `send`, in records that may hold views of other requests too."""
        await self._acknowledged((), views)

    async def _acknowledged(self, records: Sequence[NewRecord], views: Sequence[PlacedView]) -> None:
        loop = asyncio.get_running_loop()
        acknowledged: asyncio.Future[None] = loop.create_future()
        self._queue.put(_Waiting(records, views, loop, acknowledged))
        await acknowledged

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            if 0 < len(first.views) < VIEWS_A_RECORD:
                time.sleep(_GATHER_SECONDS)
            batch, closing = self._gather(first)
            self._send(batch)
            if closing:
                return

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        batch, count = [first], len(first)
        while count < _MOST_THINGS:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                return batch, True
            batch.append(waiting)
            count += len(waiting)
        return batch, False

    def _send(self, batch: list[_Waiting]) -> None:
        failures: list[Exception | None]
        try:
            failures = self._failures(batch)
        except Exception as error:  # noqa: BLE001 - it is raised in the requests that wait
            failures = [error] * len(batch)
        for waiting, failure in zip(batch, failures, strict=True):
            with suppress(RuntimeError):  # its loop is closed: nobody waits any more
                waiting.loop.call_soon_threadsafe(_settle, waiting.acknowledged, failure)

    def _failures(self, batch: Sequence[_Waiting]) -> list[Exception | None]:
        """Sends all, and answers for each None, or why one of its records was not acknowledged."""
        records = [record for waiting in batch for record in waiting.records]
        views = [view for waiting in batch for view in waiting.views]
        now = datetime.fromtimestamp(time.time(), UTC)
        of_views, places = build_view_records(views, secrets.token_hex(8), now)
        results = self._producer.send_each([*records, *of_views])
        left, left_places = iter(results), iter(places)
        own = [[next(left) for _ in waiting.records] for waiting in batch]
        for mine, waiting in zip(own, batch, strict=True):
            mine += [results[len(records) + next(left_places)] for _ in waiting.views]
        return [next((result for result in mine if result is not None), None) for mine in own]


def _settle(acknowledged: "asyncio.Future[None]", failure: Exception | None) -> None:
    if acknowledged.done():  # the client went away meanwhile
        return
    if failure is None:
        acknowledged.set_result(None)
    else:
        acknowledged.set_exception(failure)
