"""The indexer: `articles.enriched`, `comments.posted` and `popularity.ranked` → Elasticsearch. The only writer of the index."""

import sys
import threading

from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import build_action
from services.indexer.settings import IndexerSettings
from shared import topics
from shared.consuming import Subscription, consume
from shared.elastic import check_elastic, connect_elastic
from shared.health import Health, connecting
from shared.producing import Producer
from shared.service import run_service, wait_until_available


def serve(settings: IndexerSettings, health: Health, stop: threading.Event) -> None:
    """Index until stopped."""
    health.checks["kafka"] = connecting
    client = connect_elastic(settings.elasticsearch)
    health.checks["elasticsearch"] = lambda: check_elastic(client)
    subscription = Subscription(
        service="indexer",
        topics=(topics.ENRICHED, topics.COMMENTS, topics.RANKED),
        decode=build_action,
        handle=BulkWriter(client).write,
        batch_records=settings.indexer.batch_records,
    )
    with wait_until_available(lambda: Producer(settings.kafka, "dateline-indexer"), stop) as producer:
        consume(subscription, settings.kafka, producer, health, stop)


if __name__ == "__main__":
    sys.exit(run_service("indexer", IndexerSettings, serve))
