"""The JSON API: search, articles, what is related to them, comments, Most Popular."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.search.core.answers import (
    Article,
    CommentsAnswer,
    Completions,
    MostPopular,
    RecentCommentsAnswer,
    RelatedAnswer,
    SearchAnswer,
    Tombstone,
)
from services.search.core.parameters import CursorText, PopularParameters, SearchParameters, Size
from services.search.json_answers import NOT_MODIFIED, Answers
from services.search.problems import OF_ARTICLE, problems
from services.search.reading import Reading
from shared.text import Line
from shared.web import Problem

ArticleIDPath = Annotated[str, Path(description="as ingest answered it", examples=["0b1f6c9b3d5e4f708192a3b4c5d6e7f8"])]


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


#: The beginning of what is being typed.
Prefix = Annotated[Line, Query(max_length=64, description="the beginning of a name or keyword", examples=["Ira"])]

router = APIRouter(prefix="/v1")


@router.get(
    "/search",
    summary="Search articles",
    response_model=SearchAnswer,
    responses=NOT_MODIFIED
    | problems(
        status_400="`q` cannot be read: `errors` says why, and at which character; or the cursor is not one, or is from another "
        "search; or the search is too complex"
    ),
)
async def search(parameters: Annotated[SearchParameters, Query()], reading: Reader, answers: Answers) -> Response:
    """Articles that fit `q` in headline, description or body, in whatever language; with highlights, facets, a histogram by time.

    Without `q`: all articles, newest first. To read on, ask the same again with the `cursor` of the answer.
    """
    answer = await reading.search(parameters)
    only = {"hits": {"__all__": set(parameters.fields)}} if parameters.fields else {}
    return answers.send(answer, {name: only.get(name, True) for name in SearchAnswer.model_fields})


@router.get("/complete", summary="Complete what is being typed", response_model=Completions, responses=NOT_MODIFIED | problems())
async def complete(
    reading: Reader, answers: Answers, q: Prefix = "", size: Annotated[int, Query(ge=1, le=20, description="how many")] = 10
) -> Response:
    """Names of people, organisations and places, and keywords, that articles have and that begin like this."""
    return answers.send(await reading.complete(q, size) if q else Completions(completions=()))


@router.get("/articles/{article_id}", summary="One article", response_model=Article, responses=NOT_MODIFIED | OF_ARTICLE)
async def get_article(article_id: ArticleIDPath, reading: Reader, answers: Answers) -> Response:
    """An article with its text and what was found in it."""
    return answers.send(await fetch_published(reading, article_id))


@router.get(
    "/articles/{article_id}/related",
    summary="Related articles",
    response_model=RelatedAnswer,
    responses=NOT_MODIFIED | OF_ARTICLE,
)
async def get_related(
    article_id: ArticleIDPath, reading: Reader, answers: Answers, size: Annotated[Size, Query()] = 10
) -> Response:
    """Other stories with similar text in the same language, or about the same people, organisations and places in any."""
    article = await fetch_published(reading, article_id)
    return answers.send(RelatedAnswer(article_id=article_id, related=await reading.fetch_related(article, size)))


@router.get(
    "/articles/{article_id}/comments",
    summary="Comments on an article",
    response_model=CommentsAnswer,
    responses=NOT_MODIFIED | OF_ARTICLE | problems(status_400="The cursor is not one, or is from another article"),
)
async def get_comments(
    article_id: ArticleIDPath,
    reading: Reader,
    answers: Answers,
    size: Annotated[Size, Query()] = 20,
    cursor: Annotated[CursorText | None, Query()] = None,
) -> Response:
    """Comments on an article, newest first."""
    await fetch_published(reading, article_id)
    return answers.send(await reading.fetch_comments(article_id, size, cursor or None))


@router.get("/most-popular", summary="Most Popular", response_model=MostPopular, responses=NOT_MODIFIED | problems())
async def get_most_popular(parameters: Annotated[PopularParameters, Query()], reading: Reader, answers: Answers) -> Response:
    """What is read or commented on most, of all articles or of a section, language, publisher or combination of them.

    An answer is the exact beginning of the list that was asked for. Where it holds fewer than `size` although there may be more,
    `is_complete` is false.
    """
    return answers.send(await reading.fetch_most_popular(parameters))


@router.get("/comments/recent", summary="Recent comments", response_model=RecentCommentsAnswer, responses=NOT_MODIFIED | problems())
async def get_recent_comments(reading: Reader, answers: Answers, size: Annotated[Size, Query()] = 10) -> Response:
    """The newest comments on any published article, each with the article."""
    return answers.send(RecentCommentsAnswer(comments=await reading.fetch_recent_comments(size)))
