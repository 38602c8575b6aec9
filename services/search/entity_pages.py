"""The reader page of somebody or something that articles name."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from services.search.api import Reader
from services.search.core.answers import ArticleSummary, Histogram
from services.search.core.entity_page import (
    LONGEST_ENTITY_ID,
    EntityPage,
    build_entity,
    build_entity_histogram,
    build_entity_popular,
    build_name_of,
    build_named_lately,
    parse_entity,
    parse_entity_cursor,
    parse_name_of,
    parse_named_lately,
    parse_popular,
)
from services.search.core.page_links import build_take_along
from services.search.core.parameters import LONGEST_FILTER, CursorText, SearchParameters
from services.search.core.search_body import choose_interval
from services.search.core.search_page import build_bars
from services.search.core.search_results import parse_histogram
from services.search.pages import Site, SiteOf
from services.search.reading import Reading
from shared.indices import ARTICLES

_SIZE = 20
#: Who was named in the articles of so many days is offered where an address leads to nobody.
_LATELY_DAYS = 7
router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.api_route("/entities/{entity_id}", methods=["GET", "HEAD"])
async def show_entity(
    entity_id: str, reading: Reader, site: SiteOf, cursor: Annotated[CursorText | None, Query()] = None
) -> HTMLResponse:
    """The articles that name it, newest first, and what is known of it from them; others to look at where none does."""
    after = parse_entity_cursor(entity_id, cursor) if cursor else None
    found = None
    if len(entity_id) <= LONGEST_ENTITY_ID:
        found = parse_entity(await reading.fetch(ARTICLES, build_entity(entity_id, _SIZE, after)), entity_id, _SIZE)
    if found is None:
        return await _show_nobody(reading, site)
    is_first = cursor is None
    histogram, popular, country, overview = await asyncio.gather(
        _fetch_histogram(reading, found if is_first else None),
        _fetch_popular(reading, entity_id if is_first else None),
        _fetch_country(reading, found.country_id),
        reading.fetch_overview(),
    )
    asked = search_for(found)
    shown = {
        "entity": found,
        "country": country,
        "popular_articles": popular,
        "bars": build_bars(asked, histogram),
        "along": build_take_along(asked),
        "is_first": is_first,
        "sections": overview.sections,
    }
    return site.render("entity.html", shown)


def search_for(entity: EntityPage) -> SearchParameters:
    """The search that comes nearest: for its names. A namesake is found by it as well."""
    return SearchParameters(entity=tuple(name for name in entity.names if len(name) <= LONGEST_FILTER))


async def _fetch_histogram(reading: Reading, entity: EntityPage | None) -> Histogram | None:
    if entity is None:
        return None
    interval = choose_interval(*entity.span)
    return parse_histogram(await reading.fetch(ARTICLES, build_entity_histogram(entity.entity_id, interval)), interval)


async def _fetch_popular(reading: Reading, entity_id: str | None) -> Sequence[ArticleSummary]:
    return () if entity_id is None else parse_popular(await reading.fetch(ARTICLES, build_entity_popular(entity_id)))


async def _fetch_country(reading: Reading, country_id: str | None) -> str | None:
    return None if country_id is None else parse_name_of(await reading.fetch(ARTICLES, build_name_of(country_id)))


async def _show_nobody(reading: Reading, site: Site) -> HTMLResponse:
    lately, overview = await asyncio.gather(reading.fetch(ARTICLES, build_named_lately(_LATELY_DAYS)), reading.fetch_overview())
    return site.render("no-entity.html", {"lately": parse_named_lately(lately), "sections": overview.sections}, 404)
