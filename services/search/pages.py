"""What all reader pages share: templates, names, options. Pages are complete without script."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.search.beacon import Beacon
from services.search.core.answers import ArticleSummary
from services.search.core.languages import language_name, text_direction
from services.search.core.query_language import LONGEST_QUERY
from services.search.page_dates import format_clock, format_day, format_weekday
from services.search.page_options import PageOptions
from shared.popularity import Measure, Window

_TEMPLATES = Path(__file__).with_name("templates")

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

    def __init__(
        self,
        name: str,
        static: Path,
        beacon: Beacon = Beacon(),  # noqa: B008 - it is frozen
        options: PageOptions = PageOptions(),  # noqa: B008 - as above
        *,
        is_live: bool = True,
    ) -> None:
        self.beacon = beacon
        self.options = options
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
            "is_live": is_live,
            "theme_version": options.theme_version,
            "picture": options.picture,
            "window_names": WINDOW_NAMES,
            "measure_names": MEASURE_NAMES,
        }

    def render(self, template: str, context: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """A page."""
        shown = {"q": "", "sections": (), "section": None, "beacon": None, "today": datetime.now(UTC), **context}
        return HTMLResponse(self._environment.get_template(template).render(shown), status)

    def render_problem(
        self, problem: Mapping[str, Any], q: str, latest: Sequence[ArticleSummary] = (), sections: Sequence[str] = ()
    ) -> HTMLResponse:
        """An error page of what would be problem+json for a program, with news to go on with where there are any."""
        shown = {"problem": problem, "q": q[:LONGEST_QUERY], "latest": latest, "sections": sections}
        return self.render("problem.html", shown, problem["status"])


def get_site(request: Request) -> Site:
    """What renders for this app."""
    site: Site = request.app.state.site
    return site


SiteOf = Annotated[Site, Depends(get_site)]
