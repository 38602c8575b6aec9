"""Report views by HTTP: many with a token of ingest, or one with the token of a page. After it: `core.views` judges, `door` sends.

This endpoint is asked more often than all others together. FastAPI tells of it, but its requests go past FastAPI, its routes and
its layers around these, which would take half of the time for what is not used here.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Send

from services.ingest.answers import Counted
from services.ingest.core.common_records import Placed
from services.ingest.core.readers import Reader, client_address
from services.ingest.core.submissions import PageViewSubmission, ViewsSubmission, ViewSubmission
from services.ingest.core.tokens import Scope
from services.ingest.core.views import RefusedView
from services.ingest.door import Door
from services.ingest.judging import begins_with, none_accepted, parse_body
from services.ingest.page_views import PageViews, ReaderRules
from services.ingest.request_bodies import judge_aside
from services.ingest.requests import authorise_request, read_body
from services.ingest.token_file import ValidTokens
from shared.failures import Misconfigured, Unavailable
from shared.web import Problem, inline_schema

_Endpoint = Callable[[Request], Awaitable[Response]]
_DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [inline_schema(model) for model in (ViewsSubmission, ViewSubmission, PageViewSubmission)]}
            },
            "text/plain": {"schema": {"type": "string", "description": "one view with a page token, as JSON"}},
        },
    },
    "security": [{"HTTPBearer": []}, {}],
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    204: {"description": "The view of a page is recorded"},
    401: {"description": "Neither a token of ingest nor a page token"},
    403: {
        "description": "The page token is forged, expired, of another article or used; or pages of this origin may not send views"
    },
}


def add_views(app: FastAPI, prefix: str, door: Door, tokens: ValidTokens, most_bytes: int, rules: ReaderRules) -> None:
    """Record views at `<prefix>/views`."""
    router = views_router(door, tokens, most_bytes, rules)
    app.include_router(router, prefix=prefix)
    (endpoint,) = (route.endpoint for route in router.routes if isinstance(route, APIRoute) and "POST" in (route.methods or ()))

    app.user_middleware.append(Middleware(_Quick, endpoint=endpoint, path=f"{prefix}/views", handlers=app.exception_handlers))


class _Quick:
    """Answers posts of views before anybody looks for a route; all else goes on."""

    def __init__(self, app: ASGIApp, endpoint: _Endpoint, path: str, handlers: Mapping[Any, Any]) -> None:
        self._app = app
        self._endpoint = endpoint
        self._path = path
        self._handlers = handlers
        self._route = Route(path, endpoint, methods=["POST"])  # by which requests are counted

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self._path or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope["route"] = self._route
        request = Request(scope, receive)
        try:
            response = await self._endpoint(request)
        except (Problem, Unavailable, Misconfigured) as error:
            response = await self._handlers[type(error)](request, error)
        await response(scope, receive, send)


def views_router(door: Door, tokens: ValidTokens, most_bytes: int, rules: ReaderRules) -> APIRouter:
    """The endpoint as OpenAPI tells of it."""
    router = APIRouter(tags=["engagement"])
    pages = PageViews(door, rules)

    @router.post("/views", status_code=202, response_model=Counted, responses=_RESPONSES, openapi_extra=_DOCUMENTED)
    async def record_views(request: Request) -> Response:
        """Record views: `{"views": [...]}`, or a single one; or, without a token of ingest, one that a page token vouches for."""
        sender = sender_of(request, rules)
        if "Authorization" not in request.headers:
            return await pages.record(request, sender)
        token = authorise_request(request, Scope.ENGAGE, tokens)
        body = await read_body(request, most_bytes)

        async def record() -> Counted:
            return await _record(door, await judge_aside(len(body), lambda: door.judge_views(_parse_views(body), sender)))

        answer = await door.answering.once(request, Response(status_code=202), token, body, record)
        if isinstance(answer, Response):
            return answer
        return Response(answer.model_dump_json(), 202, media_type="application/json")

    @router.options("/views", status_code=204, include_in_schema=False)
    async def ask_before_views(request: Request) -> Response:
        """Whether the page of another origin may send a view."""
        return pages.answer_preflight(request)

    return router


def _parse_views(body: bytes) -> tuple[ViewSubmission, ...]:
    if begins_with(body, "views"):
        return parse_body(ViewsSubmission, body, "view").views
    return (parse_body(ViewSubmission, body, "view"),)


def sender_of(request: Request, rules: ReaderRules) -> Reader:
    """Who sends a request, as far as proxies are believed."""
    peer = request.client.host if request.client else ""
    address = client_address(peer, request.headers.getlist("X-Forwarded-For"), rules.proxies)
    return Reader(address, request.headers.get("User-Agent", ""))


async def _record(door: Door, judged: list[Placed | RefusedView]) -> Counted:
    await door.record_views(judged)
    refused = [(number, view) for number, view in enumerate(judged) if isinstance(view, RefusedView)]
    if len(refused) == len(judged):
        raise none_accepted("view", refused)
    return Counted(accepted=len(judged) - len(refused))
