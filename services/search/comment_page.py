"""Takes the form under an article: a comment that is accepted is thanked for, one that is not is shown again with what is wrong."""

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.search.article_page import ArticlePageOf, Filled
from services.search.comment_posting import CommentPosting, CommentPostingOf
from services.search.core.comment_form import MOST_FORM_BYTES, CommentForm, FormToShow, find_faults, parse_comment_form
from services.search.core.same_origin import is_same_origin
from services.search.site_address import SiteAddressOf
from shared.failures import Unavailable
from shared.logs import get_logger
from shared.page_tokens import TokenFault
from shared.web import Problem

_FORM = "application/x-www-form-urlencoded"
_OLD = "This page was open for more than a day. What you wrote is still here: please send it again."
_NOT_NOW = "Comments cannot be taken just now. What you wrote is still here: please try again in a minute."
_log = get_logger(__name__)

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


async def read_form(request: Request, address: SiteAddressOf) -> CommentForm:
    """The form of a request from a page of this site; Problem 400, 403, 413 or 415 for anything else."""
    own = {"://".join(urlsplit(url)[:2]).lower() for url in (address.url, str(request.base_url))}
    if not is_same_origin(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"), frozenset(own)):
        raise Problem(403, "comments are taken from the page of the article only")
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
        raise Problem(415, "the form of a comment is sent as a browser sends it")
    body = await request.body()  # no longer than `body_limit` lets through
    if len(body) > MOST_FORM_BYTES:
        raise Problem(413, "a comment may not be as long as that")
    form = parse_comment_form(body)
    if form is None:
        raise Problem(400, "this is no form of a comment")
    return form


@router.post("/articles/{article_id}/comments")
async def post_comment(
    article_id: str,
    form: Annotated[CommentForm, Depends(read_form)],
    page: ArticlePageOf,
    posting: CommentPostingOf,
) -> Response:
    """Post a comment. The answer leads back to the article, or is its page with the form as it was filled in."""
    empty = posting.build_form(article_id)
    if empty is None:
        raise Problem(403, "readers cannot comment here")
    thanks = RedirectResponse(f"/articles/{quote(article_id, safe='')}?sent=yes#comments", 303)
    if form.trap:
        _log.info("a comment was filled in by a program", article_id=article_id)
        return thanks
    faults, status = await _judge(article_id, form, posting)
    if not faults:
        return thanks
    again = FormToShow(empty.token, form.author, form.text, faults)
    return await page.render(article_id, Filled(again), status)


async def _judge(article_id: str, form: CommentForm, posting: CommentPosting) -> tuple[dict[str, str], int]:
    """What keeps the comment from being taken, and the status that says so; nothing once it is taken."""
    token = posting.read_token(form.token, article_id)
    if token == TokenFault.FORGED:
        raise Problem(403, "the form is not one of this article")
    faults = find_faults(form)
    if isinstance(token, TokenFault):
        return {**faults, "": _OLD}, 422
    if faults:
        return faults, 422
    try:
        return await posting.post(article_id, form, token.nonce), 422
    except Unavailable as error:
        _log.warning("a comment was not taken", article_id=article_id, reason=str(error))
        return {"": _NOT_NOW}, 503


@router.api_route("/articles/{article_id}/comments", methods=["GET", "HEAD"])
async def lead_to_comments(article_id: str) -> Response:
    """Whoever asks again for the answer to a form finds the comments."""
    return RedirectResponse(f"/articles/{quote(article_id, safe='')}#comments", 303)
