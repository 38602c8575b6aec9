"""What every request to ingest passes: its token and scope, and the size limit while the body is read."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.ingest.core.tokens import Scope, Token, find_token
from services.ingest.token_file import ValidTokens
from shared.inflation import NotInflated, inflate_gzip
from shared.web import Problem

Authorise = Callable[[HTTPAuthorizationCredentials | None], Awaitable[Token]]
_BEARER = HTTPBearer(description="a token of `dateline token`, or of the file of `dateline tokens`", auto_error=False)


def require(scope: Scope, tokens: ValidTokens) -> Authorise:
    """A dependency that lets a request pass with a valid bearer token that has the scope, and answers the token."""

    async def authorise(given: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]) -> Token:
        return _authorise(given.credentials if given is not None else None, scope, tokens)

    return authorise


def authorise_request(request: Request, scope: Scope, tokens: ValidTokens) -> Token:
    """As `require`, for a request at hand."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return _authorise(credentials if scheme.lower() == "bearer" else None, scope, tokens)


def _authorise(presented: str | None, scope: Scope, tokens: ValidTokens) -> Token:
    token = find_token(presented, tokens.now()) if presented else None
    if token is None:
        raise unknown_token()
    if not token.may(scope):
        challenge = {"WWW-Authenticate": f'Bearer realm="dateline", error="insufficient_scope", scope="{scope}"'}
        raise Problem(403, f"this token lacks the scope {scope}", headers=challenge)
    return token


def unknown_token() -> Problem:
    """The answer to who presents no token that is known."""
    challenge = {"WWW-Authenticate": 'Bearer realm="dateline"'}
    return Problem(401, "a known bearer token is needed: Authorization: Bearer <token>", headers=challenge)


async def read_body(request: Request, most_bytes: int) -> bytes:
    """The body of a request, unpacked; 413 as soon as it is larger than allowed."""
    declared = request.headers.get("Content-Length", "0")
    too_large = Problem(413, f"the request is larger than the {most_bytes} bytes that are taken at once; send it in parts")
    if declared.isdigit() and int(declared) > most_bytes:
        raise too_large
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most_bytes:
            raise too_large
        parts.append(part)
    body = b"".join(parts)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "gzip":
        inflated = await asyncio.to_thread(inflate_gzip, body, most_bytes)
        if isinstance(inflated, NotInflated):
            raise Problem(413 if "more than" in inflated.reason else 400, f"the body cannot be unpacked: {inflated.reason}")
        return inflated
    if encoding != "identity":
        raise Problem(415, f"bodies are taken as they are or packed by gzip, not as {encoding[:50]}")
    return body
