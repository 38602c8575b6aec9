"""Matches of saved searches for those who follow them: as a feed, and as they come."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.search.api import Reader
from services.search.archive import ArchiveOf
from services.search.core.feeds_out import Feed, build_entry
from services.search.core.parameters import CursorText, Size
from services.search.core.saved import build_filters
from services.search.feeds import ANSWERED, FormPath, send_feed
from services.search.problems import problems
from services.search.saved_api import NO_SUCH_SEARCH, Saved
from services.search.saving import SavedSearchesOf
from services.search.site_address import SiteAddressOf
from services.search.streams_api import FULL, STREAM_ANSWERED, LastEventID, StreamsOf, follow_search

Since = Annotated[
    CursorText | None, Query(description="the id of the last event, or a cursor of `/v1/changes`; from now on if absent")
]
router = APIRouter(default_response_class=Response)


@router.head("/feeds/saved/{search_id}.{form}", include_in_schema=False)  # noqa: FAST003 - `Saved` takes it
@router.get(
    "/feeds/saved/{search_id}.{form}",
    summary="Feed of a saved search",
    responses=ANSWERED | problems(status_404=NO_SUCH_SEARCH),
)
async def get_saved_feed(
    saved: Saved,
    form: FormPath,
    saved_searches: SavedSearchesOf,
    site: SiteAddressOf,
    request: Request,
    size: Annotated[Size, Query()] = 30,
) -> Response:
    """Its newest matches, each article once. An article that changes and fits again moves to the top."""
    answer = await saved_searches.fetch_matches(saved.search_id, size, None)
    articles = {match.article.article_id: match.article for match in reversed(answer.matches)}
    name = saved.name or saved.search_id
    feed = Feed(
        title=f"{name}: {site.name}",
        description=f"Articles that fit the saved search {name}",
        site_name=site.name,
        url=site.link(f"/feeds/saved/{saved.search_id}.{form}", request.url.query),
        page_url=site.link("/"),
        entries=tuple(build_entry(article, site.url) for article in reversed(articles.values())),
    )
    return await send_feed(feed, form, request)


@router.get(
    "/v1/stream/saved/{search_id}",  # noqa: FAST003 - `Saved` takes it
    summary="New matches of a saved search",
    responses=STREAM_ANSWERED
    | problems(status_400="The id of the last event cannot be read", status_404=NO_SUCH_SEARCH, status_503=FULL),
)
async def stream_saved(
    saved: Saved, reading: Reader, archive: ArchiveOf, streams: StreamsOf, since: Since = None, last_event_id: LastEventID = None
) -> Response:
    """The same as `/v1/stream/search` for what the saved search asks."""
    return await follow_search(build_filters(saved), last_event_id or since or None, reading, archive, streams)
