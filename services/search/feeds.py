"""Feeds of every search and every Most Popular list, for whoever reads news in a feed reader."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from services.search.api import Reader
from services.search.archive import ArchiveOf
from services.search.conditional import send_document
from services.search.core.feed_titles import title_list, title_search
from services.search.core.feeds_out import MEDIA_TYPES, Feed, Form, build_entry, build_feed
from services.search.core.parameters import PopularParameters, SearchParameters, Size, Sort
from services.search.core.search_page import build_link
from services.search.problems import problems
from services.search.site_address import SiteAddressOf

#: Readers that come sooner are answered from caches on the way.
_KEPT_SECONDS = 60
#: What only the answer of a search can show.
_NOT_IN_FEEDS: dict[str, Any] = {"facets": False, "histogram": False, "explain": False, "fields": ()}


class FeedParameters(SearchParameters):
    """A search, newest first unless it says otherwise. What only the answer of a search can show is not asked for."""

    size: Size = 30


FormPath = Annotated[Form, Path(description="`rss` (2.0), `atom` or `json` (JSON Feed 1.1)")]
_CONTENT: dict[str, Any] = {media_type.partition(";")[0]: {"schema": {"type": "string"}} for media_type in MEDIA_TYPES.values()}
ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"description": "The feed, in the form that is asked for", "content": _CONTENT},
    304: {"description": "It is as it was at the last request, which `If-None-Match` or `If-Modified-Since` tells"},
}

router = APIRouter(prefix="/feeds", default_response_class=Response)


@router.head("/search.{form}", include_in_schema=False)
@router.get(
    "/search.{form}",
    summary="Feed of a search",
    responses=ANSWERED | problems(status_400="`q` or the cursor cannot be read, or the search is too complex"),
)
async def get_search_feed(
    form: FormPath,
    parameters: Annotated[FeedParameters, Query()],
    reading: Reader,
    archive: ArchiveOf,
    site: SiteAddressOf,
    request: Request,
) -> Response:
    """What a search finds, newest first: the feed of a section is that of the search for `section`.

    Entries keep their ids whatever changes. Where no article has all words the feed is empty: it holds no guesses.
    """
    sort = parameters.sort or Sort.DATE
    asked = parameters.model_copy(update={**_NOT_IN_FEEDS, "sort": sort})
    # Asked for before the articles are: what changes in between makes the date too old, and then a reader gets the feed once more.
    modified = await archive.fetch_last_change() if _changes_with_articles_only(asked) else None
    answer = await reading.search(asked)
    hits = () if answer.is_relaxed else answer.hits
    query = build_link(parameters, {}).partition("?")[2]
    following = urlencode({"cursor": answer.cursor}) if answer.cursor and hits else ""
    own_url = site.link(f"/feeds/search.{form}", request.url.query)
    feed = Feed(
        title=f"{title_search(parameters)}: {site.name}",
        description=f"Articles from a search: {title_search(parameters)}",
        site_name=site.name,
        url=own_url,
        page_url=site.link("/search", query),
        entries=tuple(build_entry(hit, site.url) for hit in hits),
        next_url=site.link(f"/feeds/search.{form}", "&".join(filter(None, (query, following)))) if following else None,
        language=_language(parameters.language),
    )
    return await send_feed(feed, form, request, modified)


def _changes_with_articles_only(asked: SearchParameters) -> bool:
    """Whether it stays as it is while nothing is indexed: what readers did, and the age of articles, change without that."""
    return asked.order == Sort.DATE and asked.has_comments is None


@router.head("/most-popular.{form}", include_in_schema=False)
@router.get("/most-popular.{form}", summary="Feed of a Most Popular list", responses=ANSWERED | problems())
async def get_most_popular_feed(
    form: FormPath, parameters: Annotated[PopularParameters, Query()], reading: Reader, site: SiteAddressOf, request: Request
) -> Response:
    """A Most Popular list in its order. Counts are left out, so that a feed changes only when its articles or their order do."""
    popular = await reading.fetch_most_popular(parameters)
    feed = Feed(
        title=f"{title_list(parameters)}: {site.name}",
        description=f"{title_list(parameters)}, best first",
        site_name=site.name,
        url=site.link(f"/feeds/most-popular.{form}", request.url.query),
        page_url=site.link("/"),
        entries=tuple(build_entry(entry, site.url) for entry in popular.entries),
        language=_language(parameters.language),
    )
    return await send_feed(feed, form, request)


def _language(languages: tuple[str, ...]) -> str | None:
    return languages[0] if len(languages) == 1 else None


async def send_feed(feed: Feed, form: Form, request: Request, modified: datetime | None = None) -> Response:
    """The feed in a form, or 304. `modified`: since when it is as it is, where that is known."""
    content = await asyncio.to_thread(build_feed, feed, form)
    return send_document(request, content, MEDIA_TYPES[form], _KEPT_SECONDS, modified)
