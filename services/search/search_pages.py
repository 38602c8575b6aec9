"""The reader page of a search."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import ConfigDict

from services.search.api import Reader
from services.search.core.answers import SearchAnswer
from services.search.core.page_links import build_take_along
from services.search.core.parameters import PopularFilters, SearchParameters
from services.search.core.queries import build_summaries
from services.search.core.query_errors import QueryError
from services.search.core.results import parse_summaries
from services.search.core.search_page import (
    build_bars,
    build_chips,
    build_filters,
    build_hidden_fields,
    build_link,
    build_wrong_query,
)
from services.search.pages import SiteOf
from services.search.reading import Reading
from shared.indices import ARTICLES

_ANY_ARTICLE = PopularFilters()
router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

#: What a page shows, whatever an address says.
_PAGE_PRESENTATION: Mapping[str, Any] = {"facets": True, "highlight": True, "histogram": True, "explain": False, "fields": ()}


class PageParameters(SearchParameters):
    """A search as it stands in an address bar, with what others may have added to it."""

    model_config = ConfigDict(extra="ignore")


@router.api_route("/search", methods=["GET", "HEAD"])
async def show_search(parameters: Annotated[PageParameters, Query()], reading: Reader, site: SiteOf) -> HTMLResponse:
    """What was found, and filters to narrow it down; or what is wrong with the query, and where."""
    parameters = parameters.model_copy(update=_PAGE_PRESENTATION)
    answer, wrong = None, None
    try:
        answer = await reading.search(parameters)
    except QueryError as error:
        wrong = build_wrong_query(parameters.q, error)
    stories = (*parameters.story, *(facet.value for facet in (answer.facets.story if answer and answer.facets else ())))
    headlines, overview = await asyncio.gather(_fetch_headlines(reading, stories), reading.fetch_overview())
    shown = _show(parameters, answer, headlines) | {"answer": answer, "wrong": wrong, "sections": overview.sections}
    return site.render("search.html", shown, 400 if wrong else 200)


def _show(parameters: SearchParameters, answer: SearchAnswer | None, headlines: Mapping[str, str]) -> dict[str, Any]:
    """What the page makes of a search and its answer."""
    return {
        "parameters": parameters,
        "filters": build_filters(parameters, answer.facets if answer else None, headlines),
        "chips": build_chips(parameters, headlines),
        "bars": build_bars(parameters, answer.histogram if answer else None),
        "hidden": build_hidden_fields(parameters),
        "along": build_take_along(parameters),
        "feed_query": build_link(parameters, {}).partition("?")[2],
        "first": build_link(parameters, {}) if parameters.cursor else None,
        "following": build_link(parameters, {"cursor": answer.cursor}) if answer and answer.cursor else None,
        "meant": build_link(parameters, {"q": answer.did_you_mean}) if answer and answer.did_you_mean else None,
        "q": parameters.q,
    }


async def _fetch_headlines(reading: Reading, story_ids: Iterable[str]) -> dict[str, str]:
    """The headlines of the articles that told stories first, by the ids of these; of retracted ones none."""
    wanted = sorted(set(story_ids))
    if not wanted:
        return {}
    found = parse_summaries(await reading.fetch(ARTICLES, build_summaries(wanted, _ANY_ARTICLE)))
    return {article.article_id: article.headline for article in found}
