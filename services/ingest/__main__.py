"""Ingest, the only door in: HTTP and feeds → `articles.published`, `comments.posted` and `engagement.recorded`."""

import sys
import threading

from services.ingest.api import build_ingest_app
from services.ingest.door import Door
from services.ingest.polling import poll_feeds
from services.ingest.salts import DailySalt
from services.ingest.settings import IngestSettings
from shared.health import Health
from shared.kafka_connection import partition_counts
from shared.producing import Producer
from shared.service import run_service, wait_until_available
from shared.serving import serve_http
from shared.topics import COMMENTS, ENGAGEMENT, PUBLISHED


def serve(settings: IngestSettings, health: Health, stop: threading.Event) -> None:
    """Take news in until stopped."""
    with wait_until_available(lambda: Producer(settings.kafka, "dateline-ingest"), stop) as producer:
        health.checks["kafka"] = producer.check
        partitions = wait_until_available(lambda: partition_counts(settings.kafka, (PUBLISHED, COMMENTS, ENGAGEMENT)), stop)
        door = Door(producer, DailySalt(settings.ingest.salt_file), partitions[ENGAGEMENT])
        poller = threading.Thread(target=poll_feeds, args=(settings.ingest, door, stop), name="feeds")
        poller.start()
        try:
            serve_http(build_ingest_app(door, settings.ingest), settings.ingest.host, settings.ingest.port, "INGEST", stop)
        finally:
            stop.set()
            poller.join()


if __name__ == "__main__":
    sys.exit(run_service("ingest", IngestSettings, serve))
