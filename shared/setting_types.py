"""What settings are made of: the prefix of their variables, groups, and kinds of values."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_settings import NoDecode

from shared.credentials import none_if_empty

PREFIX = "DATELINE_"

Port = Annotated[int, Field(ge=1, le=65535)]


def _split_words(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


#: Several values in one variable, parted by blanks or commas.
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_words)]


class Group(BaseModel):
    """Settings that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _is_file(path: str | None) -> str | None:
    if path is not None and not Path(path).is_file():
        raise ValueError(f"there is no file {path}")
    return path


File = Annotated[str | None, BeforeValidator(none_if_empty), AfterValidator(_is_file)]
Text = Annotated[str | None, BeforeValidator(none_if_empty)]
