"""The settings of the reader pages: pictures, comments, translation, and how the pages look."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from services.search.core.translating import is_template
from shared.addresses import Network
from shared.articles import WebURL
from shared.page_tokens import LEAST_KEY_CHARACTERS
from shared.settings import File, Group, Words

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


_OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_none_if_empty)]


class ReaderPageSettings(Group):
    """What the reader pages have beside texts and lists."""

    pages_key: _OptionalSecret = Field(
        default=None,
        description="at least 32 characters, the same for all processes: it signs addresses of pictures and comment forms, of "
        "which there are none without it",
    )
    pictures: bool = Field(default=True, description="show pictures of articles, which search fetches and hands on; with PAGES_KEY")
    most_picture_bytes: int = Field(default=5_000_000, ge=1_000, le=50_000_000, description="larger pictures are not handed on")
    kept_picture_bytes: int = Field(
        default=64_000_000, ge=0, description="pictures that each process keeps in memory, so that they are not fetched again"
    )
    picture_mirror: Path | None = Field(
        default=None,
        description="folder of pictures by `<host>/<path>` of their addresses: those are taken from it, not fetched",
    )
    picture_allowed_networks: Words = Field(
        default=(), description="networks to fetch pictures from though they are not public, such as 10.0.0.0/8; on any port"
    )
    comment_endpoint: Annotated[WebURL | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        description="address of ingest's /v1/comments, as search reaches it, where comments written on pages go; with "
        "COMMENT_TOKEN and PAGES_KEY",
    )
    comment_token: _OptionalSecret = Field(
        default=None, description="bearer token of ingest with the scope engage, by which comments are handed on"
    )
    translator_url: Annotated[str | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        description="where readers may have a page translated, such as `https://translate.example/?u={url}&to={language}`; without "
        "it they only link to their versions in other languages",
    )
    translator_languages: Words = Field(
        default=("en", "es", "fr", "de", "ar", "ru", "zh"), description="languages (BCP 47) that TRANSLATOR_URL is offered for"
    )
    theme: File = Field(default=None, description="stylesheet that follows those of the pages, to change how they look")

    @field_validator("pages_key")
    @classmethod
    def _is_long(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < LEAST_KEY_CHARACTERS:
            raise ValueError(f"it has fewer than {LEAST_KEY_CHARACTERS} characters; `openssl rand -hex 32` makes one")
        return key

    @field_validator("translator_url")
    @classmethod
    def _is_template(cls, template: str | None) -> str | None:
        if template is not None and not is_template(template):
            raise ValueError("it must be an address of https or http that has `{url}`, and no other braces than `{language}`")
        return template

    @field_validator("translator_languages")
    @classmethod
    def _are_languages(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for language in languages:
            if not _LANGUAGE.fullmatch(language):
                raise ValueError(f"{language[:40]} is no language code such as `en` or `zh-Hant`")
        return languages

    @field_validator("picture_allowed_networks")
    @classmethod
    def _are_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(text)) for text in networks)

    @property
    def picture_networks(self) -> tuple[Network, ...]:
        """PICTURE_ALLOWED_NETWORKS as networks."""
        return tuple(ip_network(text) for text in self.picture_allowed_networks)

    @model_validator(mode="after")
    def _comments_are_whole(self) -> Self:
        given = (self.comment_endpoint is not None, self.comment_token is not None)
        if any(given) and not (all(given) and self.pages_key is not None):
            raise ValueError("comments need COMMENT_ENDPOINT, COMMENT_TOKEN and PAGES_KEY: set all, or neither of the first two")
        return self
