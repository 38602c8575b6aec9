"""Answers that go on for long: whoever does not read them is not waited for, and what they hold is let go of in every case."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import anyio
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from shared.failures import Misconfigured, Unavailable
from shared.logs import get_logger

#: A reader who takes nothing for so long has gone, or might as well have.
STALLED_SECONDS = 60.0
#: What `on_close` may take: it runs also when the reader has gone, when nothing else may be waited for.
_CLOSING_SECONDS = 3.0

_log = get_logger(__name__)


class LongAnswer(StreamingResponse):
    """Sends a part whenever the reader has taken the one before. When a part cannot be made, the connection is cut.

    An answer that ends in the middle has no last chunk (RFC 9112, section 7.1), so clients report an error and none takes it for
    whole.
    """

    def __init__(
        self,
        parts: AsyncIterator[bytes],
        media_type: str,
        on_close: Callable[[], Awaitable[None]],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(parts, media_type=media_type, headers=headers)
        self._on_close = on_close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(STALLED_SECONDS):
                await send(message)

        try:
            await super().__call__(scope, receive, send_in_time)
        except (Unavailable, Misconfigured, TimeoutError) as error:
            # Returning without a last part: the server closes the connection. An exception would be logged as a bug.
            _log.warning("answer cut", path=scope["path"], reason=str(error) or "the reader stalled")
        finally:
            with anyio.move_on_after(_CLOSING_SECONDS, shield=True):
                await self._on_close()
