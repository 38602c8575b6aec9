"""The HTTP API of ingest. A 2xx is an acknowledgement by Kafka, never a promise.

After it: `views_api`, `articles_api`, `comments_api` and the routers of feeds.
"""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from services.ingest.articles_api import articles_router, pages_router
from services.ingest.comments_api import comments_router
from services.ingest.door import Door
from services.ingest.page_extractor import PageExtractors
from services.ingest.page_views import ReaderRules
from services.ingest.shares_api import shares_router
from services.ingest.token_file import ValidTokens
from services.ingest.views_api import add_views
from shared.web import build_app

VERSION = "0.1.0"
DESCRIPTION = """Publish articles and web pages, retract them, and report views, shares and comments.

Every request carries `Authorization: Bearer <token>`; a token has the scopes `publish`, `retract`, `engage`, or `admin`, which is
all. Bodies may be packed (`Content-Encoding: gzip`). A 2xx answer means that Kafka has acknowledged; when Kafka is away the answer
is 503 with `Retry-After`. Sending an article, a retraction or a comment again is safe: it is known again, an article by its
publisher's id or its URL, and what is unchanged makes no event (200, `"unchanged": true`). A request that carries an
`Idempotency-Key` is answered as the first one was when it comes again within a day, and does nothing again. Views of one visitor
count once per article in 30 minutes (a setting of popularity), however often they are sent; those of known robots are refused."""


def build_ingest_app(
    door: Door,
    tokens: ValidTokens,
    most_bytes: int,
    extractors: PageExtractors,
    more: Sequence[APIRouter] = (),
    rules: ReaderRules = ReaderRules(),  # noqa: B008 - it is frozen
) -> FastAPI:
    """The app of the ingest service; bodies of more than `most_bytes` are refused. `more` are routers of other modules."""
    app = build_app("Dateline ingest", DESCRIPTION, VERSION)
    app.include_router(articles_router(door, tokens, most_bytes), prefix="/v1")
    app.include_router(pages_router(door, tokens, most_bytes, extractors), prefix="/v1")
    add_views(app, "/v1", door, tokens, most_bytes, rules)
    app.include_router(shares_router(door, tokens, most_bytes, rules), prefix="/v1")
    app.include_router(comments_router(door, tokens, most_bytes), prefix="/v1")
    for router in more:
        app.include_router(router)
    return app
