"""The settings of ingest."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Self, cast

from pydantic import Field, SecretStr, TypeAdapter, ValidationError, field_validator, model_validator

from shared.addresses import Network
from shared.articles import WebURL
from shared.settings import Group, KafkaSettings, PageSettings, Port, ServiceSettings, TraceSettings, Words

_SHA256_HEX = 64
_WEB_URL: TypeAdapter[str] = TypeAdapter(WebURL)
_LEAST_SECRET = 32
_ORIGIN = re.compile(r"https?://[^\s/?#@A-Z]+")


class DoorSettings(Group):
    """How news comes in."""

    host: str = Field(default="127.0.0.1", description="address of the HTTP API; 0.0.0.0 in a container")
    port: Port = Field(default=8001, description="port of the HTTP API")
    token_hashes: Words = Field(
        default=(),
        validate_default=True,
        description="SHA-256 (hex) of bearer tokens that may do everything; `dateline token` makes one",
    )
    tokens_file: Path | None = Field(
        default=None,
        description="JSON file of tokens with scopes, read again within 2 s of a change; see `dateline tokens`",
    )
    max_request_bytes: int = Field(default=10_000_000, ge=1_000, description="larger requests get 413")
    extractors: int = Field(default=2, ge=1, le=16, description="pages read at once, each in a process of its own of some 150 MB")
    feeds: Words = Field(default=(), description="URLs of feeds that are added as ingest starts, where they are not known yet")
    feed_shortest_interval_seconds: float = Field(
        default=600, ge=1, description="least time between two polls of a feed, which adapts to how often it changes"
    )
    feed_longest_interval_seconds: float = Field(default=86_400, ge=1, description="most time between two polls of a feed")
    feed_workers: int = Field(default=8, ge=1, le=256, description="feeds that are polled at once, each of another host")
    user_agent: str = Field(default="Dateline/0.1", description="how the feed poller names itself; add a contact address")
    fetch_allowed_networks: Words = Field(
        default=(), description="networks to fetch from though they are not public, such as 10.0.0.0/8; on any port"
    )
    remembered_articles: int = Field(
        default=200_000,
        ge=1_000,
        description="articles, at least, of which each process knows identities and content; each takes 280 bytes of memory",
    )
    websub_callback_url: WebURL | None = Field(
        default=None, description="public address of this API, to which WebSub hubs push what is new; without it they are not asked"
    )
    websub_secret: SecretStr | None = Field(
        default=None, description="with WEBSUB_CALLBACK_URL: at least 32 characters from which the secrets of all feeds are derived"
    )
    trusted_proxies: Words = Field(
        default=(), description="networks, such as 10.0.0.0/8, of the proxies whose X-Forwarded-For says where readers are"
    )
    view_origins: Words = Field(
        default=(), description="origins, such as https://news.example, of the pages whose browsers may send views with page tokens"
    )
    page_token_views: int = Field(
        default=1,
        ge=0,
        le=1_000_000,
        description="views that one page token pays for; more where a cache hands one page to many readers, 0 for any number",
    )
    remembered_page_tokens: int = Field(
        default=200_000,
        ge=1_000,
        le=50_000_000,
        description="page tokens, at least, of which each process knows that they were used; each takes 84 bytes of memory",
    )
    salt_file: Path = Field(
        default=Path("visitor-salt"), description="file with the salt of the day for visitors, shared by all workers"
    )

    @model_validator(mode="after")
    def _somebody_may_publish(self) -> Self:
        if not self.token_hashes and self.tokens_file is None:
            raise ValueError(
                "nobody may publish: set TOKEN_HASHES to the SHA-256 (hex) of at least one token (`dateline token`), or TOKENS_FILE"
            )
        return self

    @model_validator(mode="after")
    def _websub_is_whole(self) -> Self:
        if (self.websub_callback_url is None) != (self.websub_secret is None):
            raise ValueError("WEBSUB_CALLBACK_URL and WEBSUB_SECRET are set both or neither")
        if self.websub_secret is not None and len(self.websub_secret.get_secret_value()) < _LEAST_SECRET:
            raise ValueError(f"WEBSUB_SECRET has fewer than {_LEAST_SECRET} characters; `openssl rand -hex 32` makes one")
        return self

    @model_validator(mode="after")
    def _shortest_is_not_above_longest(self) -> Self:
        if self.feed_shortest_interval_seconds > self.feed_longest_interval_seconds:
            raise ValueError("FEED_SHORTEST_INTERVAL_SECONDS is above FEED_LONGEST_INTERVAL_SECONDS")
        return self

    @field_validator("feeds")
    @classmethod
    def _are_web_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            try:
                _WEB_URL.validate_python(url)
            except ValidationError as error:
                raise ValueError(f"{url[:200]} is no address of http or https") from error
        return urls

    @property
    def allowed_networks(self) -> tuple[Network, ...]:
        """FETCH_ALLOWED_NETWORKS as networks."""
        return tuple(ip_network(text) for text in self.fetch_allowed_networks)

    @property
    def proxies(self) -> tuple[Network, ...]:
        """TRUSTED_PROXIES as networks."""
        return tuple(ip_network(text) for text in self.trusted_proxies)

    @field_validator("fetch_allowed_networks", "trusted_proxies")
    @classmethod
    def _are_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(text)) for text in networks)

    @field_validator("view_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin[:200]} is no origin, which is a scheme, a host in lower case and perhaps a port, without a path"
                )
        return origins

    @field_validator("token_hashes")
    @classmethod
    def _are_hashes(cls, hashes: tuple[str, ...]) -> tuple[str, ...]:
        for text in hashes:
            if len(text) != _SHA256_HEX or set(text.lower()) - set("0123456789abcdef"):
                raise ValueError("each must be a SHA-256 in 64 hex digits, not the token itself; `dateline token` prints both")
        return tuple(text.lower() for text in hashes)


class IngestSettings(ServiceSettings):
    """All of ingest's settings."""

    kafka: KafkaSettings = KafkaSettings()
    page: PageSettings = PageSettings()
    traces: TraceSettings = TraceSettings()
    # an empty group, so that what is missing in it is named when no variable of it is set
    ingest: DoorSettings = Field(default=cast("DoorSettings", {}), validate_default=True)
