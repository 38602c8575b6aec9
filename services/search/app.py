"""Puts search together: the API, the reader pages, static files; errors as HTML for readers and as problem+json for programs."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from services.search import (
    api,
    article_page,
    changes_api,
    comment_page,
    entity_pages,
    exchange_api,
    export_api,
    feeds,
    front_page,
    images_door,
    revisions_api,
    saved_api,
    saved_out,
    saved_pages,
    search_pages,
    story_pages,
    streams_api,
    theme,
)
from services.search.archive import Archive
from services.search.beacon import Beacon
from services.search.body_limit import BodyLimit
from services.search.comment_posting import CommentPosting
from services.search.complete_answers import TooComplex
from services.search.core.cursors import InvalidCursor
from services.search.core.query_errors import QueryError
from services.search.dressing import Dressing
from services.search.packing import PackedPages
from services.search.page_options import choose_options
from services.search.pages import Site
from services.search.pictures import Pictures
from services.search.problem_pages import ProblemPages
from services.search.reading import Reading
from services.search.refusals import refuse_invalid, refuse_request, refuse_unknown
from services.search.saving import SavedSearches, SearchPublisher
from services.search.settings import SearchSettings
from services.search.streams import Streams
from services.search.whole_results import Exports
from shared.elastic import connect_elastic_async
from shared.web import Problem, build_app

VERSION = "0.1.0"
DESCRIPTION = """Search articles in whatever language, read them, and see what is read most.

Times are UTC. Text is plain, but for highlights, which say so. Retracted articles are in no answer; by id they are `410 Gone`.
Errors are `application/problem+json` (RFC 9457). An answer is complete, or it is `503` with `Retry-After`."""

STATIC = Path(__file__).with_name("static")
#: Pages use no script, style, image or stream but those of here, no frame, and no script that stands in a page. Documentation pages
#: bring their own scripts.
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "script-src 'self'; connect-src 'self'"
)


def build_search_app(settings: SearchSettings, stop: threading.Event | None = None) -> FastAPI:
    """The whole app. It connects when it is started, and lets go when it is stopped; streams end as soon as `stop` is set."""
    beacon = Beacon(settings.search.view_endpoint, next(iter(settings.page.keys), None), settings.page.token_seconds)
    stopping = stop or threading.Event()
    site = Site(settings.search.site_name, STATIC, beacon, choose_options(settings.search), is_live=settings.search.live_pages)

    @asynccontextmanager
    async def connected(app: FastAPI) -> AsyncIterator[None]:
        async with connect_elastic_async(settings.elasticsearch) as client, CommentPosting(settings.search) as posting:
            app.state.comment_posting = posting
            app.state.pictures = Pictures(settings.search) if site.options.picture_key is not None else None
            app.state.reading = Reading(client, settings.search)
            app.state.archive = Archive(app.state.reading, settings.search)
            app.state.exports = Exports(client, settings.search)
            app.state.streams = Streams(settings.search, stopping.is_set)
            app.state.saved_searches = SavedSearches(app.state.reading)
            app.state.search_publisher = SearchPublisher(settings.kafka, settings.webhooks.key)
            yield
            await app.state.streams.close()
            await app.state.search_publisher.close()
            if app.state.pictures is not None:
                await app.state.pictures.close()

    app = build_app("Dateline search", DESCRIPTION, VERSION, lifespan=connected)
    app.state.site = site
    app.state.settings = settings.search
    app.state.cache_seconds = settings.search.cache_seconds
    app.add_middleware(BodyLimit)
    problem_pages = ProblemPages(site, app)
    app.add_middleware(Dressing, content_policy=beacon.allow_in(_CONTENT_POLICY), render_problem=problem_pages.render)
    app.add_middleware(PackedPages)
    app.exception_handler(RequestValidationError)(refuse_invalid)
    app.exception_handler(HTTPException)(refuse_request)
    app.exception_handler(InvalidCursor)(_no_cursor)
    app.exception_handler(TooComplex)(_bad_request)
    app.exception_handler(QueryError)(_unreadable_query)
    strict = [Depends(refuse_unknown)]
    app.include_router(api.router, dependencies=strict)
    app.include_router(front_page.router)
    app.include_router(article_page.router)
    app.include_router(comment_page.router)
    app.include_router(images_door.router)
    app.include_router(theme.router)
    for reader_pages in (search_pages, entity_pages, story_pages, saved_pages):
        app.include_router(reader_pages.router)
    app.include_router(revisions_api.router, dependencies=strict)
    app.include_router(revisions_api.pages_router)
    app.include_router(changes_api.router, dependencies=strict)
    app.include_router(feeds.router, dependencies=strict)
    app.include_router(exchange_api.router, dependencies=strict)
    app.include_router(export_api.router, dependencies=strict)
    app.include_router(streams_api.router, dependencies=strict)
    app.include_router(saved_api.router, dependencies=strict)
    app.include_router(saved_out.router, dependencies=strict)
    app.mount("/static", StaticFiles(directory=STATIC))
    return app


async def _no_cursor(request: Request, error: Exception) -> Response:
    name = next((name for name in ("cursor", "since") if name in request.query_params), "Last-Event-ID")
    return Problem(400, f"{name}: {error}", [{"field": name, "detail": str(error)}]).response(request.url.path)


async def _bad_request(request: Request, error: Exception) -> Response:
    return Problem(400, str(error)).response(request.url.path)


async def _unreadable_query(request: Request, error: Exception) -> Response:
    assert isinstance(error, QueryError)  # noqa: S101 - narrows the type that Starlette's signature widens
    caret = error.with_caret(request.query_params.get("q", ""))
    wrong = {"field": "q", "detail": error.detail, "position": error.position, "caret": caret}
    return Problem(400, f"q cannot be read at character {error.position}: {error.detail}", [wrong]).response(request.url.path)
