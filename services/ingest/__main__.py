"""Ingest, the only door in: HTTP, feeds and Kafka → `articles.published`, `comments.posted` and `engagement.recorded`."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from services.ingest.api import build_ingest_app
from services.ingest.door import Door, now_utc
from services.ingest.feed_poll import Tools
from services.ingest.feed_table import FeedTable
from services.ingest.feeds_api import feeds_router, open_desk
from services.ingest.hosts import HostTurns
from services.ingest.inbound import inbound_subscription
from services.ingest.outbox import Outbox
from services.ingest.page_extractor import PageExtractors
from services.ingest.page_views import ReaderRules
from services.ingest.polling import FeedPolling, Feeds
from services.ingest.remembering import Remembering
from services.ingest.robots import Robots
from services.ingest.salts import DailySalt
from services.ingest.settings import IngestSettings
from services.ingest.token_file import ValidTokens
from services.ingest.websub import Known
from services.ingest.websub_service import WebSub
from shared.consuming import consume
from shared.health import Health, connecting
from shared.kafka_connection import partition_counts
from shared.logs import get_logger
from shared.producing import Producer
from shared.service import run_service, wait_until_available
from shared.serving import serve_http
from shared.tailing import Tail
from shared.topics import COMMENTS, ENGAGEMENT, FEEDS_STATE, MEMORY, PUBLISHED
from shared.tracing import traced

_log = get_logger(__name__)
_TOPICS = (PUBLISHED, COMMENTS, ENGAGEMENT, MEMORY, FEEDS_STATE)


@traced("ingest")
def serve(settings: IngestSettings, health: Health, stop: threading.Event) -> None:
    """Take news in until stopped."""
    health.checks["kafka"] = connecting
    with wait_until_available(lambda: Producer(settings.kafka, "dateline-ingest", linger_ms=0), stop) as producer:
        partitions = wait_until_available(lambda: partition_counts(settings.kafka, _TOPICS), stop)
        tokens = ValidTokens(settings.ingest.token_hashes, settings.ingest.tokens_file)
        outbox = Outbox(producer)
        memory = Remembering(settings.ingest.remembered_articles)
        door = Door(producer, outbox, DailySalt(settings.ingest.salt_file), partitions[ENGAGEMENT], memory)
        tail = Tail(settings.kafka, MEMORY, door.learn)
        extractors = PageExtractors(settings.ingest.extractors)
        table = FeedTable(partitions[FEEDS_STATE])
        feeds = Feeds(table, Tail(settings.kafka, FEEDS_STATE, table.learn))
        feeds_api = feeds_router(open_desk(settings.ingest, table, outbox), tokens)
        polling = FeedPolling(settings.ingest, settings.kafka, producer, feeds)
        tools = Tools(door, extractors.extract_html, HostTurns(stop), Robots(settings.ingest.user_agent))
        websub = WebSub(settings.ingest, Known(table, feeds.tail.caught_up), tools, outbox)
        tools = replace(tools, subscribe=websub.subscribe)
        rules = _reader_rules(settings)
        app = build_ingest_app(door, tokens, settings.ingest.max_request_bytes, extractors, (feeds_api, *websub.routers), rules)
        with (
            outbox,
            extractors,
            _running("memory", lambda: memory.write(producer, stop), stop),
            _running("memory-tail", lambda: tail.run(stop), stop),
            _learnt(tail, stop),
            _running("feeds-tail", lambda: feeds.tail.run(stop), stop),
            _learnt(feeds.tail, stop),
            _running("feeds", lambda: polling.run(tools, stop), stop),
            _running("websub", lambda: websub.run(stop), stop),
            _running(
                "inbound", lambda: consume(inbound_subscription(now_utc, memory), settings.kafka, producer, health, stop), stop
            ),
        ):
            serve_http(app, settings.ingest.host, settings.ingest.port, "INGEST", stop, believes_proxies=False)


def _reader_rules(settings: IngestSettings) -> ReaderRules:
    if not settings.page.keys:
        _log.info("page tokens are off: views that browsers send are refused; DATELINE_PAGE_TOKEN_KEY switches them on")
    return ReaderRules(
        proxies=settings.ingest.proxies,
        page_keys=settings.page.keys,
        origins=frozenset(settings.ingest.view_origins),
        views_a_token=settings.ingest.page_token_views,
        remembered_tokens=settings.ingest.remembered_page_tokens,
    )


@contextmanager
def _learnt(tail: Tail, stop: threading.Event) -> Iterator[None]:
    """Waits until a topic has been read: who does not know yet what there is would publish it again."""
    while not (tail.caught_up.wait(0.1) or stop.is_set()):
        pass
    yield


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
