"""Settings: groups that services compose into one frozen model each, read from `DATELINE_…` environment variables.

`DATELINE_KAFKA_COMPRESSION` is the field `compression` of the group `kafka`. A name that is not known is refused, and all that is
wrong is named at once.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from shared.articles import WebURL
from shared.credentials import Secret, none_if_empty
from shared.engine_settings import ElasticsearchSettings, KafkaSettings
from shared.failures import Misconfigured
from shared.page_tokens import LEAST_KEY_CHARACTERS
from shared.setting_types import PREFIX, File, Group, Port, Words

__all__ = [
    "GROUPS",
    "PREFIX",
    "ElasticsearchSettings",
    "File",
    "Group",
    "KafkaSettings",
    "LogSettings",
    "OperationsSettings",
    "PageSettings",
    "Port",
    "ServiceSettings",
    "TraceSettings",
    "WebhookSettings",
    "Words",
    "environment_names",
    "load_settings",
    "unknown_names",
]


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
        "CONSOLE",
        "TRACES",
    }
)


class PageSettings(Group):
    """Page tokens, by which the views of browsers are believed: search issues them, ingest reads them."""

    token_key: Secret = Field(
        default=None,
        description="at least 32 characters, the same for ingest and search: it signs page tokens; without it they are off",
    )
    previous_token_key: Secret = Field(default=None, description="the key before TOKEN_KEY, whose tokens are still taken")
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

    key: Secret = Field(
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


class TraceSettings(Group):
    """Where traces go."""

    endpoint: Annotated[WebURL | None, BeforeValidator(none_if_empty)] = Field(
        default=None,
        description="OTLP/HTTP address of a collector of OpenTelemetry, such as http://127.0.0.1:4318, to which traces are sent; "
        "without it there are none; takes the extra otel",
    )
    ratio: float = Field(default=1.0, ge=0, le=1, description="share of traces that are recorded, of those that begin in Dateline")


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
