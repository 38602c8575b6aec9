"""Ingest, the only door in: HTTP, feeds and Kafka → `articles.published`, `comments.posted` and `engagement.recorded`."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.ingest.api import build_ingest_app
from services.ingest.door import Door, now_utc
from services.ingest.inbound import inbound_subscription
from services.ingest.outbox import Outbox
from services.ingest.polling import poll_feeds
from services.ingest.salts import DailySalt
from services.ingest.settings import IngestSettings
from services.ingest.token_file import ValidTokens
from shared.consuming import consume
from shared.health import Health, connecting
from shared.kafka_connection import partition_counts
from shared.producing import Producer
from shared.service import run_service, wait_until_available
from shared.serving import serve_http
from shared.topics import COMMENTS, ENGAGEMENT, PUBLISHED


def serve(settings: IngestSettings, health: Health, stop: threading.Event) -> None:
    """Take news in until stopped."""
    health.checks["kafka"] = connecting
    with wait_until_available(lambda: Producer(settings.kafka, "dateline-ingest"), stop) as producer:
        partitions = wait_until_available(lambda: partition_counts(settings.kafka, (PUBLISHED, COMMENTS, ENGAGEMENT)), stop)
        tokens = ValidTokens(settings.ingest.token_hashes, settings.ingest.tokens_file)
        outbox = Outbox(producer)
        door = Door(producer, outbox, DailySalt(settings.ingest.salt_file), partitions[ENGAGEMENT])
        app = build_ingest_app(door, tokens, settings.ingest.max_request_bytes)
        with (
            outbox,
            _running("feeds", lambda: poll_feeds(settings.ingest, door, stop), stop),
            _running("inbound", lambda: consume(inbound_subscription(now_utc), settings.kafka, producer, health, stop), stop),
        ):
            serve_http(app, settings.ingest.host, settings.ingest.port, "INGEST", stop)


@contextmanager
def _running(name: str, work: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    """Work in a thread while the body runs. What it ends with stops the service, and is raised here."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that runs the service
            failures.append(error)
        finally:
            stop.set()

    thread = threading.Thread(target=run, name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if failures:
        raise failures[0]


if __name__ == "__main__":
    sys.exit(run_service("ingest", IngestSettings, serve))
