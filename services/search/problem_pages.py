"""Error pages for readers: what happened, and where to go on from there."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from services.search.core.answers import ArticleSummary
from services.search.pages import Site
from services.search.reading import Reading
from shared.failures import Misconfigured, Unavailable

_LATEST = 6
#: News to go on with are a courtesy: nobody waits longer for them.
_PATIENCE_SECONDS = 1.0


class ProblemPages:
    """Makes the error pages of an app. While the index does not answer they have no news."""

    def __init__(self, site: Site, app: FastAPI) -> None:
        self._site = site
        self._app = app

    async def render(self, problem: Mapping[str, Any], q: str) -> HTMLResponse:
        """The page of a problem; `q` is what was searched for, if anything."""
        latest: Sequence[ArticleSummary] = ()
        sections: Sequence[str] = ()
        if problem["status"] < 500:
            reading: Reading = self._app.state.reading
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    overview, found = await asyncio.gather(
                        reading.fetch_overview(), reading.lately.ask("headlines", lambda: reading.fetch_headlines(_LATEST))
                    )
                sections, latest = overview.sections, found
            except (TimeoutError, Unavailable, Misconfigured):  # the problem is told all the same
                pass
        return self._site.render_problem(problem, q, latest, sections)
