"""The operators' web page: how everything is, dead letters to mend and put back, the way of an article. Complete without script.

Whoever shows a token of the settings may do all of it. It listens on loopback unless it is told otherwise.
"""

from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ops.cli.settings import CLISettings
from ops.cli.tokens import local_token
from ops.console import door, letters, pages
from ops.console.entering import MustEnter, Refused, safe_path
from ops.console.rendering import build_environment, render
from ops.console.sessions import Sessions
from ops.local.settings import LocalSettings
from shared.failures import Misconfigured, Unavailable
from shared.settings import PREFIX

_HERE = Path(__file__).parent
_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


def allowed_hashes(settings: CLISettings) -> tuple[str, ...]:
    """SHA-256 of the tokens that may enter: those of the settings, or else that of the local stack. Raises Misconfigured."""
    if settings.console.token_hashes:
        return settings.console.token_hashes
    home = LocalSettings().local.home
    if not (home / "token").exists():
        raise Misconfigured(
            f"nobody may enter: set {PREFIX}CONSOLE_TOKEN_HASHES to what `dateline token` prints ({home}/token of a local stack "
            "does not exist)"
        )
    return (local_token(home)[1],)


def build_console(settings: CLISettings) -> FastAPI:
    """The app. Raises Misconfigured when nobody may enter."""
    app = FastAPI(title="Dateline console", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.token_hashes = allowed_hashes(settings)
    app.state.sessions = Sessions()
    app.state.templates = build_environment()
    app.add_middleware(_Guarded)
    app.exception_handler(MustEnter)(_lead_to_the_door)
    app.exception_handler(Refused)(_tell_refused)
    app.exception_handler(Misconfigured)(_tell_failure)
    app.exception_handler(Unavailable)(_tell_failure)
    app.include_router(door.router)
    app.include_router(pages.router)
    app.include_router(letters.router)
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    return app


class _Guarded:
    """Puts what browsers must hold to on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dress(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        await self._app(scope, receive, dress)


async def _lead_to_the_door(_request: Request, error: Exception) -> Response:
    path = safe_path(error.path if isinstance(error, MustEnter) else "/")
    return RedirectResponse("/login" if path == "/" else f"/login?{urlencode({'next': path})}", 303)


async def _tell_refused(request: Request, error: Exception) -> Response:
    return _told(request, error.status if isinstance(error, Refused) else 400, str(error))


async def _tell_failure(request: Request, error: Exception) -> Response:
    return _told(request, 503 if isinstance(error, Unavailable) else 409, str(error))


def _told(request: Request, status: int, why: str) -> Response:
    if request.url.path.endswith(".json"):
        return JSONResponse({"detail": why}, status)
    return render(request, "refused.html", {"why": why}, status)
