"""What the HTTP door answers."""

from pydantic import BaseModel, ConfigDict, Field

from shared.articles import ArticleID, Revision


class Accepted(BaseModel):
    """An article as accepted."""

    article_id: ArticleID
    revision: Revision
    headline: str | None = None
    url: str | None = None


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    detail: str


class LineResult(BaseModel):
    """What became of one line of NDJSON."""

    line: int = Field(ge=1)
    article_id: ArticleID | None = None
    revision: Revision | None = None
    errors: list[FieldError] | None = None


class BatchResult(BaseModel):
    """What became of all lines; refused ones do not hold up the others."""

    accepted: int
    refused: int
    results: list[LineResult]


class Counted(BaseModel):
    """How many views were accepted."""

    accepted: int


class Posted(BaseModel):
    """A comment as accepted."""

    model_config = ConfigDict(json_schema_extra={"example": {"comment_id": "0" * 32}})
    comment_id: str
