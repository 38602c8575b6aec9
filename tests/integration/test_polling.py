"""The feed poller: a feed on a local server, a real Kafka behind the door."""

import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from ops.cli.setup import create_topics
from services.ingest.door import Door
from services.ingest.outbox import Outbox
from services.ingest.polling import poll_feeds
from services.ingest.salts import DailySalt
from services.ingest.settings import DoorSettings
from shared.producing import Producer
from tests.builders import body_of, value_of
from tests.doubles import send, serving
from tests.kafka_topics import kafka_settings, read_all
from tests.stack import eventually

FEED = """<rss version="2.0"><channel><title>Courier</title>%s</channel></rss>"""
ITEM = "<item><title>%s</title><link>http://feed.example/%s</link><description>Text.</description></item>"


class FeedServer:
    """A feed that can change, with an ETag; keeps what it was asked and how it answered."""

    def __init__(self) -> None:
        self.document = b""
        self.status = 200
        self.answers: list[int] = []
        self.agents: set[str] = set()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        etag = f'"{hash(self.document)}"'
        self.agents.add(request.headers["User-Agent"])
        status = 304 if self.status == 200 and request.headers["If-None-Match"] == etag else self.status
        self.answers.append(status)
        send(request, status, self.document if status == 200 else b"", ETag=etag)


@pytest.fixture
def feed():
    return FeedServer()


@pytest.fixture
def polled(engines, feed, tmp_path):
    """Polls the feed, and one that is not there before it, at short intervals."""
    create_topics(kafka_settings(engines.kafka_bootstrap), 4, 1)
    stop = threading.Event()
    with serving(feed.serve) as url, Producer(kafka_settings(engines.kafka_bootstrap), "test-polling") as producer:
        settings = DoorSettings(
            token_hashes=("0" * 64,),
            feeds=("http://127.0.0.1:9/feed", f"{url}/feed"),
            feed_interval_seconds=1,
            fetch_allowed_networks=("127.0.0.0/8",),
            user_agent="Test/1 (me@a.example)",
        )
        door = Door(producer, Outbox(producer), DailySalt(tmp_path / "salt"), 4)
        thread = threading.Thread(target=poll_feeds, args=(settings, door, stop))
        thread.start()
        yield
        stop.set()
        thread.join(30)


def headlines(engines, mark):
    bodies = [
        body_of(record) for record in read_all(engines.kafka_bootstrap, "articles.published") if mark.encode() in value_of(record)
    ]
    return [body.headline for body in sorted(bodies, key=lambda body: body.revision)]


def test_entries_are_published_once_a_changed_one_again_and_an_unchanged_feed_is_not_sent_again(engines, feed, polled):
    mark = f"m{time.monotonic_ns()}"
    feed.document = (FEED % (ITEM % ("One", f"{mark}-1") + ITEM % ("Two", f"{mark}-2"))).encode()
    eventually(lambda: headlines(engines, mark), lambda seen: sorted(seen) == ["One", "Two"])
    eventually(lambda: feed.answers, lambda answers: 304 in answers)

    feed.document = (FEED % (ITEM % ("One", f"{mark}-1") + ITEM % ("Two, corrected", f"{mark}-2"))).encode()

    seen = eventually(lambda: headlines(engines, mark), lambda seen: len(seen) > 2)
    assert (sorted(seen[:2]), seen[2:]) == (["One", "Two"], ["Two, corrected"])
    assert feed.agents == {"Test/1 (me@a.example)"}


@pytest.mark.parametrize(("status", "document"), [(500, b""), (200, b"<html>no feed</html>"), (404, b"gone")])
def test_a_feed_that_fails_is_asked_again_and_recovers(engines, feed, polled, status, document):
    mark = f"m{time.monotonic_ns()}"
    feed.status, feed.document = status, document
    eventually(lambda: len(feed.answers), lambda count: count >= 2)

    feed.status, feed.document = 200, (FEED % (ITEM % ("Recovered", mark))).encode()

    assert eventually(lambda: headlines(engines, mark), bool) == ["Recovered"]
