"""Feed pollers for tests: feeds on local servers, and pollers on the real Kafka that run while a body does."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from ops.cli.setup import create_topics
from ops.local.ports import free_ports
from services.ingest.core.extracted import ExtractedArticle, NoArticle
from services.ingest.core.feed_records import FeedDefinition, FeedState, feed_id, feed_record, forget_feed
from services.ingest.core.submissions import ArticleSubmission
from services.ingest.door import Door, EntriesTaken, now_utc
from services.ingest.feed_poll import Tools
from services.ingest.feed_table import FeedTable, KnownFeed
from services.ingest.hosts import HostTurns
from services.ingest.outbox import Outbox
from services.ingest.polling import FeedPolling, Feeds
from services.ingest.remembering import Remembering
from services.ingest.robots import Robots
from services.ingest.salts import DailySalt
from services.ingest.settings import DoorSettings
from shared.failures import Unavailable
from shared.kafka_connection import partition_counts
from shared.producing import Producer
from shared.tailing import Tail
from shared.topics import FEEDS_STATE
from tests.builders import body_of, value_of
from tests.doubles import send
from tests.engines import Engines
from tests.kafka_topics import kafka_settings, produce, read_all
from tests.stack import eventually

_FEED = '<rss version="2.0"><channel><title>Courier</title>%s</channel></rss>'
_ITEM = "<item><title>%s</title><link>http://feed.example/%s</link><description>%s</description></item>"
#: A text that is no teaser.
TEXT = "&lt;p&gt;The bridge over the harbour reopened on Monday, said the mayor of the town.&lt;/p&gt;" * 30
PARTITIONS = 4


def rss(*items: tuple[str, str]) -> bytes:
    """A feed of (headline, end of the address), each with its whole text."""
    return (_FEED % "".join(_ITEM % (headline, name, TEXT) for headline, name in items)).encode()


@dataclass
class Answer:
    """What a path of a `FeedServer` answers: a document with an ETag, or a status."""

    document: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class FeedServer:
    """Feeds that can change, by path; keeps how it answered, what it was asked with, and how many asked it at once."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.statuses: dict[str, list[int]] = {}
        self.agents: set[str] = set()
        self.asking = 0
        self.most_at_once = 0
        self.hold: threading.Event | None = None
        self._lock = threading.Lock()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        with self._lock:
            self.asking += 1
            self.most_at_once = max(self.most_at_once, self.asking)
        try:
            if self.hold is not None:
                self.hold.wait(30)
            self._answer(request)
        finally:
            with self._lock:
                self.asking -= 1

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        self.agents.add(request.headers["User-Agent"])
        answer = self.answers.get(request.path, Answer(status=404))
        etag = f'"{hash(answer.document)}"'
        status = 304 if answer.status == 200 and request.headers["If-None-Match"] == etag else answer.status
        self.statuses.setdefault(request.path, []).append(status)
        send(request, status, answer.document if status == 200 else b"", ETag=etag, **answer.headers)


@dataclass
class RunningPoller:
    """A poller in threads of this process; `error` is what it ended with."""

    table: FeedTable
    stop: threading.Event
    threads: Sequence[threading.Thread] = ()
    owned: Callable[[], frozenset[int]] = frozenset
    error: BaseException | None = None

    def feed(self, url: str) -> KnownFeed:
        """The feed at an address as this poller knows it."""
        known = self.table.get(feed_id(url))
        assert known is not None, f"{url} is not known"
        return known

    def state(self, url: str) -> Any:
        """The state of the feed at an address; None before its first poll."""
        return self.feed(url).state


