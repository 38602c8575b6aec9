"""What every answer gets on its way out: headers that keep browsers safe, and for readers a page where programs get problem+json.

Plain ASGI: Starlette's own kind of middleware ends every answer properly, also one that broke off in the middle, which then looks
whole.
"""

import json
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NOT_PAGES = ("/v1/", "/feeds/", "/docs", "/redoc", "/openapi.json", "/static", "/images/", "/theme.css")
_PROBLEM = "application/problem+json"


class Dressing:
    """Dresses the answers of `app`. `render_problem` makes the page of a problem, from it and from what was searched for."""

    def __init__(
        self, app: ASGIApp, content_policy: str, render_problem: Callable[[dict[str, object], str], Awaitable[Response]]
    ) -> None:
        self._app = app
        self._content_policy = content_policy
        self._render_problem = render_problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_page = not scope["path"].startswith(_NOT_PAGES)
        problem: MutableHeaders | None = None
        content = b""

        async def dress(message: Message) -> None:
            nonlocal problem, content
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                if is_page and headers.get("content-type") == _PROBLEM:
                    problem = headers
                    return
                self._dress(headers, scope["path"], message["status"], is_page=is_page)
            elif problem is not None:
                content += message.get("body", b"")
                if not message.get("more_body", False):
                    await self._send_page(problem, content, scope, receive, send)
                return
            await send(message)

        await self._app(scope, receive, dress)

    def _dress(self, headers: MutableHeaders, path: str, status: int, *, is_page: bool) -> None:
        if is_page:
            headers["Content-Security-Policy"] = self._content_policy
        elif path.startswith("/static/") and status == 200:
            headers["Cache-Control"] = "public, max-age=31536000, immutable"  # their addresses change with them
        headers["X-Content-Type-Options"] = "nosniff"
        # Nobody else learns where readers come from; with `no-referrer` browsers would not say to us that a form is from here.
        headers["Referrer-Policy"] = "same-origin"

    async def _send_page(self, problem: MutableHeaders, content: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        page = await self._render_problem(json.loads(content), Request(scope).query_params.get("q", ""))
        self._dress(page.headers, scope["path"], page.status_code, is_page=True)
        if "retry-after" in problem:
            page.headers["Retry-After"] = problem["retry-after"]
        await page(scope, receive, send)
