"""One article in the forms that other programs exchange news in: schema.org JSON-LD and IPTC ninjs."""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from services.search.api import ArticleIDPath, Reader, fetch_published
from services.search.conditional import send_document
from services.search.core.news_article import build_news_article
from services.search.core.ninjs_out import build_ninjs
from services.search.problems import OF_ARTICLE
from services.search.site_address import SiteAddressOf

_JSON_LD = "application/ld+json"
_NINJS = "application/json"
_OBJECT = {"schema": {"type": "object"}}

router = APIRouter(prefix="/v1/articles", default_response_class=Response)


def _answered(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: _OBJECT}}, 304: {"description": "It is as `If-None-Match` says"}, **OF_ARTICLE}


@router.get("/{article_id}/jsonld", summary="One article as schema.org NewsArticle", responses=_answered(_JSON_LD))
async def get_json_ld(article_id: ArticleIDPath, reading: Reader, address: SiteAddressOf, request: Request) -> Response:
    """The article as JSON-LD, with its text; the article's page holds the same without."""
    article = await fetch_published(reading, article_id)
    document = build_news_article(article, address.article(article_id), with_body=True)
    return send_document(request, orjson.dumps(document), _JSON_LD, request.app.state.cache_seconds)


@router.get("/{article_id}/ninjs", summary="One article as IPTC ninjs 3.1", responses=_answered(_NINJS))
async def get_ninjs(article_id: ArticleIDPath, reading: Reader, request: Request) -> Response:
    """The article as a ninjs item; Dateline's ingest, for one, takes it as it is."""
    article = await fetch_published(reading, article_id)
    return send_document(request, orjson.dumps(build_ninjs(article)), _NINJS, request.app.state.cache_seconds)
