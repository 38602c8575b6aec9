"""The front page, and the pages of sections: what is new."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from services.search.api import Reader
from services.search.beside import BesideOf, fetch_lists, fetch_trending
from services.search.core.front import build_front_page
from services.search.core.parameters import LONGEST_FILTER, CursorText, SearchParameters
from services.search.pages import SiteOf
from shared.web import Problem

_SECTION_SIZE = 24

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_READ = ["GET", "HEAD"]


@router.api_route("/", methods=_READ)
async def show_front(reading: Reader, site: SiteOf, beside: BesideOf) -> HTMLResponse:
    """The latest articles by section."""
    latest, lists, trending = await asyncio.gather(
        reading.lately.ask("latest", reading.fetch_latest), fetch_lists(reading, beside), fetch_trending(reading, beside)
    )
    front = build_front_page(latest, prefers_pictures=site.options.picture_key is not None)
    return site.render("front.html", {"front": front, **lists, **trending})


@router.api_route("/sections/{name:path}", methods=_READ)
async def show_section(
    name: str, reading: Reader, site: SiteOf, beside: BesideOf, cursor: Annotated[CursorText | None, Query()] = None
) -> HTMLResponse:
    """The articles of one section, newest first, beside those of it that are read most."""
    if not 0 < len(name) <= LONGEST_FILTER:
        raise Problem(404, "no section is called so")
    parameters = SearchParameters(section=(name,), size=_SECTION_SIZE, cursor=cursor or None)
    answer, lists = await asyncio.gather(reading.search(parameters), fetch_lists(reading, beside, name))
    if not answer.total:
        raise Problem(404, "no section is called so, or it has no articles")
    return site.render("section.html", {"section": name, "answer": answer, "is_first": not cursor, **lists})
