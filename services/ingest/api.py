"""The HTTP door: publish, retract, views, comments. A 2xx is an acknowledgement by Kafka, never a promise.

After it: `core.acceptance` turns submissions into events, `door` sends them.
"""

import asyncio
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.ingest.core.acceptance import (
    Refused,
    accept_article,
    accept_comment,
    accept_page,
    accept_retraction,
)
from services.ingest.core.extracted import ExtractedArticle, NoArticle
from services.ingest.core.html_page import extract_html_page
from services.ingest.core.submissions import ArticleSubmission, CommentSubmission, PageSubmission, ViewsSubmission, ViewSubmission
from services.ingest.core.text_page import extract_text_page
from services.ingest.core.views import Sender
from services.ingest.door import Door, count_refused, now_utc
from services.ingest.requests import read_body, require_token
from services.ingest.settings import DoorSettings
from shared.articles import ArticleID, ArticlePublished, Revision, WebURL
from shared.events import Event
from shared.web import Problem, build_app, field_errors, inline_schema

VERSION = "0.1.0"
DESCRIPTION = """Publish articles and web pages, retract them, and report views and comments.

Every request carries `Authorization: Bearer <token>`. A 2xx answer means that Kafka has acknowledged; when Kafka is away the answer
is 503 with `Retry-After`. Sending the same thing again is safe: an article is known again by its publisher's id or its URL."""

M = TypeVar("M", bound=BaseModel)


class Accepted(BaseModel):
    """An article as accepted."""

    article_id: ArticleID
    revision: Revision
    headline: str | None = None
    url: str | None = None


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    detail: str


class LineResult(BaseModel):
    """What became of one line of NDJSON."""

    line: int = Field(ge=1)
    article_id: ArticleID | None = None
    revision: Revision | None = None
    errors: list[FieldError] | None = None


class BatchResult(BaseModel):
    """What became of all lines; refused ones do not hold up the others."""

    accepted: int
    refused: int
    results: list[LineResult]


class Counted(BaseModel):
    """How many views were accepted."""

    accepted: int


class Posted(BaseModel):
    """A comment as accepted."""

    model_config = ConfigDict(json_schema_extra={"example": {"comment_id": "0" * 32}})
    comment_id: str


def build_ingest_app(door: Door, settings: DoorSettings) -> FastAPI:
    """The app of the ingest service."""
    app = build_app("Dateline ingest", DESCRIPTION, VERSION)
    app.include_router(_router(door, settings), dependencies=[Depends(require_token(settings.token_hashes))])
    return app


