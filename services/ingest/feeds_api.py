"""The HTTP API of feeds: which there are and how they do, add, change, remove, try, OPML in and out. All of it asks for `admin`.

After it: `feed_register` writes to Kafka, `feed_checks` tries an address. Polling is `polling`'s business.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.ingest.core.feed_document import LONGEST_NAME
from services.ingest.core.feed_submissions import CheckSubmission, FeedChange, FeedSubmission
from services.ingest.core.feeds import Feed, NoFeed
from services.ingest.core.opml import OutlinedFeed, build_opml, parse_opml
from services.ingest.core.source_watch import Condition, judge_condition
from services.ingest.core.tokens import Scope
from services.ingest.door import now_utc
from services.ingest.feed_checks import OpenFetcher, check_feed
from services.ingest.feed_register import FeedRefused, FeedRegister, Imported
from services.ingest.feed_table import FeedTable, KnownFeed
from services.ingest.feeds_answers import (
    CheckedFeed,
    CheckedPage,
    FeedAnswer,
    FeedList,
    ImportAnswer,
    RefusedFeed,
    describe_check,
    describe_feed,
    describe_page,
)
from services.ingest.outbox import Outbox
from services.ingest.requests import read_body, require
from services.ingest.settings import DoorSettings
from services.ingest.token_file import ValidTokens
from shared.guarded_fetch import Fetcher, FetchLimits
from shared.web import Problem

#: Checks under way at once; each may hold a child process of some 100 MB.
_MOST_CHECKS = 2
#: Checks that wait for one of these; further ones are told to come again.
_MOST_WAITING = 8
_OPML = "text/x-opml"
_OPML_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            _OPML: {
                "schema": {"type": "string"},
                "example": '<opml version="2.0"><body><outline text="World" xmlUrl="https://courier.example/world.rss"/></body></opml>',
            }
        },
    }
}
_FeedID = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="the feed's id")]
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "no known token", **_PROBLEM},
    403: {"description": "the token lacks the scope admin", **_PROBLEM},
}
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "there is no such feed", **_PROBLEM}}
_NO_OPML: dict[int | str, dict[str, Any]] = {
    413: {"description": "it is larger than is taken at once", **_PROBLEM},
    422: {"description": "it is no OPML", **_PROBLEM},
}


@dataclass(frozen=True, slots=True)
class FeedsDesk:
    """What the API needs: the feeds, a fetcher for every check, and the size of the largest OPML document."""

    register: FeedRegister
    open_fetcher: OpenFetcher
    most_bytes: int


def open_desk(settings: DoorSettings, table: FeedTable, outbox: Outbox) -> FeedsDesk:
    """The desk of a process of ingest: it may fetch from where the poller may."""
    limits = FetchLimits(allowed=settings.allowed_networks)
    return FeedsDesk(
        FeedRegister(table, outbox, limits.allowed), lambda: Fetcher(settings.user_agent, limits), settings.max_request_bytes
    )


def feeds_router(desk: FeedsDesk, tokens: ValidTokens) -> APIRouter:
    """The routes of feeds, below /v1."""
    router = APIRouter(prefix="/v1", tags=["feeds"], dependencies=[Depends(require(Scope.ADMIN, tokens))], responses=_RESPONSES)
    _add_opml(router, desk)
    _add_check(router, desk)
    _add_reading(router, desk)
    _add_writing(router, desk)
    return router


def _add_reading(router: APIRouter, desk: FeedsDesk) -> None:
    @router.get("/feeds")
    async def list_feeds(
        condition: Annotated[Condition | None, Query(description="only feeds in this condition")] = None,
        q: Annotated[str | None, Query(max_length=500, description="part of the URL or title, or the beginning of the id")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        after: Annotated[str | None, Query(max_length=16, description="`next` of the page before")] = None,
    ) -> FeedList:
        """The feeds, in the order of their ids, and how each does."""
        return await asyncio.to_thread(
            build_list, desk.register.table, now_utc(), condition=condition, words=q, limit=limit, after=after
        )

    @router.get("/feeds/{feed_id}", responses=_NOT_FOUND)
    async def show_feed(feed_id: _FeedID) -> FeedAnswer:
        """One feed, and how it does."""
        return describe_feed(_found(desk.register.table.get(feed_id)), now_utc())


def _add_writing(router: APIRouter, desk: FeedsDesk) -> None:
    @router.post("/feeds", status_code=201, responses={200: {"model": FeedAnswer, "description": "it was known, and is changed"}})
    async def add_feed(submission: FeedSubmission, response: Response) -> FeedAnswer:
        """Add a feed. Nothing is fetched yet: the poller does so soon, and the feed's condition tells how it went."""
        try:
            feed, is_new = await desk.register.add(submission)
        except FeedRefused as error:
            raise _not_taken(str(error)) from error
        response.status_code = 201 if is_new else 200
        return describe_feed(feed, now_utc())

    @router.patch("/feeds/{feed_id}", responses=_NOT_FOUND)
    async def change_feed(feed_id: _FeedID, change: FeedChange) -> FeedAnswer:
        """Pause or resume a feed, or change what was set: what is left out stays, null clears."""
        return describe_feed(_found(await desk.register.change(feed_id, change)), now_utc())

    @router.delete("/feeds/{feed_id}", status_code=204, responses=_NOT_FOUND)
    async def remove_feed(feed_id: _FeedID) -> None:
        """Take a feed out, with all that is known of it. Its articles stay."""
        if not await desk.register.remove(feed_id):
            raise _unknown()


