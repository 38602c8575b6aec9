"""Sends what many requests accept at once as one batch: while Kafka acknowledges one, the next gathers.

One thread for all requests instead of one each: a request costs a tenth of the time, and no request waits for a timer. Views,
readings and shares that gather are put into common records, one for each partition. Readings and shares are few and nobody waits
for their answer, so they gather for longer.
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

from services.ingest.core.common_records import VIEWS_A_RECORD, Placed, build_records
from shared.failpoints import FailPoint, fail_here
from shared.outcomes import NewRecord
from shared.producing import Producer

#: Records, views and reports of one batch: a few megabytes at most.
_MOST_THINGS = 4_000
#: How long few views wait for others: to send a batch costs as much as ten views, and no reader waits for the answer.
_GATHER_SECONDS = 0.002
#: How long readings and shares wait for others.
_REPORTS_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class _Waiting:
    records: Sequence[NewRecord]
    placed: Sequence[Placed]
    has_time: bool
    loop: asyncio.AbstractEventLoop
    acknowledged: "asyncio.Future[None]"

    def __len__(self) -> int:
        return len(self.records) + len(self.placed)


class _Gathering:
    """Readings and shares that wait for others, until the first of them has waited long enough or they fill a record."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._number = 0
        self._due = 0.0

    def add(self, waiting: _Waiting) -> None:
        if not self._waiting:
            self._due = time.monotonic() + _REPORTS_SECONDS
        self._waiting.append(waiting)
        self._number += len(waiting)

    def seconds_left(self) -> float | None:
        """Until they are due; None when there are none."""
        if not self._waiting:
            return None
        return 0.0 if self._number >= VIEWS_A_RECORD else max(0.0, self._due - time.monotonic())

    def take(self) -> list[_Waiting]:
        taken, self._waiting, self._number = self._waiting, [], 0
        return taken


class Outbox:
    """Used as a context manager; when it closes, what was put in before is sent first."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._reports = _Gathering()
        self._thread = threading.Thread(target=self._run, name="outbox")

    async def send(self, records: Sequence[NewRecord]) -> None:
        """Returns when Kafka has acknowledged all; raises what `Producer.send_all` raises when it has not."""
        await self._acknowledged(records, (), has_time=False)

    async def send_views(self, views: Sequence[Placed]) -> None:
        """As `send`, in records that may hold views of other requests too."""
        await self._acknowledged((), views, has_time=False)

    async def send_reports(self, reports: Sequence[Placed]) -> None:
        """As `send_views`, for readings and shares; they wait longer for others."""
        await self._acknowledged((), reports, has_time=True)

    async def _acknowledged(self, records: Sequence[NewRecord], placed: Sequence[Placed], *, has_time: bool) -> None:
        loop = asyncio.get_running_loop()
        acknowledged: asyncio.Future[None] = loop.create_future()
        self._queue.put(_Waiting(records, placed, has_time, loop, acknowledged))
        await acknowledged

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._gather()
            if not is_open or self._reports.seconds_left() == 0.0:
                batch += self._reports.take()
            if batch:
                self._send(batch)

    def _gather(self) -> tuple[list[_Waiting], bool]:
        """What is to be sent at once, and whether more may come; nothing when it is time for what has gathered."""
        try:
            waiting = self._queue.get(timeout=self._reports.seconds_left())
        except queue.Empty:
            return [], True
        if waiting is not None and not waiting.has_time and 0 < len(waiting.placed) < VIEWS_A_RECORD:
            time.sleep(_GATHER_SECONDS)
        batch: list[_Waiting] = []
        count = 0
        while waiting is not None:
            if waiting.has_time:
                self._reports.add(waiting)
            else:
                batch.append(waiting)
            count += len(waiting)
            if count >= _MOST_THINGS:
                return batch, True
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _send(self, batch: list[_Waiting]) -> None:
        failures: list[Exception | None]
        try:
            failures = self._failures(batch)
            fail_here(FailPoint.ACKNOWLEDGED)
        except Exception as error:  # noqa: BLE001 - it is raised in the requests that wait
            failures = [error] * len(batch)
        for waiting, failure in zip(batch, failures, strict=True):
            with suppress(RuntimeError):  # its loop is closed: nobody waits any more
                waiting.loop.call_soon_threadsafe(_settle, waiting.acknowledged, failure)

    def _failures(self, batch: Sequence[_Waiting]) -> list[Exception | None]:
        """Sends all, and answers for each None, or why one of its records was not acknowledged."""
        records = [record for waiting in batch for record in waiting.records]
        placed = [each for waiting in batch for each in waiting.placed]
        now = datetime.fromtimestamp(time.time(), UTC)
        common, places = build_records(placed, secrets.token_hex(8), now)
        results = self._producer.send_each([*records, *common])
        left, left_places = iter(results), iter(places)
        own = [[next(left) for _ in waiting.records] for waiting in batch]
        for mine, waiting in zip(own, batch, strict=True):
            mine += [results[len(records) + next(left_places)] for _ in waiting.placed]
        return [next((result for result in mine if result is not None), None) for mine in own]


def _settle(acknowledged: "asyncio.Future[None]", failure: Exception | None) -> None:
    if acknowledged.done():  # the client went away meanwhile
        return
    if failure is None:
        acknowledged.set_result(None)
    else:
        acknowledged.set_exception(failure)
