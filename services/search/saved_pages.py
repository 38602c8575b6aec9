"""The reader pages of saved searches: how to save one, a form that does it where readers may, and what has matched since."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ConfigDict

from services.search.api import Reader
from services.search.core.feed_titles import title_search
from services.search.core.page_links import build_filter_query, build_take_along
from services.search.core.parameters import CursorText, SearchFilters, SearchParameters
from services.search.core.same_origin import is_same_origin
from services.search.core.save_page import MOST_FORM_BYTES, build_command, build_submission, parse_save_form
from services.search.core.saved import MatchesAnswer, build_filters
from services.search.core.search_page import build_chips, build_hidden_fields
from services.search.pages import SiteOf
from services.search.saved_api import NO_SUCH_SEARCH, publish_search
from services.search.saving import SavedSearches, SavedSearchesOf
from services.search.settings import ReadingSettings
from services.search.site_address import SiteAddress, SiteAddressOf
from shared.web import Problem

_SIZE = 20
_FORM = "application/x-www-form-urlencoded"
_NOT_HERE = "readers cannot save searches here: somebody with a token can, and every search has a feed"
router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


class ToSave(SearchFilters):
    """A search as it stands in an address bar, with what others may have added to it."""

    model_config = ConfigDict(extra="ignore")


@router.api_route("/saved", methods=["GET", "HEAD"])
async def show_saving(
    filters: Annotated[ToSave, Query()], reading: Reader, site: SiteOf, address: SiteAddressOf, request: Request
) -> HTMLResponse:
    """How to follow a search: its feeds, a form where readers may save it, else the command for who has a token."""
    asked = _parameters(filters)
    settings: ReadingSettings = request.app.state.settings
    overview = await reading.fetch_overview()
    shown = {
        "asked": asked,
        "title": title_search(asked),
        "chips": build_chips(asked),
        "hidden": (*((("q", asked.q),) if asked.q else ()), *_hidden(asked)),
        "along": build_take_along(asked),
        "fault": _find_fault(asked),
        "may_save": settings.readers_save_until > 0,
        "command": build_command(address.link("/v1/saved-searches"), asked),
        "sections": overview.sections,
    }
    return site.render("saving.html", shown)


def _parameters(filters: SearchFilters) -> SearchParameters:
    return SearchParameters.model_validate({name: getattr(filters, name) for name in SearchFilters.model_fields})


def _hidden(asked: SearchParameters) -> tuple[tuple[str, str], ...]:
    dates = (("from", asked.date_from), ("to", asked.date_to))
    return (*build_hidden_fields(asked), *((name, str(bound)) for name, bound in dates if bound is not None))


def _find_fault(asked: SearchFilters) -> str | None:
    """Why such a search cannot be saved; None when it can."""
    try:
        _ = build_submission({name: getattr(asked, name) for name in SearchFilters.model_fields}).query
    except ValueError as error:  # QueryError is one
        return str(error)
    return None


@router.post("/saved")
async def save(request: Request, address: SiteAddressOf, saved_searches: SavedSearchesOf) -> Response:
    """Save the search of the form, and lead to the page of its matches, which nobody else knows the address of."""
    settings: ReadingSettings = request.app.state.settings
    if not settings.readers_save_until:
        raise Problem(403, _NOT_HERE)
    _require_own_form(request, address)
    body = await request.body()  # no longer than `body_limit` lets through
    if len(body) > MOST_FORM_BYTES:
        raise Problem(413, "a search to be saved may not be as long as that")
    try:
        asked = parse_save_form(body)
    except ValueError as error:
        raise Problem(422, f"this search cannot be saved: {error}") from error
    if await saved_searches.count() >= min(settings.readers_save_until, settings.most_saved_searches):
        raise Problem(409, "so many searches are saved here that no other can be; the feed of the search does as well")
    saved = await publish_search(asked, request.app.state.search_publisher)
    return RedirectResponse(f"/saved/{saved.search_id}?new=yes", 303)


def _require_own_form(request: Request, address: SiteAddress) -> None:
    own = frozenset("://".join(urlsplit(url)[:2]).lower() for url in (address.url, str(request.base_url)))
    if not is_same_origin(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"), own):
        raise Problem(403, "searches are saved from the pages of this site only")
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
        raise Problem(415, "a form is sent as a browser sends it")


@router.api_route("/saved/{search_id}", methods=["GET", "HEAD"])
async def show_saved(
    search_id: str,
    reading: Reader,
    site: SiteOf,
    saved_searches: SavedSearchesOf,
    new: Annotated[str | None, Query()] = None,
    cursor: Annotated[CursorText | None, Query()] = None,
) -> HTMLResponse:
    """What has matched a saved search. `new`: it was saved just now, and need not be known here yet."""
    if len(search_id) != 32 or not set(search_id) <= set("0123456789abcdef"):
        raise Problem(404, NO_SUCH_SEARCH)
    context, overview = await asyncio.gather(_fetch_saved(saved_searches, search_id, cursor or None), reading.fetch_overview())
    if context["saved"] is None and new is None:
        raise Problem(404, NO_SUCH_SEARCH)
    shown = {"search_id": search_id, "is_new": new is not None, "is_first": not cursor, "sections": overview.sections}
    response = site.render("saved.html", shown | context)
    response.headers["X-Robots-Tag"] = "noindex"  # its address is what keeps it private
    return response


async def _fetch_saved(saved_searches: SavedSearches, search_id: str, cursor: str | None) -> dict[str, Any]:
    saved = await saved_searches.fetch(search_id)
    if saved is None:
        return {"saved": None, "title": None, "query": "", "answer": MatchesAnswer(search_id=search_id, matches=(), cursor=None)}
    asked = _parameters(build_filters(saved))
    answer = await saved_searches.fetch_matches(search_id, _SIZE, cursor)
    return {"saved": saved, "title": saved.name or title_search(asked), "query": build_filter_query(asked), "answer": answer}
