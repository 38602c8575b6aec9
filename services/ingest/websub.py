"""Where WebSub hubs call back: to verify that a subscription was wanted, and to deliver what is new.

Before it: `websub_subscribing` asked the hub. After it: `websub_deliveries`. Not under `/v1`, not in OpenAPI: only hubs call it,
at addresses that they were given.
"""

import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from services.ingest.core.feed_records import feed_record, forget_lease
from services.ingest.core.websub import Callback, Denied, Verified, is_signed, judge_verification
from services.ingest.door import now_utc
from services.ingest.feed_table import FeedTable, KnownFeed
from services.ingest.outbox import Outbox
from services.ingest.requests import read_body
from services.ingest.websub_deliveries import Deliveries
from shared.failures import Unavailable
from shared.logs import get_logger
from shared.outcomes import NewRecord
from shared.web import Problem

_log = get_logger(__name__)
#: A hub may call back before this process has learnt that another one asked it.
_LEARNT_SECONDS, _LOOK_SECONDS = 3.0, 0.1
_PLAIN = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Known:
    """The feeds that are known, and whether that is all of them: before, a delivery for an unknown one would end it."""

    table: FeedTable
    learnt: threading.Event


def websub_router(callback: Callback, known: Known, outbox: Outbox, deliveries: Deliveries, most_bytes: int) -> APIRouter:
    """The routes of hubs.

    Args:
        callback: what the keys in the hubs' addresses are checked by.
        known: the feeds.
        outbox: stores leases.
        deliveries: takes what was signed rightly.
        most_bytes: larger deliveries get 413.
    """
    router = APIRouter(include_in_schema=False)
    calls = _Calls(callback, known, outbox, deliveries, most_bytes)

    @router.get("/websub/{feed_id}")
    async def verify(feed_id: str, request: Request, key: str = "") -> Response:
        """Echo the challenge of a hub that was asked lately; 404 for everybody else."""
        calls.check_key(feed_id, key)
        return await calls.verify(feed_id, request.query_params)

    @router.post("/websub/{feed_id}")
    async def deliver(feed_id: str, request: Request, key: str = "") -> Response:
        """Take what a hub delivers: 204 when Kafka has it, 202 for what is not signed rightly, 410 for a feed not wanted."""
        calls.check_key(feed_id, key)
        return await calls.deliver(feed_id, request)

    return router


@dataclass(frozen=True, slots=True)
class _Calls:
    """What hubs call."""

    callback: Callback
    known: Known
    outbox: Outbox
    deliveries: Deliveries
    most_bytes: int

    def check_key(self, feed_id: str, key: str) -> None:
        if not self.callback.is_key(feed_id, key):
            raise _not_asked()
        if not self.known.learnt.is_set():
            raise Unavailable("the feeds are not known yet")

    async def verify(self, feed_id: str, parameters: Mapping[str, str]) -> Response:
        judged = await _judge_when_learnt(self.known.table, feed_id, parameters)
        feed = self.known.table.get(feed_id)
        if feed is None or judged is None:
            raise _not_asked()
        if isinstance(judged, Denied):
            _log.warning("hub denies", feed=feed.definition.url, reason=judged.reason)
            await self._forget(feed)
            return Response()
        delivers = feed.lease is not None and feed.lease.delivers
        lease = judged.lease.model_copy(update={"delivers": delivers})
        await self._store(feed_record(lease, self._partition(feed)))
        _log.info("hub verified", feed=feed.definition.url, expires=judged.lease.expires.isoformat())
        return Response(judged.challenge, headers=_PLAIN)

    async def deliver(self, feed_id: str, request: Request) -> Response:
        feed = self.known.table.get(feed_id)
        if feed is None or feed.definition.paused:
            if feed is not None and feed.lease is not None:  # so that the hub is asked again when the feed goes on
                await self._forget(feed)
            raise Problem(410, "this feed is not wanted any more")
        body = await read_body(request, self.most_bytes)
        if not is_signed(body, request.headers.get("X-Hub-Signature"), self.callback.signing_secret(feed_id)):
            _log.warning("delivery ignored: it is not signed as it must be", feed=feed.definition.url)
            await self._note(feed, delivers=False)
            return Response(status_code=202)
        await self.deliveries.take(feed, body)
        await self._note(feed, delivers=True)
        return Response(status_code=204)

    async def _note(self, feed: KnownFeed, *, delivers: bool) -> None:
        """Polls become rarer only with a hub that was seen to work: some verify, but do not push."""
        known = self.known.table.get(feed.definition.feed_id)  # it may have been renewed meanwhile
        if known is not None and known.lease is not None and known.lease.delivers != delivers:
            lease = known.lease.model_copy(update={"delivers": delivers})
            await self._store(feed_record(lease, self._partition(feed)))

    async def _forget(self, feed: KnownFeed) -> None:
        await self._store(forget_lease(feed.definition.feed_id, self._partition(feed)))

    async def _store(self, record: NewRecord) -> None:
        await self.outbox.send([record])
        self.known.table.learn([record])

    def _partition(self, feed: KnownFeed) -> int:
        return self.known.table.partition_of(feed.definition.url)


def _not_asked() -> Problem:
    return Problem(404, "no such subscription was asked for")


async def _judge_when_learnt(table: FeedTable, feed_id: str, parameters: Mapping[str, str]) -> Verified | Denied | None:
    deadline = time.monotonic() + _LEARNT_SECONDS
    while True:
        feed = table.get(feed_id)
        if feed is not None and feed.state is not None:
            judged = judge_verification(parameters, feed.definition, feed.state, now_utc())
            if judged is not None:
                return judged
        if parameters.get("hub.mode") != "subscribe" or time.monotonic() >= deadline:
            return None
        await asyncio.sleep(_LOOK_SECONDS)