@contextmanager
def running_poller(bootstrap: str, folder: Path, failing: int = 0, **settings: Any) -> Iterator[RunningPoller]:
    """Poll at intervals of a second while the body runs; then it is stopped and has ended within 5 seconds.

    The first `failing` times that entries are to be published, Kafka is away.
    """
    kafka = kafka_settings(bootstrap)
    own = DoorSettings(
        **{
            "token_hashes": ("0" * 64,),
            "feed_shortest_interval_seconds": 1,
            "fetch_allowed_networks": ("127.0.0.0/8",),
            "user_agent": "Test/1 (me@a.example)",
            **settings,
        }
    )
    table = FeedTable(partition_counts(kafka, [FEEDS_STATE])[FEEDS_STATE])
    poller = RunningPoller(table, threading.Event())
    tail = Tail(kafka, FEEDS_STATE, table.learn)

    def work() -> None:
        try:
            with Producer(kafka, "test-poller") as producer:
                door = _Door(failing, producer, Outbox(producer), DailySalt(folder / "salt"), PARTITIONS, Remembering(1000))
                tools = Tools(door, no_page, HostTurns(poller.stop), Robots(own.user_agent))
                polling = FeedPolling(own, kafka, producer, Feeds(table, tail))
                poller.owned = polling.holdings.owned
                polling.run(tools, poller.stop)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
            poller.error = error

    poller.threads = [threading.Thread(target=tail.run, args=(poller.stop,)), threading.Thread(target=work)]
    for thread in poller.threads:
        thread.start()
    try:
        assert tail.caught_up.wait(30), "the feeds are not read"
        yield poller
    finally:
        began = time.monotonic()
        poller.stop.set()
        for thread in poller.threads:
            thread.join(20)
        assert poller.error is None, poller.error
        assert time.monotonic() - began < 5, "the poller does not stop in time"


def no_page(_content: bytes, _url: str, _now: object) -> ExtractedArticle | NoArticle:
    """For feeds without teasers: no page is extracted."""
    return NoArticle("not extracted in this test")


@contextmanager
def defined_feeds(bootstrap: str, *urls: str, **fields: Any) -> Iterator[list[FeedDefinition]]:
    """Feeds that are known while the body runs."""
    kafka = kafka_settings(bootstrap)
    create_topics(kafka, PARTITIONS, 1)
    table = FeedTable(partition_counts(kafka, [FEEDS_STATE])[FEEDS_STATE])
    definitions = [FeedDefinition(feed_id=feed_id(url), url=url, added=now_utc(), **fields) for url in urls]
    produce(bootstrap, *(feed_record(each, table.partition_of(each.url)) for each in definitions))
    try:
        yield definitions
    finally:
        forget(bootstrap, table, *urls)


def forget(bootstrap: str, table: FeedTable, *urls: str) -> None:
    """Take feeds out, as the API does."""
    produce(bootstrap, *(record for url in urls for record in forget_feed(feed_id(url), table.partition_of(url))))


def stored_state(bootstrap: str, url: str) -> Any:
    """The state of a feed as the topic has it; None where it has none."""
    key = f"state:{feed_id(url)}".encode()
    values = [record.value for record in read_all(bootstrap, FEEDS_STATE) if record.key == key]
    return FeedState.model_validate_json(values[-1]) if values and values[-1] is not None else None


@contextmanager
def killed_after(engines: Engines, folder: Path, holds: Callable[[], Any]) -> Iterator[None]:
    """A whole service of ingest, killed as soon as this holds and the body is over."""
    names = {"FETCH_ALLOWED_NETWORKS": "127.0.0.0/8", "FEED_SHORTEST_INTERVAL_SECONDS": "1", "USER_AGENT": "kill/1"}
    (port, operations_port) = free_ports(2)
    environment = os.environ | {f"DATELINE_INGEST_{name}": value for name, value in names.items()}
    environment |= {
        "DATELINE_INGEST_PORT": str(port),
        "DATELINE_INGEST_TOKEN_HASHES": "0" * 64,
        "DATELINE_INGEST_SALT_FILE": str(folder / "salt"),
        "DATELINE_OPERATIONS_PORT": str(operations_port),
        "DATELINE_KAFKA_BOOTSTRAP_SERVERS": engines.kafka_bootstrap,
        "DATELINE_KAFKA_SESSION_TIMEOUT_SECONDS": "6",
    }
    with subprocess.Popen([sys.executable, "-m", "services.ingest"], env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            eventually(holds, bool, 60)
            yield
        finally:
            process.kill()


class _Door(Door):
    """A door that Kafka is away from at first."""

    def __init__(self, failing: int, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._failing = failing

    def take_entries(self, entries: Sequence[ArticleSubmission], scope: str) -> EntriesTaken:
        """As `Door.take_entries`."""
        if self._failing > 0:
            self._failing -= 1
            raise Unavailable("no Kafka broker answers")
        return super().take_entries(entries, scope)


def headlines(bootstrap: str, mark: str) -> list[str]:
    """The headlines of all that was published with a mark in it, in the order of revisions."""
    records = [record for record in read_all(bootstrap, "articles.published") if mark.encode() in value_of(record)]
    bodies = sorted((body_of(record) for record in records), key=lambda body: body.revision)
    return [body.headline for body in bodies]
