"""Settings: groups that services compose into one frozen model each, read from `DATELINE_…` environment variables.

`DATELINE_KAFKA_COMPRESSION` is the field `compression` of the group `kafka`. A name that is not known is refused, and all that is
wrong is named at once.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from shared.failures import Misconfigured
from shared.page_tokens import LEAST_KEY_CHARACTERS

PREFIX = "DATELINE_"
#: The groups that exist anywhere in Dateline: a service ignores those of the others, so that all can share one environment.
GROUPS = frozenset(
    {
        "KAFKA",
        "ELASTICSEARCH",
        "LOG",
        "OPERATIONS",
        "TOPICS",
        "INGEST",
        "ENRICH",
        "POPULARITY",
        "INDEXER",
        "SEARCH",
        "PAGE",
        "LOCAL",
        "CLI",
        "LISTS",
        "WEBHOOKS",
    }
)

Port = Annotated[int, Field(ge=1, le=65535)]


def _split_words(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


#: Several values in one variable, parted by blanks or commas.
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_words)]


class Group(BaseModel):
    """Settings that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_SERVER = r"(\[[0-9a-fA-F:.]+\]|[^\s/:,]+):\d{1,5}"
_SERVERS = rf"^{_SERVER}(,\s*{_SERVER})*$"
_URL = rf"https?://{_SERVER}[^\s,]*"
_URLS = rf"^{_URL}(,{_URL})*$"


def _is_file(path: str | None) -> str | None:
    if path is not None and not Path(path).is_file():
        raise ValueError(f"there is no file {path}")
    return path


File = Annotated[str | None, AfterValidator(_is_file)]


class KafkaSettings(Group):
    """How to reach Kafka and how to talk to it."""

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092", pattern=_SERVERS, description="brokers to ask first, host:port, parted by commas"
    )
    compression: Literal["none", "gzip", "zstd"] = Field(default="zstd", description="how produced records are compressed")
    delivery_timeout_seconds: float = Field(
        default=10.0, gt=0, le=120, description="how long one record may take to be acknowledged"
    )
    session_timeout_seconds: float = Field(
        default=15.0, ge=6, le=300, description="after this silence a consumer's partitions move"
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="as in Kafka"
    )
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(default="SCRAM-SHA-512", description="with SASL_…")
    username: str | None = Field(default=None, description="with SASL_…")
    password: SecretStr | None = Field(default=None, description="with SASL_…")
    ca_file: File = Field(default=None, description="certificates to trust, PEM; the system's when absent")

    @model_validator(mode="after")
    def _sasl_has_credentials(self) -> Self:
        if self.security_protocol.startswith("SASL") and (self.username is None or self.password is None):
            raise ValueError(f"{self.security_protocol} needs KAFKA_USERNAME and KAFKA_PASSWORD")
        return self


class ElasticsearchSettings(Group):
    """How to reach Elasticsearch."""

    url: str = Field(default="http://127.0.0.1:9200", pattern=_URLS, description="one node, or several parted by commas")
    api_key: SecretStr | None = Field(default=None, description="API key, encoded")
    username: str | None = Field(default=None, description="instead of an API key")
    password: SecretStr | None = Field(default=None, description="instead of an API key")
    ca_file: File = Field(default=None, description="certificates to trust, PEM; the system's when absent")
    timeout_seconds: float = Field(default=30.0, gt=0, le=300, description="how long one request may take")


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


#: A key that may be absent, also by a variable that is empty, as docker compose makes it of one that is not set.
_PageKey = Annotated[SecretStr | None, BeforeValidator(_none_if_empty)]


