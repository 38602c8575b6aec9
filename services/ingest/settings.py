"""The settings of ingest."""

from ipaddress import ip_network
from pathlib import Path
from typing import Self, cast

from pydantic import Field, field_validator, model_validator

from shared.settings import Group, KafkaSettings, Port, ServiceSettings, Words

_SHA256_HEX = 64


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
    feeds: Words = Field(default=(), description="URLs of RSS and Atom feeds to poll")
    feed_interval_seconds: float = Field(default=600, ge=1, description="time between two polls of a feed")
    user_agent: str = Field(default="Dateline/0.1", description="how the feed poller names itself; add a contact address")
    fetch_allowed_networks: Words = Field(
        default=(), description="networks to fetch from though they are not public, such as 10.0.0.0/8; on any port"
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

    @field_validator("fetch_allowed_networks")
    @classmethod
    def _are_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(text)) for text in networks)

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
    # an empty group, so that what is missing in it is named when no variable of it is set
    ingest: DoorSettings = Field(default=cast("DoorSettings", {}), validate_default=True)
