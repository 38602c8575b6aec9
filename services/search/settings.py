"""The settings of search."""

from pydantic import Field

from shared.settings import ElasticsearchSettings, Group, Port, ServiceSettings


class ReadingSettings(Group):
    """How readers and programs are answered."""

    host: str = Field(default="127.0.0.1", description="address of the reader pages and the API; 0.0.0.0 in a container")
    port: Port = Field(default=8000, description="port of the reader pages and the API")
    site_name: str = Field(default="Dateline", min_length=1, max_length=60, description="what the reader pages call themselves")
    timeout_seconds: float = Field(
        default=2.0, gt=0, le=30, description="how long Elasticsearch may take for one search; after that the answer is 503"
    )
    concurrent_searches: int = Field(
        default=32, ge=1, le=1000, description="searches under way at once; more wait, and get 503 after timeout_seconds"
    )


class SearchSettings(ServiceSettings):
    """All of search's settings."""

    elasticsearch: ElasticsearchSettings = ElasticsearchSettings()
    search: ReadingSettings = ReadingSettings()
