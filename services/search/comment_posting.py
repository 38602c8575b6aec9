"""Hands comments that were written on the pages on to ingest, which accepts or refuses them."""

import secrets
import time
from types import TracebackType
from typing import Annotated, Self

import httpx2
from fastapi import Depends, Request

from services.search.core.comment_form import CommentForm, FormToShow
from services.search.page_keys import Purpose, page_key
from services.search.reader_page_settings import ReaderPageSettings
from shared.failures import Unavailable
from shared.logs import get_logger
from shared.page_tokens import PageToken, TokenFault, issue_page_token, read_page_token

#: How long a form may stand open before it is sent.
FORM_SECONDS = 24 * 3600
_TIMEOUT_SECONDS = 10.0
_NONCE_BYTES = 12
#: What of ingest's errors readers can mend.
_FIELDS = ("author", "text")
_log = get_logger(__name__)


class CommentPosting:
    """Issues forms and sends what comes of them. It is off where a setting is missing."""

    def __init__(self, settings: ReaderPageSettings) -> None:
        token = settings.comment_token
        self._endpoint = settings.comment_endpoint
        self._key = page_key(settings, Purpose.COMMENT)
        authorization = {} if token is None else {"Authorization": f"Bearer {token.get_secret_value()}"}
        self._http = httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False, headers=authorization)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._http.aclose()

    def build_form(self, article_id: str) -> FormToShow | None:
        """An empty form for one rendering of the page of an article; None where comments are off."""
        if self._endpoint is None or self._key is None:
            return None
        now = int(time.time())
        token = PageToken(article_id, now, now + FORM_SECONDS, secrets.token_urlsafe(_NONCE_BYTES))
        return FormToShow(issue_page_token(self._key, token))

    def read_token(self, token: str, article_id: str) -> PageToken | TokenFault:
        """Which form was sent; FORGED when it is not of this article."""
        if self._key is None:
            return TokenFault.FORGED
        read = read_page_token(token, (self._key,), int(time.time()))
        return TokenFault.FORGED if isinstance(read, PageToken) and read.article_id != article_id else read

    async def post(self, article_id: str, form: CommentForm, form_id: str) -> dict[str, str]:
        """Send a comment; what is wrong with it by field, nothing when it was accepted.

        Unavailable when it cannot be taken now. `form_id` makes it one comment, however often it is sent.
        """
        comment = {"article_id": article_id, "author": form.author, "text": form.text, "id": form_id}
        try:
            answer = await self._http.post(str(self._endpoint), json=comment)
        except httpx2.HTTPError as error:
            raise Unavailable(f"ingest takes no comments: {type(error).__name__} {error}") from error
        if answer.status_code < 300:
            return {}
        if answer.status_code == 422:
            return _faults(answer)
        _log.error("ingest does not take comments", status=answer.status_code, answer=answer.text[:500])
        raise Unavailable(f"ingest takes no comments: it answered {answer.status_code}")


def _faults(answer: httpx2.Response) -> dict[str, str]:
    """What `shared.web.Problem` says; of something else that it was refused."""
    try:
        errors = [(str(error["field"]), str(error["detail"])) for error in answer.json()["errors"]]
    except (ValueError, LookupError, TypeError):
        errors = []
    faults = {field if field in _FIELDS else "": f"This was not taken: {detail}." for field, detail in errors}
    return faults or {"": "The comment was not taken."}


def get_posting(request: Request) -> CommentPosting:
    """What posts comments for this app."""
    posting: CommentPosting = request.app.state.comment_posting
    return posting


CommentPostingOf = Annotated[CommentPosting, Depends(get_posting)]
