"""Report views and comments by HTTP. After it: `core.views` and `core.commenting` judge them, `door` sends them."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.ingest.answers import Counted, Posted
from services.ingest.core.addresses import Network
from services.ingest.core.commenting import accept_comment
from services.ingest.core.judgements import Refused
from services.ingest.core.readers import Reader, client_address
from services.ingest.core.submissions import CommentSubmission, ViewsSubmission, ViewSubmission
from services.ingest.core.tokens import Scope, Token
from services.ingest.door import Door, count_refused, now_utc
from services.ingest.judging import parse_body, refusal
from services.ingest.request_bodies import body_of, judge_aside
from services.ingest.requests import read_body, require
from services.ingest.token_file import ValidTokens
from shared.web import Problem


@dataclass(frozen=True, slots=True)
class ReaderRules:
    """What is believed about readers: the networks of the proxies whose X-Forwarded-For is."""

    proxies: tuple[Network, ...] = ()


def engagement_router(door: Door, tokens: ValidTokens, most_bytes: int, rules: ReaderRules) -> APIRouter:
    """Record views and post comments."""
    router = APIRouter(tags=["engagement"])
    engages = Depends(require(Scope.ENGAGE, tokens))

    @router.post("/views", status_code=202, response_model=Counted, openapi_extra=body_of(ViewsSubmission))
    async def record_views(request: Request, response: Response, token: Annotated[Token, engages]) -> Any:
        """Record views: `{"views": [...]}`, or a single one."""
        body = await read_body(request, most_bytes)
        sender = _sender_of(request, rules.proxies)

        async def record() -> Counted:
            return await _record(door, await judge_aside(len(body), _parse_views, body), sender)

        response.status_code = 202
        return await door.answering.once(request, response, token, body, record)

    @router.post("/comments", status_code=202, response_model=Posted, openapi_extra=body_of(CommentSubmission))
    async def post_comment(request: Request, response: Response, token: Annotated[Token, engages]) -> Any:
        """Post a comment under an article."""
        body = await read_body(request, most_bytes)

        async def post() -> Posted:
            submission = await judge_aside(len(body), parse_body, CommentSubmission, body, "comment")
            judged = accept_comment(submission, now_utc())
            if isinstance(judged, Refused):
                raise refusal(judged, "comment")
            await door.post_comment(judged)
            return Posted(comment_id=judged.body.comment_id)

        response.status_code = 202
        return await door.answering.once(request, response, token, body, post)

    return router


def _parse_views(body: bytes) -> tuple[ViewSubmission, ...]:
    if body.lstrip()[:12].startswith((b'{"views":', b'{"views" :', b'{ "views":')):
        return parse_body(ViewsSubmission, body, "view").views
    return (parse_body(ViewSubmission, body, "view"),)


def _sender_of(request: Request, proxies: tuple[Network, ...]) -> Reader:
    peer = request.client.host if request.client else ""
    address = client_address(peer, request.headers.getlist("X-Forwarded-For"), proxies)
    return Reader(address, request.headers.get("User-Agent", ""))


async def _record(door: Door, views: tuple[ViewSubmission, ...], sender: Reader) -> Counted:
    judged = await door.record_views(views, sender)
    refused = [(number, why) for number, why in enumerate(judged) if why is not None]
    count_refused("view", len(refused))
    if len(refused) == len(judged):
        errors = [{"field": f"views.{number}.{why.field}", "detail": why.detail} for number, why in refused]
        raise Problem(422, "no view could be accepted", errors)
    return Counted(accepted=len(judged) - len(refused))