def _router(door: Door, settings: DoorSettings) -> APIRouter:
    router = APIRouter(prefix="/v1")
    most = settings.max_request_bytes

    @router.post(
        "/articles", status_code=201, response_model=Accepted | BatchResult, openapi_extra=_body_of(ArticleSubmission, ndjson=True)
    )
    async def publish_articles(request: Request) -> Any:
        """Publish one article (JSON), or many (NDJSON, `Content-Type: application/x-ndjson`, one result a line)."""
        body = await read_body(request, most)
        if "ndjson" in request.headers.get("Content-Type", ""):
            return await asyncio.to_thread(_publish_lines, door, body)
        event = _accepted(accept_article(_parsed(ArticleSubmission, body, "article"), now_utc()), "article")
        await asyncio.to_thread(door.publish, [event], "article")
        return _acceptance(event)

    @router.post("/pages", status_code=201, openapi_extra=_body_of(PageSubmission, pages=True))
    async def publish_page(
        request: Request,
        url: Annotated[WebURL | None, Query(description="where the page was found; for text/html and text/plain bodies")] = None,
        publisher: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Accepted:
        """Publish the article of a web page: JSON with its `html` or `text`, or the page itself as text/html or text/plain."""
        body = await read_body(request, most)
        kind = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
        return await asyncio.to_thread(_publish_page, door, body, kind, PageSubmission(url=url, publisher=publisher))

    @router.delete("/articles/{article_id}", status_code=202)
    async def retract_article(
        article_id: ArticleID,
        revision: Annotated[Revision | None, Query(description="the publisher's own; the time of acceptance if absent")] = None,
        reason: Annotated[str | None, Query(max_length=1000)] = None,
    ) -> Accepted:
        """Retract an article, known or not yet: it leaves search and lists, and no older revision brings it back."""
        event = accept_retraction(article_id, revision, reason, now_utc())
        await asyncio.to_thread(door.publish, [event], "retraction")
        return Accepted(article_id=article_id, revision=event.body.revision)

    @router.post("/views", status_code=202, openapi_extra=_body_of(ViewsSubmission))
    async def record_views(request: Request) -> Counted:
        """Record views: `{"views": [...]}`, or a single one."""
        body = await read_body(request, most)
        many = b'"views"' in body
        views = _parsed(ViewsSubmission, body, "view").views if many else (_parsed(ViewSubmission, body, "view"),)
        sender = Sender(request.client.host if request.client else "", request.headers.get("User-Agent", ""))
        judged = await asyncio.to_thread(door.record_views, views, sender)
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
        body = await read_body(request, most)
        event = _accepted(accept_comment(_parsed(CommentSubmission, body, "comment"), now_utc()), "comment")
        await asyncio.to_thread(door.post_comment, event)
        return Posted(comment_id=event.body.comment_id)

    return router


def _publish_lines(door: Door, body: bytes) -> Any:
    results: list[LineResult] = []
    events: list[Event[ArticlePublished]] = []
    for number, line in enumerate(body.splitlines(), start=1):
        if not line.strip():
            continue
        judged = _judge_line(line)
        if isinstance(judged, Refused):
            errors = [FieldError(field=field, detail=detail) for field, detail in judged.errors]
            results.append(LineResult(line=number, errors=errors))
        else:
            events.append(judged)
            results.append(LineResult(line=number, article_id=judged.body.article_id, revision=judged.body.revision))
    if not results:
        raise Problem(422, "the body holds no line", [{"field": "body", "detail": "is empty"}])
    door.publish(events, "article")
    refused = len(results) - len(events)
    count_refused("article", refused)
    batch = BatchResult(accepted=len(events), refused=refused, results=results)
    status = 201 if refused == 0 else 207 if events else 422
    return JSONResponse(batch.model_dump(exclude_none=True), status)


def _judge_line(line: bytes) -> Event[ArticlePublished] | Refused:
    try:
        return accept_article(ArticleSubmission.model_validate_json(line), now_utc())
    except ValidationError as error:
        return Refused(tuple((e["field"], e["detail"]) for e in field_errors(list(error.errors()), skip=0)))


def _publish_page(door: Door, body: bytes, kind: str, asked: PageSubmission) -> Accepted:
    page, publisher = _extract(body, kind, asked)
    if isinstance(page, NoArticle):
        count_refused("page")
        raise Problem(422, f"there is no article in this page: {page.reason}", [{"field": "html", "detail": page.reason}])
    event = accept_page(page, publisher, now_utc())
    door.publish([event], "page")
    return _acceptance(event)


def _extract(body: bytes, kind: str, asked: PageSubmission) -> tuple[ExtractedArticle | NoArticle, str | None]:
    if kind == "text/html":
        return extract_html_page(body, asked.url, now_utc()), asked.publisher
    if kind == "text/plain":
        return extract_text_page(body.decode("utf-8", "replace"), asked.url, now_utc()), asked.publisher
    page = _parsed(PageSubmission, body, "page")
    if (page.html is None) == (page.text is None):
        count_refused("page")
        raise Problem(422, "give either the html of the page or its text", [{"field": "html", "detail": "html or text is needed"}])
    if page.html is not None:
        return extract_html_page(page.html, page.url, now_utc()), page.publisher
    return extract_text_page(page.text or "", page.url, now_utc()), page.publisher


def _parsed(model: type[M], body: bytes, kind: str) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        count_refused(kind)
        raise Problem(422, f"this {kind} cannot be accepted as it is", field_errors(list(error.errors()), skip=0)) from None


def _accepted(judged: Event[Any] | Refused, kind: str) -> Event[Any]:
    if isinstance(judged, Refused):
        count_refused(kind)
        errors = [{"field": field, "detail": detail} for field, detail in judged.errors]
        raise Problem(422, f"this {kind} cannot be accepted as it is", errors)
    return judged


def _acceptance(event: Event[ArticlePublished]) -> Accepted:
    return Accepted(
        article_id=event.body.article_id, revision=event.body.revision, headline=event.body.headline, url=event.body.url
    )


def _body_of(model: type[BaseModel], *, ndjson: bool = False, pages: bool = False) -> dict[str, Any]:
    """The OpenAPI of a body that is read by hand, so that its size is limited and its errors are ours."""
    content: dict[str, Any] = {"application/json": {"schema": inline_schema(model)}}
    if ndjson:
        content["application/x-ndjson"] = {"schema": {"type": "string"}}
    if pages:
        content["text/html"] = {"schema": {"type": "string"}}
        content["text/plain"] = {"schema": {"type": "string"}}
    return {"requestBody": {"required": True, "content": content}}
