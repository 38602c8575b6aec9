"""The settings of `make run`: where the local stack keeps its data, and on which ports it answers."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import PREFIX, Group, Port


class LocalGroup(Group):
    """The local stack."""

    home: Path = Field(
        default=Path(".dateline"), description="folder of engines, data, logs and the token; `make clean` removes it"
    )
    kafka_port: Port = Field(default=9092, description="Kafka")
    kafka_controller_port: Port = Field(default=9093, description="Kafka's controller")
    elasticsearch_port: Port = Field(default=9200, description="Elasticsearch")
    elasticsearch_transport_port: Port = Field(default=9300, description="Elasticsearch, between nodes")
    ingest_port: Port = Field(default=8001, description="ingest's HTTP API")
    search_port: Port = Field(default=8000, description="reader pages and search's HTTP API")
    ingest_operations_port: Port = Field(default=9101, description="ingest's /healthz, /readyz and /metrics")
    enrich_operations_port: Port = Field(default=9102, description="enrich's /healthz, /readyz and /metrics")
    popularity_operations_port: Port = Field(default=9103, description="popularity's /healthz, /readyz and /metrics")
    indexer_operations_port: Port = Field(default=9104, description="indexer's /healthz, /readyz and /metrics")
    search_operations_port: Port = Field(default=9105, description="search's /healthz, /readyz and /metrics")
    webhooks_operations_port: Port = Field(default=9106, description="webhooks' /healthz, /readyz and /metrics")
    console_port: Port = Field(default=8002, description="the operators' page")
    sample: bool = Field(default=True, description="publish the sample news when the stack runs for the first time")

    def ports(self) -> dict[str, int]:
        """Every port, by the name of its setting."""
        fields = [name for name in type(self).model_fields if name.endswith("_port")]
        return {f"{PREFIX}LOCAL_{name.upper()}": getattr(self, name) for name in fields}


class LocalSettings(BaseSettings):
    """All settings of `make run`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="_", env_nested_max_split=1, frozen=True, extra="forbid"
    )

    local: LocalGroup = LocalGroup()
