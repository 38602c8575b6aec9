"""The settings of search."""

from pydantic import Field, SecretStr, field_validator

from services.search.outgoing_settings import OutgoingSettings
from services.search.reader_page_settings import ReaderPageSettings
from services.search.saving_settings import SavingSettings
from shared.articles import WebURL
from shared.settings import ElasticsearchSettings, KafkaSettings, PageSettings, Port, ServiceSettings, WebhookSettings


class ReadingSettings(OutgoingSettings, SavingSettings, ReaderPageSettings):
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
    cursor_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="what cursors to further pages are signed with, the same for all processes; when absent each makes its own",
    )
    cache_seconds: int = Field(
        default=5, ge=0, le=3600, description="how long browsers and proxies may keep an answer of the API without asking again"
    )
    view_endpoint: WebURL | None = Field(
        default=None,
        description="address of ingest's /v1/views, as browsers reach it, to which pages report views; with PAGE_TOKEN_KEY",
    )

    @field_validator("view_endpoint", mode="before")
    @classmethod
    def _empty_is_none(cls, endpoint: object) -> object:
        return None if endpoint == "" else endpoint


class SearchSettings(ServiceSettings):
    """All of search's settings."""

    kafka: KafkaSettings = KafkaSettings()
    elasticsearch: ElasticsearchSettings = ElasticsearchSettings()
    page: PageSettings = PageSettings()
    webhooks: WebhookSettings = WebhookSettings()
    search: ReadingSettings = ReadingSettings()
