"""Saved searches: saved and deleted by whoever has a token, read by whoever knows the id."""

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.search.core.parameters import CursorText, Size
from services.search.core.query_errors import QueryError
from services.search.core.saved import (
    MatchesAnswer,
    SavedSearch,
    SavedSearchCreated,
    SavedSearchSubmission,
    build_deleted,
    build_saved,
    may_save,
)
from services.search.json_answers import NOT_MODIFIED, Answers
from services.search.problems import problems
from services.search.saving import SavedSearchesOf, SearchPublisher
from services.search.settings import ReadingSettings
from shared.saved_searches import SearchSaved
from shared.web import Problem

_ID_BYTES = 16
_BEARER = HTTPBearer(description="a token whose SHA-256 is in DATELINE_SEARCH_SAVING_TOKEN_HASHES", auto_error=False)
_REFUSED = {
    "status_401": "There is no bearer token, or it is none that may save",
    "status_403": "Saving is switched off: `DATELINE_SEARCH_SAVING_TOKEN_HASHES` is empty",
}
NO_SUCH_SEARCH = "there is no saved search with this id, or it was deleted; one that was saved just now is there in a moment"

SearchIDPath = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="as it was answered when the search was saved")]
router = APIRouter(prefix="/v1/saved-searches")


def require_token(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> None:
    """Problem 403 when nobody may save, 401 when this one may not."""
    settings: ReadingSettings = request.app.state.settings
    if not settings.saving_token_hashes:
        raise Problem(403, "saving searches is switched off: set DATELINE_SEARCH_SAVING_TOKEN_HASHES; `dateline token` makes one")
    if credentials is None or not may_save(credentials.credentials, settings.saving_token_hashes):
        raise Problem(401, "a bearer token that may save searches is needed", headers={"WWW-Authenticate": "Bearer"})


async def fetch_saved(saved_searches: SavedSearchesOf, search_id: SearchIDPath) -> SavedSearch:
    """The saved search of the path; Problem 404 when there is none."""
    saved = await saved_searches.fetch(search_id)
    if saved is None:
        raise Problem(404, NO_SUCH_SEARCH)
    return saved


Saved = Annotated[SavedSearch, Depends(fetch_saved)]
_WITH_TOKEN: Any = [Depends(require_token)]


@router.post(
    "",
    summary="Save a search",
    status_code=201,
    dependencies=_WITH_TOKEN,
    responses=problems(**_REFUSED, status_400="`q` cannot be read", status_409="So many are saved that no other can be"),
)
async def save_search(asked: SavedSearchSubmission, saved_searches: SavedSearchesOf, request: Request) -> SavedSearchCreated:
    """From now on every article that fits it, as it is indexed, is a match: in its feed, in its stream, and sent to its webhook.

    Articles that were accepted before are found by `/v1/search`.
    """
    settings: ReadingSettings = request.app.state.settings
    if await saved_searches.count() >= settings.most_saved_searches:
        raise Problem(409, f"{settings.most_saved_searches} searches are saved, which is the most: delete some")
    publisher: SearchPublisher = request.app.state.search_publisher
    if asked.webhook is not None and not publisher.has_webhooks:
        raise Problem(422, "there are no webhooks here", [{"field": "webhook", "detail": "DATELINE_WEBHOOKS_KEY is not set"}])
    body = await publish_search(asked, publisher)
    added = {"has_webhook": body.webhook is not None, "webhook_secret": publisher.secret_of(body)}
    return SavedSearchCreated.model_validate(body.model_dump() | added)


async def publish_search(asked: SavedSearchSubmission, publisher: SearchPublisher) -> SearchSaved:
    """Save a search under a new id. Problem 400 when `q` cannot be read."""
    try:
        body = build_saved(asked, secrets.token_hex(_ID_BYTES), datetime.now(UTC))
    except QueryError as error:
        wrong = {"field": "q", "detail": error.detail, "position": error.position, "caret": error.with_caret(asked.q)}
        raise Problem(400, f"q cannot be read at character {error.position}: {error.detail}", [wrong]) from error
    await publisher.publish(body)
    return body


@router.get(
    "/{search_id}",  # noqa: FAST003 - `Saved` takes it
    summary="A saved search",
    response_model=SavedSearch,
    responses=NOT_MODIFIED | problems(status_404=NO_SUCH_SEARCH),
)
async def get_saved_search(saved: Saved, answers: Answers) -> Response:
    """What is asked, and since when."""
    return answers.send(saved)


@router.delete(
    "/{search_id}",  # noqa: FAST003 - `Saved` takes it
    summary="Delete a saved search",
    status_code=204,
    dependencies=_WITH_TOKEN,
    responses=problems(**_REFUSED, status_404=NO_SUCH_SEARCH),
)
async def delete_saved_search(saved: Saved, request: Request) -> None:
    """Nothing matches it any more, some moments later."""
    publisher: SearchPublisher = request.app.state.search_publisher
    await publisher.publish(build_deleted(saved, datetime.now(UTC)))


@router.get(
    "/{search_id}/matches",  # noqa: FAST003 - `Saved` takes it
    summary="Matches of a saved search",
    response_model=MatchesAnswer,
    responses=NOT_MODIFIED | problems(status_404=NO_SUCH_SEARCH, status_400="The cursor is not one, or is from another search"),
)
async def get_matches(
    saved: Saved,
    saved_searches: SavedSearchesOf,
    answers: Answers,
    size: Annotated[Size, Query()] = 20,
    cursor: Annotated[CursorText | None, Query()] = None,
) -> Response:
    """Newest first, each with its article as it is now. A page may have fewer than `size`: retracted articles are left out."""
    return answers.send(await saved_searches.fetch_matches(saved.search_id, size, cursor or None))
