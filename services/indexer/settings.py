"""The settings of the indexer."""

from pydantic import Field

from shared.settings import ElasticsearchSettings, Group, KafkaSettings, ServiceSettings


class BulkSettings(Group):
    """How documents are written."""

    batch_records: int = Field(default=500, ge=1, le=10_000, description="records of one batch at most")


class IndexerSettings(ServiceSettings):
    """All of the indexer's settings."""

    kafka: KafkaSettings = KafkaSettings()
    elasticsearch: ElasticsearchSettings = ElasticsearchSettings()
    indexer: BulkSettings = BulkSettings()
