"""What every request to ingest passes: the bearer token, and the size limit while the body is read."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.security.utils import get_authorization_scheme_param

from shared.web import Problem

Authorise = Callable[[Request], Awaitable[None]]


def require_token(hashes: tuple[str, ...]) -> Authorise:
    """A dependency that lets a request pass only with a bearer token whose SHA-256 is one of `hashes`."""
    known = [bytes.fromhex(text) for text in hashes]

    async def authorise(request: Request) -> None:
        scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        matches = [hmac.compare_digest(digest, other) for other in known]  # all, so that the time tells nothing
        if scheme.lower() != "bearer" or not any(matches):
            raise Problem(
                401,
                "a bearer token that may publish is needed: Authorization: Bearer <token>",
                headers={"WWW-Authenticate": 'Bearer realm="dateline"'},
            )

    return authorise


async def read_body(request: Request, most_bytes: int) -> bytes:
    """The body of a request; 413 as soon as it is larger than allowed."""
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
    return b"".join(parts)
