"""What is deployed, in containers or on Kubernetes, with the settings that each reads."""

from pydantic_settings import BaseSettings

from ops.cli.settings import CLISettings
from services.enrich.settings import EnrichSettings
from services.indexer.settings import IndexerSettings
from services.ingest.settings import IngestSettings
from services.popularity.settings import PopularitySettings
from services.search.settings import SearchSettings
from services.webhooks.settings import WebhooksSettings

MODELS: dict[str, type[BaseSettings]] = {
    "ingest": IngestSettings,
    "enrich": EnrichSettings,
    "popularity": PopularitySettings,
    "indexer": IndexerSettings,
    "search": SearchSettings,
    "webhooks": WebhooksSettings,
    "setup": CLISettings,
}
