"""Puts search together: the API, the reader pages, static files; errors as HTML for readers and as problem+json for programs."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

from services.search import api, pages
from services.search.core.cursors import InvalidCursor
from services.search.pages import Site
from services.search.reading import Reading, TooComplex
from services.search.settings import SearchSettings
from shared.elastic import connect_elastic_async
from shared.web import Problem, build_app

VERSION = "0.1.0"
DESCRIPTION = """Search articles in whatever language, read them, and see what is read most.

Times are UTC. Text is plain, but for highlights, which say so. Retracted articles are in no answer; by id they are `410 Gone`.
Errors are `application/problem+json` (RFC 9457). An answer is complete, or it is `503` with `Retry-After`."""

STATIC = Path(__file__).with_name("static")
#: Pages use no script, no foreign style, font, image or frame. The documentation pages bring scripts of their own.
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_NOT_PAGES = ("/v1/", "/docs", "/redoc", "/openapi.json", "/static")

CallNext = Callable[[Request], Awaitable[Response]]


def build_search_app(settings: SearchSettings) -> FastAPI:
    """The whole app. It connects when it is started, and lets go when it is stopped."""
    site = Site(settings.search.site_name, STATIC)

    @asynccontextmanager
    async def connected(app: FastAPI) -> AsyncIterator[None]:
        async with connect_elastic_async(settings.elasticsearch) as client:
            app.state.reading = Reading(client, settings.search)
            yield

    async def serve_readers(request: Request, call_next: CallNext) -> Response:
        response = await call_next(request)
        if not request.url.path.startswith(_NOT_PAGES):
            if response.headers.get("content-type") == "application/problem+json":
                response = await _as_page(response, request, site)
            response.headers["Content-Security-Policy"] = _CONTENT_POLICY
        elif request.url.path.startswith("/static/") and response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"  # their addresses change with them
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    app = build_app("Dateline search", DESCRIPTION, VERSION, lifespan=connected)
    app.state.site = site
    app.middleware("http")(serve_readers)
    app.exception_handler(InvalidCursor)(_bad_request)
    app.exception_handler(TooComplex)(_bad_request)
    app.include_router(api.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC))
    return app


async def _bad_request(request: Request, error: Exception) -> Response:
    return Problem(400, str(error)).response(request.url.path)


async def _as_page(response: Response, request: Request, site: Site) -> Response:
    chunks = [chunk async for chunk in response.body_iterator]  # type: ignore[attr-defined] # call_next hands on a stream
    problem = json.loads(b"".join(chunks))
    page = site.render_problem(problem, request.query_params.get("q", ""))
    if "retry-after" in response.headers:
        page.headers["Retry-After"] = response.headers["retry-after"]
    return page
