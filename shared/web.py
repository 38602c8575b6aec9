"""What both HTTP services share: errors as problem+json (RFC 9457), request metrics, documentation pages without other hosts."""

import time
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.failures import Misconfigured, Unavailable
from shared.logs import get_logger
from shared.metrics import HTTP_REQUESTS, HTTP_SECONDS

RETRY_AFTER_SECONDS = 5
#: Errors that one answer names: enough to mend what is wrong, and no answer larger than its question.
MOST_ERRORS = 20
_log = get_logger(__name__)


class Problem(Exception):
    """An answer that is not the one asked for. `errors` names single fields, each with `field` and `detail`."""

    def __init__(
        self, status: int, detail: str, errors: list[dict[str, Any]] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}

    def response(self, instance: str) -> JSONResponse:
        """The problem as RFC 9457 wants it; `instance` is the path that was asked for."""
        content: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        if self.errors:
            content["errors"] = self.errors
        return JSONResponse(content, self.status, self.headers, media_type="application/problem+json")


def unavailable(detail: str) -> Problem:
    """503 that tells when to come again."""
    return Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def field_errors(errors: list[Any], skip: int = 1) -> list[dict[str, Any]]:
    """Pydantic's errors as `field` and `detail`, the first few only.

    The first `skip` parts of a place (such as `body`) are not a field's.
    """
    return [
        {"field": ".".join(str(part) for part in error["loc"][skip:])[:200] or "body", "detail": error["msg"]}
        for error in errors[:MOST_ERRORS]
    ]


def inline_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model without references, to stand inside an OpenAPI document. The model must not contain itself."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, dict):
            reference = node.get("$ref")
            return resolve(definitions[reference.rsplit("/", 1)[1]]) if reference else {k: resolve(v) for k, v in node.items()}
        return [resolve(each) for each in node] if isinstance(node, list) else node

    resolved: dict[str, Any] = resolve(schema)
    return resolved


def build_app(title: str, description: str, version: str, **arguments: Any) -> FastAPI:
    """An app with documentation at `/docs`, OpenAPI at `/openapi.json`, problems for errors and metrics for requests."""
    app: FastAPI = FastAPIOffline(title=title, description=description, version=version, **arguments)
    app.add_middleware(_Measured)
    app.exception_handler(Problem)(_problem)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http_exception)
    app.exception_handler(Unavailable)(_unavailable)
    app.exception_handler(Misconfigured)(_unavailable)
    return app


class _Measured:
    """Counts and times every request, and answers for bugs; plain ASGI, which costs a tenth of Starlette's own kind."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:
            _log.exception("bug in answering a request", method=scope["method"], path=scope["path"])
            if status:  # too late for another answer: the connection is cut
                raise
            await Problem(500, "something went wrong here; it has been logged").response(scope["path"])(scope, receive, watch)
        route = getattr(scope.get("route"), "path", "none")
        HTTP_REQUESTS.labels(scope["method"] if route != "none" else "any", route, f"{status // 100}xx").inc()
        HTTP_SECONDS.labels(route).observe(time.perf_counter() - started)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101 - narrows the type that Starlette's signature widens
    return problem.response(request.url.path)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    errors = field_errors(list(error.errors()))
    return Problem(422, "the request does not have the form that is asked for", errors).response(request.url.path)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    return Problem(error.status_code, str(error.detail), headers=dict(error.headers or {})).response(request.url.path)


async def _unavailable(request: Request, error: Exception) -> Response:
    _log.warning("not available", reason=str(error), path=request.url.path)
    return unavailable(str(error)).response(request.url.path)
