"""The reader page of a story that several publishers tell."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from services.search.api import Reader
from services.search.core.page_links import build_take_along
from services.search.core.parameters import CursorText, SearchParameters
from services.search.core.story_page import build_story, build_story_begin, parse_story, parse_story_cursor
from services.search.pages import SiteOf
from shared.indices import ARTICLES
from shared.web import Problem

_SIZE = 30
_STORY_ID = re.compile("[0-9a-f]{32}")
router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.api_route("/stories/{story_id}", methods=["GET", "HEAD"])
async def show_story(
    story_id: str, reading: Reader, site: SiteOf, cursor: Annotated[CursorText | None, Query()] = None
) -> HTMLResponse:
    """Who told it first, all versions in order of time, and whom and what they name."""
    if not _STORY_ID.fullmatch(story_id):
        raise Problem(404, "no story has this id")
    after = parse_story_cursor(story_id, cursor) if cursor else None
    answer, begin, overview = await asyncio.gather(
        reading.fetch(ARTICLES, build_story(story_id, _SIZE, after)),
        reading.fetch(ARTICLES, build_story_begin(story_id)),
        reading.fetch_overview(),
    )
    story = parse_story(answer, begin, story_id, _SIZE)
    if story is None:
        raise Problem(404, "no article tells this story, or all that did were retracted")
    along = build_take_along(SearchParameters(story=(story_id,)))
    shown = {"story": story, "along": along, "is_first": not cursor, "sections": overview.sections}
    return site.render("story.html", shown)
