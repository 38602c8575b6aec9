"""The settings of the indexer."""

from pydantic import Field

from shared.settings import ElasticsearchSettings, Group, KafkaSettings, ServiceSettings, TraceSettings


class BulkSettings(Group):
    """How documents are written."""

    batch_records: int = Field(default=500, ge=1, le=10_000, description="records of one batch at most")
    in_flight: int = Field(default=3, ge=1, le=16, description="batches that are written at the same time")
    late_seconds: float = Field(
        default=4.0,
        ge=0.5,
        le=60,
        description="articles whose writing took longer are written again, with a new time in date_indexed; with what a refresh "
        "takes, less than search.changes_delay_seconds",
    )
    kept_revisions: int = Field(default=20, ge=0, le=100, description="older revisions kept of each article; 0 keeps none")


class IndexerSettings(ServiceSettings):
    """All of the indexer's settings."""

    kafka: KafkaSettings = KafkaSettings()
    elasticsearch: ElasticsearchSettings = ElasticsearchSettings()
    traces: TraceSettings = TraceSettings()
    indexer: BulkSettings = BulkSettings()
