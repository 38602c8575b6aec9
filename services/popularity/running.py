"""Runs the counting: the faust app, checkpoints at their times, and an orderly end when the service is stopped."""

import asyncio
import os
import threading
import time
from functools import partial
from typing import Any

import faust

from services.popularity.app import build_app, lag_records
from services.popularity.opening import open_partition
from services.popularity.owned import OwnedPartitions
from services.popularity.settings import PopularitySettings
from services.popularity.storing import Doubted
from shared import metrics
from shared.health import Health
from shared.logs import get_logger

_LOOK_SECONDS = 0.1
#: Together well below the 18 seconds that a stop may take.
_STORE_SECONDS, _LEAVE_SECONDS = 6.0, 6.0
_HARD_END_SECONDS = 15.0
#: sysexits.h EX_TEMPFAIL: what is in memory is in doubt; started again, the service reads what is stored.
EXIT_DOUBT = 75

_log = get_logger(__name__)


async def count_until_stopped(settings: PopularitySettings, health: Health, stop: threading.Event) -> None:
    """Count until `stop` is set, then store, commit and leave the group. Raises what ended the work otherwise, mostly Doubted."""
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fail(error: BaseException) -> None:
        if not failed.done():
            failed.set_exception(error)

    owned = OwnedPartitions(partial(open_partition, settings=settings), settings.popularity.checkpoint_views)
    app = build_app(settings, owned, fail)
    health.checks["partitions"] = owned.check
    starting = asyncio.create_task(app.start(), name="faust")
    try:
        while not stop.is_set():
            await _wait_for_checkpoint(settings.popularity.checkpoint_seconds, owned, failed, stop)
            _raise_failure(app, starting, failed)
            await owned.checkpoint()
            _watch_lag(app, owned)
            health.beat()
        await _finish(app, starting, owned)
    except Exception:
        _end_in_any_case()
        raise
    finally:
        failed.cancel()
        await _leave(app, starting, owned)


async def _finish(app: faust.App, starting: "asyncio.Task[Any]", owned: OwnedPartitions) -> None:
    """Store and commit what was taken. What is not stored in time is counted by the next owner: nothing is lost."""
    try:
        async with asyncio.timeout(_STORE_SECONDS):
            await owned.suspend()
            if starting.done():
                await app.consumer.commit()
    except TimeoutError:
        _log.warning("the last counts were not stored in time; they are counted again", seconds=_STORE_SECONDS)


def _end_in_any_case() -> None:
    """A process that failed must not stay because something does not end."""
    last_resort = threading.Timer(_HARD_END_SECONDS, os._exit, [EXIT_DOUBT])
    last_resort.daemon = True
    last_resort.start()


async def _wait_for_checkpoint(
    seconds: float, owned: OwnedPartitions, failed: "asyncio.Future[None]", stop: threading.Event
) -> None:
    """Until the time is over, lists may be published, enough views wait, or there is something else to see to."""
    end = owned.next_checkpoint(time.monotonic(), seconds)
    full = asyncio.create_task(owned.full.wait())
    watched: set[asyncio.Future[Any]] = {full, failed}
    while not (full.done() or failed.done() or stop.is_set()) and (left := end - time.monotonic()) > 0:
        await asyncio.wait(watched, timeout=min(left, _LOOK_SECONDS), return_when=asyncio.FIRST_COMPLETED)
    full.cancel()


def _raise_failure(app: faust.App, starting: "asyncio.Task[Any]", failed: "asyncio.Future[None]") -> None:
    if failed.done():
        failed.result()
    if starting.done() and starting.exception() is not None:
        raise Doubted(f"faust did not start: {starting.exception()!r}")
    if app.crashed:
        raise Doubted(f"faust ended: {app.crash_reason!r}")


def _watch_lag(app: faust.App, owned: OwnedPartitions) -> None:
    for (topic, partition), next_offset in owned.next_offsets().items():
        lag = lag_records(app, topic, partition, next_offset)
        if lag is not None and lag < 0:
            raise Doubted(
                f"{topic}, partition {partition} ends before offset {next_offset}, which is counted: was it created anew?"
            )
        if lag is not None:
            metrics.LAG.labels(topic, str(partition)).set(lag)


async def _leave(app: faust.App, starting: "asyncio.Task[Any]", owned: OwnedPartitions) -> None:
    """Leave the group, so that others need not wait for the session to end, and let the partitions go."""
    starting.cancel()
    try:
        async with asyncio.timeout(_LEAVE_SECONDS):
            await app.stop()
            await owned.close()
    except TimeoutError:
        _log.warning("faust did not stop in time: the partitions move when the session ends", seconds=_LEAVE_SECONDS)
    except Exception:  # noqa: BLE001 - it ends anyway, and what led here must not be hidden by it
        _log.exception("faust did not stop well: the partitions may move only when the session ends")
