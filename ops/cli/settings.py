"""The settings of the command `dateline`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import PREFIX, ElasticsearchSettings, Group, KafkaSettings


class TopicsSettings(Group):
    """How topics are created."""

    partitions: int = Field(default=4, ge=1, le=1000, description="partitions of every topic; cannot change later")
    replication: int = Field(default=1, ge=1, le=9, description="copies of every partition; 3 on a cluster")


class CLIGroup(Group):
    """How the command reaches ingest."""

    ingest_url: str = Field(default="http://127.0.0.1:8001", description="ingest's HTTP API")
    tokens_file: Path | None = Field(default=None, description="the file that `dateline tokens` changes")
    token: str | None = Field(default=None, description="bearer token; that of the local stack when absent")


class CLISettings(BaseSettings):
    """All settings of the command `dateline`, save those of `dateline run`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="_", env_nested_max_split=1, frozen=True, extra="forbid"
    )

    kafka: KafkaSettings = KafkaSettings()
    elasticsearch: ElasticsearchSettings = ElasticsearchSettings()
    topics: TopicsSettings = TopicsSettings()
    cli: CLIGroup = CLIGroup()
