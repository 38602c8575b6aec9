"""What the HTTP door answers."""

from pydantic import BaseModel, ConfigDict, Field

from shared.articles import ArticleID, Revision


class Accepted(BaseModel):
    """An article as accepted. `unchanged`: it was known as it is, and nothing came of it."""

    article_id: ArticleID
    revision: Revision
    headline: str | None = None
    url: str | None = None
    unchanged: bool = False


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    detail: str


class LineResult(BaseModel):
    """What became of one line of NDJSON."""

    line: int = Field(ge=1)
    article_id: ArticleID | None = None
    revision: Revision | None = None
    unchanged: bool | None = Field(default=None, description="true for an article that was known as it is")
    errors: list[FieldError] | None = None


class BatchResult(BaseModel):
    """What became of all lines: new revisions, articles known as they are, and refused ones, which do not hold up the others."""

    accepted: int
    unchanged: int = 0
    refused: int
    results: list[LineResult]


class Counted(BaseModel):
    """How many views, or shares, were accepted."""

    accepted: int


class Posted(BaseModel):
    """A comment as accepted."""

    model_config = ConfigDict(json_schema_extra={"example": {"comment_id": "0" * 32}})
    comment_id: str
