"""Publish articles and pages, and retract them, by HTTP.

After it: `judging` and `core.acceptance` turn bodies into events, `door` sends them.
"""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.ingest.answers import Accepted, BatchResult
from services.ingest.core.acceptance import accept_retraction
from services.ingest.core.judgements import NewRevision, Origin, Refused, Retraction, Unchanged
from services.ingest.core.submissions import ArticleSubmission, PageSubmission
from services.ingest.core.tokens import Scope, Token
from services.ingest.door import Door, count_refused, count_unchanged, now_utc
from services.ingest.judging import judge_article, judge_lines, judge_page
from services.ingest.page_extractor import PageExtractors
from services.ingest.request_bodies import body_of, judge_aside
from services.ingest.requests import read_body, require
from services.ingest.token_file import ValidTokens
from shared.articles import ArticleID, ArticleRetracted, Revision, WebURL
from shared.web import Problem

_NDJSON = "application/x-ndjson"


def articles_router(door: Door, tokens: ValidTokens, most_bytes: int) -> APIRouter:
    """Publish and retract articles."""
    router = APIRouter(tags=["articles"])
    publishes = Depends(require(Scope.PUBLISH, tokens))
    retracts = Depends(require(Scope.RETRACT, tokens))

    @router.post(
        "/articles", status_code=201, response_model=Accepted | BatchResult, openapi_extra=body_of(ArticleSubmission, _NDJSON)
    )
    async def publish_articles(request: Request, response: Response, token: Annotated[Token, publishes]) -> Any:
        """Publish one article (JSON), or many (NDJSON, `Content-Type: application/x-ndjson`, one result a line).

        Each is in Dateline's own form, or an IPTC ninjs document (versions 1 to 3), which is told by its `uri`; a canceled one
        retracts its article.
        One that is known as it is gets 200. Of many, refused ones do not hold up the others: 201 when none is refused, 207 when
        some are, 422 when all are.
        """
        body = await read_body(request, most_bytes)
        origin = Origin(token.publisher, may_retract=token.may(Scope.RETRACT))

        async def publish_one() -> Accepted:
            judged = await judge_aside(len(body), judge_article, body, origin, door.memory.look)
            return await _publish(door, judged, "article", request, response)

        async def publish_many() -> BatchResult:
            news, batch = await judge_aside(len(body), judge_lines, body, origin, door.memory.draft())
            await door.publish(news, "article", request.headers.get("traceparent"))
            response.status_code = 201 if batch.refused == 0 else 207 if batch.accepted or batch.unchanged else 422
            return batch

        many = "ndjson" in request.headers.get("Content-Type", "")
        response.status_code = 201
        if many:
            return await door.answering.once(request, response, token, body, publish_many)
        return await door.answering.once(request, response, token, body, publish_one)

    @router.delete("/articles/{article_id}", status_code=202)
    async def retract_article(
        request: Request,
        article_id: ArticleID,
        token: Annotated[Token, retracts],
        revision: Annotated[Revision | None, Query(description="a higher one brings the article back; final if absent")] = None,
        reason: Annotated[str | None, Query(max_length=1000)] = None,
    ) -> Accepted:
        """Retract an article, known or not yet: it leaves search and lists, and does not come back when it is published again.

        With a `revision`, the publisher may bring it back with a higher one.
        """
        judged = accept_retraction(article_id, revision, reason, Origin(token.publisher), door.memory.look, now_utc())
        if isinstance(judged, Refused):
            count_refused("retraction")
            raise Problem(403, "; ".join(detail for _, detail in judged.errors))
        await door.publish([judged], "retraction", request.headers.get("traceparent"))
        return Accepted(article_id=article_id, revision=judged.event.body.revision)

    return router


def pages_router(door: Door, tokens: ValidTokens, most_bytes: int, extractors: PageExtractors) -> APIRouter:
    """Publish pages."""
    router = APIRouter(tags=["articles"])
    publishes = Depends(require(Scope.PUBLISH, tokens))
    turns = asyncio.Semaphore(extractors.count)

    @router.post(
        "/pages", status_code=201, response_model=Accepted, openapi_extra=body_of(PageSubmission, "text/html", "text/plain")
    )
    async def publish_pages(
        request: Request,
        response: Response,
        token: Annotated[Token, publishes],
        url: Annotated[WebURL | None, Query(description="where the page was found; for text/html and text/plain bodies")] = None,
        publisher: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Any:
        """Publish the article of a web page: JSON with its `html` or `text`, or the page itself as text/html or text/plain."""
        body = await read_body(request, most_bytes)
        kind = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
        asked = PageSubmission(url=url, publisher=publisher)
        sender = (Origin(token.publisher), door.memory.look)

        async def publish() -> Accepted:
            async with turns:  # waits here, not in one of the threads, which others need too
                judged = await asyncio.to_thread(judge_page, body, kind, asked, sender, extractors)
            return await _publish(door, judged, "page", request, response)

        response.status_code = 201
        return await door.answering.once(request, response, token, body, publish)

    return router


async def _publish(
    door: Door, judged: NewRevision | Unchanged | Retraction, kind: str, request: Request, response: Response
) -> Accepted:
    if isinstance(judged, Unchanged):
        count_unchanged(kind)
        response.status_code = 200
        return Accepted(
            article_id=judged.article_id, revision=judged.revision, headline=judged.headline, url=judged.url, unchanged=True
        )
    await door.publish([judged], kind, request.headers.get("traceparent"))
    article = judged.event.body
    if isinstance(article, ArticleRetracted):
        response.status_code = 202
        return Accepted(article_id=article.article_id, revision=article.revision)
    return Accepted(article_id=article.article_id, revision=article.revision, headline=article.headline, url=article.url)
