"""Requests that are refused before anything is asked of Elasticsearch: what is wrong with them, and what to do."""

from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from services.search.core.wrong_requests import MOST_ERRORS, explain_errors, explain_unknown, summarize
from shared.web import Problem

_FOR_PROGRAMS = ("/v1/", "/feeds/")


async def refuse_unknown(request: Request) -> None:
    """Problem 422 when a parameter is given that the route does not have: whoever mistypes one must not take all for some.

    A dependency of routes that are in the OpenAPI document. Where a model of all parameters refuses others, it is left to the
    model, which names what else is wrong at the same time.
    """
    if not request.query_params or _model_refuses(request):
        return
    known = list(_parameters(request, "query"))
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        errors = [explain_unknown(name, known) for name in unknown[:MOST_ERRORS]]
        raise Problem(422, summarize(errors), errors)


async def refuse_invalid(request: Request, error: Exception) -> Response:
    """What is wrong with each parameter, or field of a body."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - narrows the type that Starlette's signature widens
    found = list(error.errors())
    known = _fields_of_body(request) if any(each["loc"][0] == "body" for each in found) else _parameters(request)
    errors = explain_errors(found, known)
    return Problem(422, summarize(errors), errors).response(request.url.path)


async def refuse_request(request: Request, error: Exception) -> Response:
    """No such address, no such method, and what else Starlette refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    headers, detail = dict(error.headers or {}), str(error.detail)
    if detail == "Not Found" and request.url.path.startswith(_FOR_PROGRAMS):
        detail = "there is nothing at this address: /docs says what there is"
    elif detail == "Method Not Allowed":
        detail = f"{request.method} cannot be asked here, only {headers.get('Allow', 'other methods')}"
    return Problem(error.status_code, detail, headers=headers).response(request.url.path)


def _model_refuses(request: Request) -> bool:
    taken = [each.field_info.annotation for each in request.scope["route"].dependant.query_params]
    return any(
        isinstance(each, type) and issubclass(each, BaseModel) and each.model_config.get("extra") == "forbid" for each in taken
    )


def _operation(request: Request) -> dict[str, Any]:
    """The route in the OpenAPI document; empty for pages."""
    path = getattr(request.scope.get("route"), "path_format", "")
    methods = request.app.openapi()["paths"].get(path, {})
    found: dict[str, Any] = methods.get(request.method.lower()) or methods.get("get", {})
    return found


def _parameters(request: Request, where: str | None = None) -> dict[str, str]:
    """What the route takes, each with what it is."""
    taken = _operation(request).get("parameters", [])
    return {each["name"]: each.get("description", "") for each in taken if where in (None, each["in"])}


def _fields_of_body(request: Request) -> dict[str, str]:
    content = _operation(request).get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    schemas = request.app.openapi().get("components", {}).get("schemas", {})
    return {field: each.get("description", "") for field, each in schemas.get(name, {}).get("properties", {}).items()}
