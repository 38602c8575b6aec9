"""The JSON API: search, articles, what is related to them, comments, Most Popular."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from services.search.core.answers import (
    Article,
    CommentsAnswer,
    MostPopular,
    RecentCommentsAnswer,
    RelatedAnswer,
    SearchAnswer,
    Tombstone,
)
from services.search.core.parameters import CursorText, PopularParameters, SearchParameters, Size
from services.search.reading import Reading
from shared.web import Problem, inline_schema

ArticleIDPath = Annotated[str, Path(description="as ingest answered it", examples=["0b1f6c9b3d5e4f708192a3b4c5d6e7f8"])]


class FieldError(BaseModel):
    """What is wrong with one parameter."""

    field: str
    detail: str


class ProblemAnswer(BaseModel):
    """An error as RFC 9457 wants it, `application/problem+json`."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no article with this id"])
    instance: str = Field(description="the path that was asked for", examples=["/v1/articles/0b1f"])
    errors: list[FieldError] = []


def _problems(**descriptions: str) -> dict[int | str, dict[str, Any]]:
    content = {"application/problem+json": {"schema": inline_schema(ProblemAnswer)}}
    described = {
        "422": "A parameter is missing, unknown, or does not have the form asked for",
        "503": "Elasticsearch does not answer, or not completely: come again after `Retry-After` seconds",
        **{status.removeprefix("status_"): text for status, text in descriptions.items()},
    }
    return {int(status): {"description": text, "content": content} for status, text in described.items()}


_OF_ARTICLE = _problems(status_404="There is no such article", status_410="The article was retracted")


def get_reading(request: Request) -> Reading:
    """What reads for this app."""
    reading: Reading = request.app.state.reading
    return reading


Reader = Annotated[Reading, Depends(get_reading)]


async def fetch_published(reading: Reading, article_id: str) -> Article:
    """A published article; Problem 404 when there is none, 410 when it was retracted."""
    article = await reading.fetch_article(article_id)
    if article is None:
        raise Problem(404, "there is no article with this id")
    if isinstance(article, Tombstone):
        raise Problem(410, "this article was retracted and is no longer shown")
    return article


router = APIRouter(prefix="/v1")


@router.get(
    "/search",
    summary="Search articles",
    responses=_problems(status_400="The cursor is not one, or is from another search; or the search is too complex"),
)
async def search(parameters: Annotated[SearchParameters, Query()], reading: Reader) -> SearchAnswer:
    """Articles that have all words of `q` in headline, description or body, in whatever language; with highlights and facets.

    Without `q`: all articles, newest first. To read on, ask the same again with the `cursor` of the answer.
    """
    return await reading.search(parameters)


@router.get("/articles/{article_id}", summary="One article", responses=_OF_ARTICLE)
async def get_article(article_id: ArticleIDPath, reading: Reader) -> Article:
    """An article with its text and what was found in it."""
    return await fetch_published(reading, article_id)


@router.get("/articles/{article_id}/related", summary="Related articles", responses=_OF_ARTICLE)
async def get_related(article_id: ArticleIDPath, reading: Reader, size: Annotated[Size, Query()] = 10) -> RelatedAnswer:
    """Articles with similar text in the same language, or about the same people, organisations and places in any."""
    article = await fetch_published(reading, article_id)
    return RelatedAnswer(article_id=article_id, related=await reading.fetch_related(article, size))


@router.get(
    "/articles/{article_id}/comments",
    summary="Comments on an article",
    responses={**_OF_ARTICLE, **_problems(status_400="The cursor is not one, or is from another article")},
)
async def get_comments(
    article_id: ArticleIDPath,
    reading: Reader,
    size: Annotated[Size, Query()] = 20,
    cursor: Annotated[CursorText | None, Query()] = None,
) -> CommentsAnswer:
    """Comments on an article, newest first."""
    await fetch_published(reading, article_id)
    return await reading.fetch_comments(article_id, size, cursor or None)


@router.get("/most-popular", summary="Most Popular", responses=_problems())
async def get_most_popular(parameters: Annotated[PopularParameters, Query()], reading: Reader) -> MostPopular:
    """What is read or commented on most, of all articles or of a section, language, publisher or combination of them.

    An answer is the exact beginning of the list that was asked for. Where it holds fewer than `size` although there may be more,
    `is_complete` is false.
    """
    return await reading.fetch_most_popular(parameters)


@router.get("/comments/recent", summary="Recent comments", responses=_problems())
async def get_recent_comments(reading: Reader, size: Annotated[Size, Query()] = 10) -> RecentCommentsAnswer:
    """The newest comments on any published article, each with the article."""
    return RecentCommentsAnswer(comments=await reading.fetch_recent_comments(size))
