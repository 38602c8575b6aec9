"""The settings of popularity."""

from pydantic import Field

from shared.settings import Group, KafkaSettings, ServiceSettings


class CountingSettings(Group):
    """How often counts are stored and lists published, and what may wait in memory meanwhile."""

    checkpoint_seconds: float = Field(
        default=1.0, gt=0, le=60, description="how often changed counts are stored; a restart does the last ones again"
    )
    checkpoint_views: int = Field(
        default=200_000, ge=1, le=10_000_000, description="views of all partitions after which counts are stored earlier"
    )
    publish_seconds: float = Field(default=2.0, gt=0, le=3600, description="a list that changes is published at most this often")
    transaction_seconds: float = Field(
        default=30.0, ge=1, le=60, description="how long storing counts may take before the service gives up and starts anew"
    )
    buffer_records: int = Field(
        default=1024, ge=16, le=100_000, description="records read ahead; under load each may take 65 kB of memory"
    )


class PopularitySettings(ServiceSettings):
    """All of popularity's settings."""

    kafka: KafkaSettings = KafkaSettings()
    popularity: CountingSettings = CountingSettings()
