"""Search, the read side: reader pages and the JSON API, answered from the aliases that the indexer writes."""

import sys
import threading

from services.search.app import build_search_app
from services.search.settings import SearchSettings
from shared.elastic import check_elastic, connect_elastic
from shared.health import Health
from shared.logs import get_logger
from shared.service import run_service
from shared.serving import serve_http

_log = get_logger(__name__)


def serve(settings: SearchSettings, health: Health, stop: threading.Event) -> None:
    """Answer until stopped. While Elasticsearch is away the answers are 503, and `/readyz` says so."""
    if settings.search.view_endpoint is None or not settings.page.keys:
        _log.info("pages report no views: DATELINE_PAGE_TOKEN_KEY and DATELINE_SEARCH_VIEW_ENDPOINT make them do so")
    with connect_elastic(settings.elasticsearch) as client:
        health.checks["elasticsearch"] = lambda: check_elastic(client)
        serve_http(build_search_app(settings, stop), settings.search.host, settings.search.port, "SEARCH", stop)


if __name__ == "__main__":
    sys.exit(run_service("search", SearchSettings, serve))