class PageSettings(Group):
    """Page tokens, by which the views of browsers are believed: search issues them, ingest reads them."""

    token_key: _PageKey = Field(
        default=None,
        description="at least 32 characters, the same for ingest and search: it signs page tokens; without it they are off",
    )
    previous_token_key: _PageKey = Field(default=None, description="the key before TOKEN_KEY, whose tokens are still taken")
    token_seconds: int = Field(default=7200, ge=60, le=86_400, description="how long after its page was made a token is taken")

    @model_validator(mode="after")
    def _keys_are_long(self) -> Self:
        for key in (self.token_key, self.previous_token_key):
            if key is not None and len(key.get_secret_value()) < LEAST_KEY_CHARACTERS:
                raise ValueError(
                    f"a key of page tokens has fewer than {LEAST_KEY_CHARACTERS} characters; `openssl rand -hex 32` makes one"
                )
        if self.previous_token_key is not None and self.token_key is None:
            raise ValueError("PREVIOUS_TOKEN_KEY is set without TOKEN_KEY")
        return self

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The keys whose tokens are taken; the first signs. None while page tokens are off."""
        return tuple(key.get_secret_value().encode() for key in (self.token_key, self.previous_token_key) if key is not None)


class WebhookSettings(Group):
    """How matches of saved searches are sent to webhooks."""

    key: Annotated[SecretStr | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        min_length=LEAST_KEY_CHARACTERS,
        description="at least 32 characters, the same for search and webhooks, from which secrets of webhooks derive; without it "
        "there are none",
    )
    timeout_seconds: float = Field(default=5.0, gt=0, le=60, description="how long one delivery may take")
    retry_seconds: float = Field(default=60.0, gt=0, le=240, description="time from one attempt at a delivery to the next")
    give_up_seconds: float = Field(
        default=86_400, gt=0, le=172_800, description="how long after the first attempt a delivery is given up, to the dead letters"
    )
    at_once: int = Field(default=16, ge=1, le=256, description="endpoints that are sent to at once")
    allowed_networks: Words = Field(
        default=(), description="networks to send to though they are not public, such as 10.0.0.0/8; on any port"
    )


class LogSettings(Group):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="the least level that is logged")


class OperationsSettings(Group):
    """Where `/healthz`, `/readyz` and `/metrics` answer."""

    host: str = Field(default="127.0.0.1", description="address to listen on; 0.0.0.0 in a container")
    port: Port = Field(default=9100, description="port to listen on")


class ServiceSettings(BaseSettings):
    """What every service's settings have."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="_", env_nested_max_split=1, frozen=True, extra="forbid"
    )

    log: LogSettings = LogSettings()
    operations: OperationsSettings = OperationsSettings()


S = TypeVar("S", bound=BaseSettings)


def environment_names(model: type[BaseModel]) -> dict[str, str]:
    """Every environment variable of a settings model, with what it is for."""
    names = {}
    for group_name, group in model.model_fields.items():
        annotation = group.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for name, field in annotation.model_fields.items():
                names[f"{PREFIX}{group_name}_{name}".upper()] = field.description or ""
    return names


def load_settings(model: type[S]) -> S:
    """The settings that the environment gives; Misconfigured names everything that is wrong with them."""
    problems = [f"{name}: {why}" for name, why in unknown_names(model, os.environ).items()]
    try:
        settings = model()
    except SettingsError as error:  # a group given as one value
        problems.append(f"{PREFIX}…: {error}; see .env.example for the names")
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            name = PREFIX + "_".join(str(part) for part in problem["loc"][:2]).upper()
            if problem["type"] != "extra_forbidden":  # named by unknown_names
                problems.append(f"{name}: {problem['msg']}")
    else:
        if not problems:
            return settings
    raise Misconfigured(
        f"{len(problems)} setting{'s are' if len(problems) > 1 else ' is'} wrong:\n  " + "\n  ".join(sorted(problems))
    )


def unknown_names(model: type[BaseModel], environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that no setting has, each with what might have been meant."""
    known = environment_names(model)
    own = {name.upper() for name in model.model_fields}
    unknown = {}
    for name in environment:
        if not name.startswith(PREFIX) or name in known:
            continue
        group = name.removeprefix(PREFIX).split("_")[0]
        if group in own or group not in GROUPS:
            unknown[name] = "there is no such setting; see .env.example for those that exist"
    return unknown
