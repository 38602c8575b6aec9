"""Server-sent events over real connections, from a real Elasticsearch."""

import http.client
import json
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.indexed import open_newsroom, serving_search
from tests.stack import eventually


@pytest.fixture(scope="module")
def newsroom(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        yield newsroom


@pytest.fixture(scope="module")
def port(engines):
    with serving_search(engines.elasticsearch_url, changes_delay_seconds=1, stream_listeners=5, streamed_searches=3) as port:
        eventually(lambda: _is_up(port), bool)
        yield port


def _is_up(port):
    try:
        return _ask(port, "/openapi.json")[1].status == 200
    except OSError:
        return False


def _ask(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers or {})
    return connection, connection.getresponse()


class Stream:
    """A reader of a stream; fails when an event does not come in time."""

    def __init__(self, port, path, last_id=None, **parameters):
        headers = {"Last-Event-ID": last_id} if last_id else {}
        self._connection, self.answer = _ask(port, f"/v1/stream/{path}?{urlencode(parameters)}", headers)
        self.last_id = None

    def next(self):
        """The next block: a dict of its fields, as a browser reads them."""
        fields = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        self.last_id = fields.get("id", self.last_id)
        return fields

    def close(self):
        self.answer.close()
        self._connection.close()


def write(newsroom, name, **fields):
    newsroom.write(newsroom.a_document(name, date_indexed=datetime.now(UTC).isoformat(timespec="milliseconds"), **fields))


def wait_until_told(port, since, count):
    """Until nothing that was written after a place is held back any more: a stream that begins now does not tell it."""

    def changes():
        connection, answer = _ask(port, f"/v1/changes?since={since}")
        found = json.loads(answer.read())["changes"]
        connection.close()
        return found

    eventually(changes, lambda found: len(found) >= count)


def told(event):
    change = json.loads(event["data"])
    return change["article"]["headline"], change["revision"]


def test_whoever_listens_hears_of_new_and_changed_articles_that_fit(port, newsroom):
    with closing(Stream(port, "search", q="storm", publisher=newsroom.publisher)) as stream:
        start = stream.next()
        assert stream.answer.getheader("content-type") == "text/event-stream; charset=utf-8"
        assert set(start) == {"retry", "id"}

        write(newsroom, "calm", headline={"en": "Calm sea"})
        write(newsroom, "storm", headline={"en": "Storm at sea"})
        first = stream.next()
        write(newsroom, "storm", headline={"en": "Storm at sea is over"}, revision=2)
        second = stream.next()

    assert (first["event"], told(first)) == ("article", ("Storm at sea", 1))
    assert told(second) == ("Storm at sea is over", 2)


def test_whoever_listens_hears_of_every_retraction(port, newsroom):
    with closing(Stream(port, "search", q="eruption", publisher=newsroom.publisher)) as stream:
        start = stream.next()["id"]
        write(newsroom, "eruption", headline={"en": "Eruption"})
        assert stream.next()["event"] == "article"
        retracted: dict[str, Any] = {"status": "retracted", "headline": {}, "body": {}, "publisher": None}
        retracted["date_retracted"] = "2026-11-24T12:00:00Z"
        write(newsroom, "eruption", revision=2, **retracted)
        event = stream.next()

    change = json.loads(event["data"])
    assert (event["event"], change["kind"], change["article_id"]) == ("retracted", "retracted", newsroom.id_of("eruption"))
    assert (change["article"], change["revision"]) == (None, 2)
    with closing(Stream(port, "search", last_id=start, q="another search")) as other:
        other.next()
        assert json.loads(other.next()["data"]) == change, "who was away hears of it too, whatever it searches for"


def test_who_connects_again_misses_nothing_and_hears_nothing_twice(port, newsroom):
    asked = {"q": "flood", "publisher": newsroom.publisher}
    with closing(Stream(port, "search", **asked)) as stream:
        stream.next()
        write(newsroom, "flood 1", headline={"en": "Flood one"})
        stream.next()
        last_id = stream.last_id
    write(newsroom, "flood 2", headline={"en": "Flood two"})
    write(newsroom, "flood 3", headline={"en": "Flood three"})
    wait_until_told(port, last_id, 2)

    with closing(Stream(port, "search", last_id=last_id, **asked)) as again:
        assert again.next()["id"] == last_id
        assert [told(again.next())[0] for _ in range(2)] == ["Flood two", "Flood three"]
        write(newsroom, "flood 4", headline={"en": "Flood four"})
        assert told(again.next())[0] == "Flood four"


def test_who_has_heard_nothing_yet_goes_on_from_where_it_connected(port, newsroom):
    asked = {"q": "drought", "publisher": newsroom.publisher}
    with closing(Stream(port, "search", **asked)) as stream:
        start = stream.next()["id"]
    write(newsroom, "drought", headline={"en": "Drought"})
    wait_until_told(port, start, 1)

    with closing(Stream(port, "search", last_id=start, **asked)) as again:
        again.next()
        assert told(again.next())[0] == "Drought"


def test_a_stream_goes_on_from_a_cursor_of_the_changes(port, newsroom):
    _, answer = _ask(port, "/v1/changes?since=now")
    cursor = json.loads(answer.read())["cursor"]
    write(newsroom, "hail", headline={"en": "Hail"})
    wait_until_told(port, cursor, 1)

    with closing(Stream(port, "search", q="hail", publisher=newsroom.publisher, since=cursor)) as stream:
        stream.next()
        assert told(stream.next())[0] == "Hail"


def test_a_list_is_told_at_once_and_whenever_it_changes_but_not_again_to_who_knows_it(port, newsroom):
    asked = {"measure": "comments", "window": "this-week", "publisher": newsroom.publisher}
    write(newsroom, "wind")
    write(newsroom, "rain")
    newsroom.write_list("comments", "this-week", {"wind": 2})

    def ids(event):
        return [(entry["article_id"], entry["count"]) for entry in json.loads(event["data"])["entries"]]

    with closing(Stream(port, "most-popular", **asked)) as stream:
        stream.next()
        assert ids(stream.next()) == [(newsroom.id_of("wind"), 2)]
        with closing(Stream(port, "most-popular", **asked)) as other:
            other.next()
            assert ids(other.next()) == [(newsroom.id_of("wind"), 2)]
        with closing(Stream(port, "most-popular", last_id=stream.last_id, **asked)) as knowing:
            knowing.next()
            newsroom.write_list("comments", "this-week", {"rain": 3, "wind": 2})
            expected = [(newsroom.id_of("rain"), 3), (newsroom.id_of("wind"), 2)]
            assert ids(knowing.next()) == expected
            assert ids(stream.next()) == expected


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("search?q=%28", 400),
        ("search?since=nothing", 400),
        ("search?sort=date", 422),
        ("most-popular?window=never", 422),
    ],
)
def test_what_cannot_be_streamed_is_refused(port, path, status):
    connection, answer = _ask(port, f"/v1/stream/{path}")

    assert answer.status == status
    assert answer.getheader("content-type") == "application/problem+json"
    connection.close()


def test_more_listeners_or_searches_than_are_allowed_are_told_to_come_again_until_others_leave(port):
    same = [Stream(port, "search", q="earthquake") for _ in range(5)]
    for stream in same:
        stream.next()
    _, refused = _ask(port, "/v1/stream/search?q=earthquake")
    assert (refused.status, bool(refused.getheader("retry-after"))) == (503, True)
    for stream in same:
        stream.close()

    def listen():
        return Stream(port, "search", q="earthquake two")

    another = eventually(listen, lambda stream: stream.answer.status == 200)
    different = [Stream(port, "search", q=f"tide {n}") for n in range(3)]
    assert [stream.answer.status for stream in different] == [200, 200, 503]
    for stream in (another, *different):
        stream.close()


def test_a_service_that_is_stopped_does_not_wait_for_those_who_listen(engines):
    with serving_search(engines.elasticsearch_url) as port:
        eventually(lambda: _is_up(port), bool)
        stream = Stream(port, "search", q="eclipse")
        stream.next()
        began = time.monotonic()

    assert time.monotonic() - began < 6, "uvicorn would wait for 8 s"
    assert stream.answer.read() == b"", "it ended as it should: a browser connects again"
    stream.close()
