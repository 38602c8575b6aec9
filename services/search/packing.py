"""Pages, styles and scripts travel packed (gzip), a quarter as large; answers of the API and streams go as they are."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

#: Their ETags are of what was not packed, and streams are sent event by event.
_NOT_PACKED = ("/v1/", "/feeds/", "/images/")
_LEAST_BYTES = 1000
_LEVEL = 5


class PackedPages:
    """Packs what `app` answers where a reader's browser takes it so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packing = GZipMiddleware(app, minimum_size=_LEAST_BYTES, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_packed = scope["type"] == "http" and not scope["path"].startswith(_NOT_PACKED)
        await (self._packing if is_packed else self._app)(scope, receive, send)
