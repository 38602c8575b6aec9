"""Report by HTTP that articles were shared, with a token of ingest; pages do it at `/v1/views`.

After it: `core.views` judges who did it, `door` sends.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.ingest.answers import Counted
from services.ingest.core.submissions import SharesSubmission, ViewSubmission
from services.ingest.core.tokens import Scope, Token
from services.ingest.core.views import AcceptedView, RefusedView
from services.ingest.door import Door, count_refused
from services.ingest.judging import begins_with, none_accepted, parse_body
from services.ingest.page_views import ReaderRules
from services.ingest.request_bodies import judge_aside
from services.ingest.requests import read_body, require
from services.ingest.token_file import ValidTokens
from services.ingest.views_api import sender_of
from shared.web import inline_schema

_DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": [inline_schema(model) for model in (SharesSubmission, ViewSubmission)]}}
        },
    }
}


def shares_router(door: Door, tokens: ValidTokens, most_bytes: int, rules: ReaderRules) -> APIRouter:
    """Report shares."""
    router = APIRouter(tags=["engagement"])
    engages = Depends(require(Scope.ENGAGE, tokens))

    @router.post("/shares", status_code=202, response_model=Counted, openapi_extra=_DOCUMENTED)
    async def report_shares(request: Request, response: Response, token: Annotated[Token, engages]) -> Any:
        """Report shares: `{"shares": [...]}`, or a single one. A reader's shares of an article on one day count once."""
        sender = sender_of(request, rules)
        body = await read_body(request, most_bytes)

        async def report() -> Counted:
            return await _report(door, await judge_aside(len(body), lambda: door.judge_readers(_parse_shares(body), sender)))

        response.status_code = 202
        return await door.answering.once(request, response, token, body, report)

    return router


def _parse_shares(body: bytes) -> tuple[ViewSubmission, ...]:
    if begins_with(body, "shares"):
        return parse_body(SharesSubmission, body, "share").shares
    return (parse_body(ViewSubmission, body, "share"),)


async def _report(door: Door, judged: list[AcceptedView | RefusedView]) -> Counted:
    shares = [share for share in judged if isinstance(share, AcceptedView)]
    refused = [(number, share) for number, share in enumerate(judged) if isinstance(share, RefusedView)]
    count_refused("share", len(refused))
    if not shares:
        raise none_accepted("share", refused)
    await door.report_shares(shares)
    return Counted(accepted=len(shares))
