"""No request may send more than a search that is saved needs: bodies are read before it is known who sends them."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY_BYTES = 256 * 1024


class BodyLimit:
    """Hands on to `app` what is not too large; the rest is refused with 413 before it is taken into memory."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            if declared.isdecimal() and int(declared[:20]) > MOST_BODY_BYTES:
                raise _too_large()
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BODY_BYTES:
                raise _too_large()
            return message

        await self._app(scope, limited, send)


def _too_large() -> HTTPException:
    return HTTPException(413, f"a request may have {MOST_BODY_BYTES // 1024} KiB at most")
