"""The HTTP door: publish, retract, views, comments. A 2xx is an acknowledgement by Kafka, never a promise.

After it: `judging` and `core.acceptance` turn bodies into events, `door` sends them.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel

from services.ingest.answers import Accepted, BatchResult, Counted, Posted
from services.ingest.core.acceptance import accept_comment, accept_retraction
from services.ingest.core.submissions import ArticleSubmission, CommentSubmission, PageSubmission, ViewsSubmission, ViewSubmission
from services.ingest.core.tokens import Scope, Token
from services.ingest.core.views import Sender
from services.ingest.door import Door, count_refused, now_utc
from services.ingest.judging import accepted, judge_article, judge_lines, judge_page, parse_body
from services.ingest.requests import read_body, require
from services.ingest.token_file import ValidTokens
from shared.articles import ArticleID, ArticlePublished, Revision, WebURL
from shared.events import Event
from shared.web import Problem, build_app, inline_schema

P = ParamSpec("P")
R = TypeVar("R")

VERSION = "0.1.0"
#: Larger bodies are judged in a thread, so that they hold up nobody.
_LARGE_BYTES = 16 * 1024
DESCRIPTION = """Publish articles and web pages, retract them, and report views and comments.

Every request carries `Authorization: Bearer <token>`; a token has the scopes `publish`, `retract`, `engage`, or `admin`, which is
all. Bodies may be packed (`Content-Encoding: gzip`). A 2xx answer means that Kafka has acknowledged; when Kafka is away the answer
is 503 with `Retry-After`. Sending an article, a retraction or a comment again is safe: it is known again, an article by its
publisher's id or its URL. Views are counted as often as they are sent."""


def build_ingest_app(door: Door, tokens: ValidTokens, most_bytes: int) -> FastAPI:
    """The app of the ingest service; bodies of more than `most_bytes` are refused."""
    app = build_app("Dateline ingest", DESCRIPTION, VERSION)
    for router in (_publishing(door, tokens, most_bytes), _engagement(door, tokens, most_bytes)):
        app.include_router(router, prefix="/v1")
    return app


def _publishing(door: Door, tokens: ValidTokens, most_bytes: int) -> APIRouter:
    router = APIRouter(tags=["articles"])
    publishes = Depends(require(Scope.PUBLISH, tokens))

    @router.post(
        "/articles", status_code=201, response_model=Accepted | BatchResult, openapi_extra=_body_of(ArticleSubmission, ndjson=True)
    )
    async def publish_articles(request: Request, response: Response, token: Annotated[Token, publishes]) -> Any:
        """Publish one article (JSON), or many (NDJSON, `Content-Type: application/x-ndjson`, one result a line).

        Of many, refused ones do not hold up the others: 201 when all are accepted, 207 when some are, 422 when none is.
        """
        body = await read_body(request, most_bytes)
        if "ndjson" not in request.headers.get("Content-Type", ""):
            event = await _aside(len(body), judge_article, body, token.publisher)
            await door.publish([event], "article")
            return _acceptance(event)
        events, batch = await _aside(len(body), judge_lines, body, token.publisher)
        await door.publish(events, "article")
        response.status_code = 201 if batch.refused == 0 else 207 if batch.accepted else 422
        return batch

    @router.post("/pages", status_code=201, openapi_extra=_body_of(PageSubmission, pages=True))
    async def publish_pages(
        request: Request,
        token: Annotated[Token, publishes],
        url: Annotated[WebURL | None, Query(description="where the page was found; for text/html and text/plain bodies")] = None,
        publisher: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Accepted:
        """Publish the article of a web page: JSON with its `html` or `text`, or the page itself as text/html or text/plain."""
        body = await read_body(request, most_bytes)
        kind = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
        asked = PageSubmission(url=url, publisher=publisher)
        event = await asyncio.to_thread(judge_page, body, kind, asked, token.publisher)
        await door.publish([event], "page")
        return _acceptance(event)

    @router.delete("/articles/{article_id}", status_code=202, dependencies=[Depends(require(Scope.RETRACT, tokens))])
    async def retract_article(
        article_id: ArticleID,
        revision: Annotated[Revision | None, Query(description="a higher one brings the article back; final if absent")] = None,
        reason: Annotated[str | None, Query(max_length=1000)] = None,
    ) -> Accepted:
        """Retract an article, known or not yet: it leaves search and lists, and does not come back when it is published again.

        With a `revision`, the publisher may bring it back with a higher one.
        """
        event = accept_retraction(article_id, revision, reason, now_utc())
        await door.publish([event], "retraction")
        return Accepted(article_id=article_id, revision=event.body.revision)

    return router


def _engagement(door: Door, tokens: ValidTokens, most_bytes: int) -> APIRouter:
    router = APIRouter(tags=["engagement"], dependencies=[Depends(require(Scope.ENGAGE, tokens))])

    @router.post("/views", status_code=202, openapi_extra=_body_of(ViewsSubmission))
    async def record_views(request: Request) -> Counted:
        """Record views: `{"views": [...]}`, or a single one."""
        body = await read_body(request, most_bytes)
        many = body.lstrip()[:12].startswith((b'{"views":', b'{"views" :', b'{ "views":'))
        if many:
            views = (await _aside(len(body), parse_body, ViewsSubmission, body, "view")).views
        else:
            views = (await _aside(len(body), parse_body, ViewSubmission, body, "view"),)
        sender = Sender(request.client.host if request.client else "", request.headers.get("User-Agent", ""))
        judged = await door.record_views(views, sender)
        refused = [(number, why) for number, why in enumerate(judged) if why is not None]
        count_refused("view", len(refused))
        if len(refused) == len(judged):
            errors = [
                {"field": f"views.{number}.{field}", "detail": detail} for number, why in refused for field, detail in why.errors
            ]
            raise Problem(422, "no view could be accepted", errors)
        return Counted(accepted=len(judged) - len(refused))

    @router.post("/comments", status_code=202, openapi_extra=_body_of(CommentSubmission))
    async def post_comment(request: Request) -> Posted:
        """Post a comment under an article."""
        body = await read_body(request, most_bytes)
        submission = await _aside(len(body), parse_body, CommentSubmission, body, "comment")
        event = accepted(accept_comment(submission, now_utc()), "comment")
        await door.post_comment(event)
        return Posted(comment_id=event.body.comment_id)

    return router


async def _aside(size: int, work: Callable[P, R], *arguments: P.args, **more: P.kwargs) -> R:
    """Work in a thread when there is much of it, or else at once: a thread costs more than an article takes."""
    if size > _LARGE_BYTES:
        return await asyncio.to_thread(work, *arguments, **more)
    return work(*arguments, **more)


def _acceptance(event: Event[ArticlePublished]) -> Accepted:
    article = event.body
    return Accepted(article_id=article.article_id, revision=article.revision, headline=article.headline, url=article.url)


def _body_of(model: type[BaseModel], *, ndjson: bool = False, pages: bool = False) -> dict[str, Any]:
    """The OpenAPI of a body that is read by hand, so that its size is limited and its errors are ours."""
    content: dict[str, Any] = {"application/json": {"schema": inline_schema(model)}}
    if ndjson:
        content["application/x-ndjson"] = {"schema": {"type": "string"}}
    if pages:
        content["text/html"] = {"schema": {"type": "string"}}
        content["text/plain"] = {"schema": {"type": "string"}}
    return {"requestBody": {"required": True, "content": content}}
