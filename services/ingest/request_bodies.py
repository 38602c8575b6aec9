"""How bodies of requests are judged beside the event loop, and how OpenAPI tells of them, since they are read by hand."""

import asyncio
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from pydantic import BaseModel

from shared.web import inline_schema

P = ParamSpec("P")
R = TypeVar("R")

#: Larger bodies are judged in a thread, so that they hold up nobody.
_LARGE_BYTES = 16 * 1024


async def judge_aside(size: int, work: Callable[P, R], *arguments: P.args, **more: P.kwargs) -> R:
    """Work in a thread when there is much of it, or else at once: a thread costs more than an article takes."""
    if size > _LARGE_BYTES:
        return await asyncio.to_thread(work, *arguments, **more)
    return work(*arguments, **more)


def body_of(model: type[BaseModel], *others: str) -> dict[str, Any]:
    """The OpenAPI of a body in JSON, or in one of the `others`, which are media types of text."""
    content: dict[str, Any] = {"application/json": {"schema": inline_schema(model)}}
    content |= {kind: {"schema": {"type": "string"}} for kind in others}
    return {"requestBody": {"required": True, "content": content}}
