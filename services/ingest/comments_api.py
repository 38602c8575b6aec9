"""Post comments by HTTP. After it: `core.commenting` judges them, `door` sends them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.ingest.answers import Posted
from services.ingest.core.commenting import accept_comment
from services.ingest.core.judgements import Refused
from services.ingest.core.submissions import CommentSubmission
from services.ingest.core.tokens import Scope, Token
from services.ingest.door import Door, now_utc
from services.ingest.judging import parse_body, refusal
from services.ingest.request_bodies import body_of, judge_aside
from services.ingest.requests import read_body, require
from services.ingest.token_file import ValidTokens


def comments_router(door: Door, tokens: ValidTokens, most_bytes: int) -> APIRouter:
    """Post comments."""
    router = APIRouter(tags=["engagement"])
    engages = Depends(require(Scope.ENGAGE, tokens))

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
