"""The settings of the command `dateline`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import PREFIX, ElasticsearchSettings, Group, KafkaSettings, Port, Words


class TopicsSettings(Group):
    """How topics are created."""

    partitions: int = Field(default=4, ge=1, le=1000, description="partitions of every topic; cannot change later")
    replication: int = Field(default=1, ge=1, le=9, description="copies of every partition; 3 on a cluster")


class CLIGroup(Group):
    """How the command reaches the services."""

    ingest_url: str = Field(default="http://127.0.0.1:8001", description="ingest's HTTP API")
    tokens_file: Path | None = Field(default=None, description="the file that `dateline tokens` changes")
    token: str | None = Field(default=None, description="bearer token; that of the local stack when absent")
    operations: Words = Field(
        default=(),
        description="where services say how they are, such as enrich=http://10.0.0.7:9100, parted by blanks; one service may have "
        "several; those of the local stack when absent",
    )
    patience_seconds: float = Field(
        default=5.0, gt=0, le=60, description="how long `dateline status` and the console wait for each that they ask"
    )


class ConsoleGroup(Group):
    """The operators' web page."""

    host: str = Field(default="127.0.0.1", description="address of the operators' page; beyond loopback only behind TLS")
    port: Port = Field(default=8002, description="port of the operators' page")
    token_hashes: Words = Field(
        default=(),
        description="SHA-256 of the tokens that may enter, as `dateline token` prints them; that of the local stack when absent",
    )
    secure_cookie: bool = Field(default=False, description="true when the page is reached by https")


class CLISettings(BaseSettings):
    """All settings of the command `dateline`, save those of `dateline run`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="_", env_nested_max_split=1, frozen=True, extra="forbid"
    )

    kafka: KafkaSettings = KafkaSettings()
    elasticsearch: ElasticsearchSettings = ElasticsearchSettings()
    topics: TopicsSettings = TopicsSettings()
    cli: CLIGroup = CLIGroup()
    console: ConsoleGroup = ConsoleGroup()
