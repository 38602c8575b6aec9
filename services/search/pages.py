"""The reader pages: front page, article, section, search. Rendered here, complete without script."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import ConfigDict

from services.search.api import Reader, fetch_published
from services.search.archive import ArchiveOf
from services.search.beacon import Beacon
from services.search.core.front import build_front_page
from services.search.core.languages import language_name, text_direction
from services.search.core.news_article import build_news_article, build_script_text
from services.search.core.parameters import LONGEST_FILTER, CursorText, PopularParameters, SearchParameters
from services.search.core.query_errors import QueryError
from services.search.core.query_language import LONGEST_QUERY
from services.search.core.search_page import build_bars, build_filters, build_hidden_fields, build_link, build_wrong_query
from services.search.reading import Reading
from services.search.site_address import SiteAddressOf
from shared.popularity import LISTED_WINDOWS, Measure, Window
from shared.web import Problem

_TEMPLATES = Path(__file__).with_name("templates")
_IN_LISTS = 6
_POPULAR = 10
_COMMENTS = 20
_SECTION_SIZE = 24

MEASURE_NAMES = {Measure.VIEWS: "Most read", Measure.TRENDING: "Trending", Measure.COMMENTS: "Most discussed"}
WINDOW_NAMES = {
    Window.HOUR: "Hour",
    Window.DAY: "Day",
    Window.WEEK: "Week",
    Window.MONTH: "Month",
    Window.ALL: "All time",
}


class Site:
    """What all pages share: templates, the name, the version of the static files."""

    def __init__(self, name: str, static: Path, beacon: Beacon = Beacon()) -> None:  # noqa: B008 - it is frozen
        self.beacon = beacon
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(static.iterdir()))).hexdigest()[:12]
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.filters |= {
            "day": format_day,
            "weekday": format_weekday,
            "clock": format_clock,
            "direction": text_direction,
            "language_name": language_name,
            "marked": Markup,  # only for what `results.build_marked_text` made
        }
        self._environment.globals |= {
            "site_name": name,
            "static_version": digest,
            "window_names": WINDOW_NAMES,
            "measure_names": MEASURE_NAMES,
        }

    def render(self, template: str, context: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """A page."""
        shown = {"q": "", "sections": (), "section": None, "beacon": None, "today": datetime.now(UTC), **context}
        return HTMLResponse(self._environment.get_template(template).render(shown), status)

    def render_problem(self, problem: Mapping[str, Any], q: str) -> HTMLResponse:
        """An error page of what would be problem+json for a program."""
        return self.render("problem.html", {"problem": problem, "q": q[:LONGEST_QUERY]}, problem["status"])


#: What a page shows, whatever an address says.
_PAGE_PRESENTATION: Mapping[str, Any] = {"facets": True, "highlight": True, "histogram": True, "explain": False, "fields": ()}


class PageParameters(SearchParameters):
    """A search as it stands in an address bar, with what others may have added to it."""

    model_config = ConfigDict(extra="ignore")


class Beside(NamedTuple):
    """Which Most Popular list stands beside a page. A window that the measure has no list for gives way to one that it has."""

    window: Window = Window.DAY
    measure: Measure = Measure.VIEWS


def get_beside(window: Window = Window.DAY, measure: Measure = Measure.VIEWS) -> Beside:
    """What the tabs in the address choose."""
    return Beside(window, measure)


async def _fetch_lists(reading: Reading, beside: Beside, section: str | None = None) -> dict[str, Any]:
    """What stands beside every page: Most Popular (of a section), Recent Comments, and the sections for the navigation."""
    listed = beside.window in LISTED_WINDOWS[beside.measure]
    asked = PopularParameters(
        measure=beside.measure,
        window=beside.window if listed else None,
        section=() if section is None else (section,),
        size=_POPULAR,
    )
    popular, recent, overview = await asyncio.gather(
        reading.fetch_most_popular(asked),
        reading.fetch_recent_comments(_IN_LISTS),
        reading.fetch_overview(),
    )
    return {"popular": popular, "recent": recent, "sections": overview.sections}


def get_site(request: Request) -> Site:
    """What renders for this app."""
    site: Site = request.app.state.site
    return site


SiteOf = Annotated[Site, Depends(get_site)]
BesideOf = Annotated[Beside, Depends(get_beside)]

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_READ = ["GET", "HEAD"]


@router.api_route("/", methods=_READ)
async def show_front(reading: Reader, site: SiteOf, beside: BesideOf) -> HTMLResponse:
    """The latest articles by section."""
    latest, lists = await asyncio.gather(reading.fetch_latest(), _fetch_lists(reading, beside))
    return site.render("front.html", {"front": build_front_page(latest), **lists})


@router.api_route("/articles/{article_id}", methods=_READ)
async def show_article(
    article_id: str,
    reading: Reader,
    archive: ArchiveOf,
    address: SiteAddressOf,
    site: SiteOf,
    beside: BesideOf,
    comments: Annotated[CursorText | None, Query()] = None,
) -> HTMLResponse:
    """One article, what is related to it, and what readers wrote under it."""
    article = await fetch_published(reading, article_id)
    related, has_revisions, below, lists = await asyncio.gather(
        reading.fetch_related(article, _IN_LISTS),
        archive.has_superseded(article_id),
        reading.fetch_comments(article_id, _COMMENTS, comments or None),
        _fetch_lists(reading, beside),
    )
    shown = {
        "article": article,
        "section": article.section,
        "related": related,
        "comments": below,
        "has_revisions": has_revisions,
        "news_article": build_script_text(build_news_article(article, address.article(article_id), with_body=False)),
        "beacon": site.beacon.tag(article_id),
    }
    return site.render("article.html", {**shown, **lists})


@router.api_route("/sections/{name:path}", methods=_READ)
async def show_section(
    name: str, reading: Reader, site: SiteOf, beside: BesideOf, cursor: Annotated[CursorText | None, Query()] = None
) -> HTMLResponse:
    """The articles of one section, newest first, beside those of it that are read most."""
    if not 0 < len(name) <= LONGEST_FILTER:
        raise Problem(404, "no section is called so")
    parameters = SearchParameters(section=(name,), size=_SECTION_SIZE, cursor=cursor or None)
    answer, lists = await asyncio.gather(reading.search(parameters), _fetch_lists(reading, beside, name))
    if not answer.total:
        raise Problem(404, "no section is called so, or it has no articles")
    return site.render("section.html", {"section": name, "answer": answer, "is_first": not cursor, **lists})


@router.api_route("/search", methods=_READ)
async def show_search(parameters: Annotated[PageParameters, Query()], reading: Reader, site: SiteOf) -> HTMLResponse:
    """What was found, and filters to narrow it down; or what is wrong with the query, and where."""
    parameters = parameters.model_copy(update=_PAGE_PRESENTATION)
    answer, wrong = None, None
    try:
        answer = await reading.search(parameters)
    except QueryError as error:
        wrong = build_wrong_query(parameters.q, error)
    overview = await reading.fetch_overview()
    shown = {
        "parameters": parameters,
        "answer": answer,
        "wrong": wrong,
        "filters": build_filters(parameters, answer.facets if answer else None),
        "bars": build_bars(parameters, answer.histogram if answer else None),
        "hidden": build_hidden_fields(parameters),
        "feed_query": build_link(parameters, {}).partition("?")[2],
        "first": build_link(parameters, {}) if parameters.cursor else None,
        "following": build_link(parameters, {"cursor": answer.cursor}) if answer and answer.cursor else None,
        "meant": build_link(parameters, {"q": answer.did_you_mean}) if answer and answer.did_you_mean else None,
        "q": parameters.q,
        "sections": overview.sections,
    }
    return site.render("search.html", shown, 400 if wrong else 200)


def format_day(time: datetime) -> str:
    """`21 November 2024`, in UTC."""
    in_utc = time.astimezone(UTC)
    return f"{in_utc.day} {in_utc:%B %Y}"


def format_weekday(time: datetime) -> str:
    """`Thursday, 21 November 2024`, in UTC."""
    return f"{time.astimezone(UTC):%A}, {format_day(time)}"


def format_clock(time: datetime) -> str:
    """`18:20 UTC`."""
    return f"{time.astimezone(UTC):%H:%M} UTC"
