"""How the API answers: JSON that caches may keep for some seconds, and that need not be sent again while it stays the same."""

import hashlib
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import BaseModel

_DIGEST_BYTES = 12
#: What a route that answers in this way may answer as well.
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "As it was when it had the ETag that `If-None-Match` names"}}


class JSONAnswers:
    """Makes the answers to one request. What is answered was checked when it was made, and is not checked again."""

    def __init__(self, request: Request) -> None:
        self._known = request.headers.get("if-none-match", "")
        self._cache_seconds: int = request.app.state.cache_seconds

    def send(self, answer: BaseModel, only: Any = None) -> Response:
        """The answer, or 304 when whoever asks has it already. `only` says which fields, as pydantic's `include`."""
        content = answer.model_dump_json(include=only).encode()
        tag = f'W/"{hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": f"public, max-age={self._cache_seconds}"}
        if any(each.strip() in (tag, tag[2:], "*") for each in self._known.split(",")):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type="application/json")


Answers = Annotated[JSONAnswers, Depends(JSONAnswers)]
