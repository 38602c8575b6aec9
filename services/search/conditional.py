"""Documents that are not sent again to whoever has them already."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime

from fastapi import Request, Response

_DIGEST_BYTES = 12


def send_document(
    request: Request, content: bytes, media_type: str, kept_seconds: int, modified: datetime | None = None
) -> Response:
    """The document, or 304 when whoever asks has it; caches may keep it for `kept_seconds`."""
    tag = f'"{hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={kept_seconds}"}
    if modified is not None:
        headers["Last-Modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
    if _is_known(request, tag, headers.get("Last-Modified")):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


def _is_known(request: Request, tag: str, modified: str | None) -> bool:
    """`If-None-Match` goes before `If-Modified-Since` (RFC 9110, 13.2.2).

    A date must be the very one that was sent: any other was made up by who asks, or is of another state of the index.
    """
    known = request.headers.get("if-none-match")
    if known is not None:
        return any(each.strip().removeprefix("W/") in (tag, "*") for each in known.split(","))
    return modified is not None and request.headers.get("if-modified-since") == modified