def _add_check(router: APIRouter, desk: FeedsDesk) -> None:
    slots = asyncio.Semaphore(_MOST_CHECKS)
    waiting: set[object] = set()

    @router.post("/feeds/check")
    async def check(submission: CheckSubmission) -> CheckedFeed | CheckedPage:
        """Fetch and read a feed, and show what would be taken of it. Nothing is published, and no feed is added.

        For a web page that names feeds, the answer is which these are (`kind` is `page`).
        """
        if len(waiting) >= _MOST_CHECKS + _MOST_WAITING:
            raise Problem(503, "too many feeds are being checked; try again in some seconds", headers={"Retry-After": "5"})
        mark = object()
        waiting.add(mark)
        try:
            async with slots:
                url, checked = await asyncio.to_thread(check_feed, submission.url, desk.open_fetcher)
        finally:
            waiting.discard(mark)
        if isinstance(checked, Feed):
            return describe_check(checked, url)
        if isinstance(checked, tuple):
            return describe_page(checked, url)
        raise _not_taken(checked.reason)


def _add_opml(router: APIRouter, desk: FeedsDesk) -> None:
    @router.get("/feeds.opml", response_class=Response, responses={200: {"content": {_OPML: {}}}})
    async def export_opml() -> Response:
        """Every feed as OPML, for other feed readers; paused ones too."""
        content = await asyncio.to_thread(lambda: build_opml([_outlined(feed) for feed in desk.register.table.all()]))
        return Response(content, media_type=_OPML, headers={"Content-Disposition": 'attachment; filename="feeds.opml"'})

    @router.post("/feeds.opml", openapi_extra=_OPML_BODY, responses=_NO_OPML)
    async def import_opml(request: Request) -> ImportAnswer:
        """Add the feeds of an OPML document that are not known yet; those that are known stay as they are."""
        body = await read_body(request, desk.most_bytes)
        outlined = await asyncio.to_thread(parse_opml, body)
        if isinstance(outlined, NoFeed):
            raise Problem(422, f"no feeds can be read from this: {outlined.reason}", [{"field": "body", "detail": outlined.reason}])
        return _imported(await desk.register.take_in(outlined))


def build_list(
    table: FeedTable, now: datetime, *, condition: Condition | None, words: str | None, limit: int, after: str | None
) -> FeedList:
    """A page of the feeds that match; `after` is the id that the page before ended with."""
    matching = [feed for feed in table.all() if words is None or _names(feed, words.casefold())]
    if condition is not None:
        matching = [feed for feed in matching if judge_condition(feed.definition, feed.state, now)[0] == condition]
    rest = [feed for feed in matching if feed.definition.feed_id > (after or "")]
    page = [describe_feed(feed, now) for feed in rest[:limit]]
    return FeedList(feeds=page, total=len(matching), next=page[-1].id if len(rest) > limit else None)


def _names(feed: KnownFeed, words: str) -> bool:
    title = (feed.state.title if feed.state else None) or ""
    return words in feed.definition.url.casefold() or words in title.casefold() or feed.definition.feed_id.startswith(words)


def _outlined(feed: KnownFeed) -> OutlinedFeed:
    title = feed.definition.publisher or (feed.state.title if feed.state else None)
    return OutlinedFeed(url=feed.definition.url, title=title and title[:LONGEST_NAME], section=feed.definition.section)


def _imported(imported: Imported) -> ImportAnswer:
    refused = [RefusedFeed(url=feed.url, title=feed.title, reason=reason) for feed, reason in imported.refused]
    return ImportAnswer(added=imported.added, known=imported.known, refused=refused)


def _found(feed: KnownFeed | None) -> KnownFeed:
    if feed is None:
        raise _unknown()
    return feed


def _unknown() -> Problem:
    return Problem(404, "there is no feed of this id")


def _not_taken(reason: str) -> Problem:
    return Problem(422, f"this is not taken as a feed: {reason}", [{"field": "url", "detail": reason}])
