"""Errors as the OpenAPI document tells them."""

from typing import Any

from pydantic import BaseModel, Field

from shared.web import inline_schema


class FieldError(BaseModel):
    """What is wrong with one parameter."""

    field: str
    detail: str
    position: int | None = Field(default=None, description="of the character of `q` that is meant, in code points from 0")
    caret: str | None = Field(default=None, description="`q`, and in a second line a caret below that character")


class ProblemAnswer(BaseModel):
    """An error as RFC 9457 wants it, `application/problem+json`."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no article with this id"])
    instance: str = Field(description="the path that was asked for", examples=["/v1/articles/0b1f"])
    errors: list[FieldError] = []


def problems(**descriptions: str) -> dict[int | str, dict[str, Any]]:
    """The answers that a route may give instead of the one asked for: 422, 503, and those described as `status_404="…"`."""
    content = {"application/problem+json": {"schema": inline_schema(ProblemAnswer)}}
    described = {
        "422": "A parameter is missing, unknown, or does not have the form asked for",
        "503": "Elasticsearch does not answer, or not completely: come again after `Retry-After` seconds",
        **{status.removeprefix("status_"): text for status, text in descriptions.items()},
    }
    return {int(status): {"description": text, "content": content} for status, text in described.items()}


OF_ARTICLE = problems(status_404="There is no such article", status_410="The article was retracted")
