"""The API of feeds: a real Kafka behind it, feeds on local servers before it."""

import gzip
import json
import threading
import uuid
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from ops.cli.setup import create_topics
from ops.cli.tokens import add_token, hash_token
from services.ingest.core.feed_records import FeedState, feed_record
from services.ingest.core.feeds import NoFeed
from services.ingest.core.tokens import Scope
from services.ingest.feed_checks import check_feed
from services.ingest.feed_register import FeedRegister
from services.ingest.feed_table import FeedTable
from services.ingest.feeds_api import FeedsDesk, feeds_router
from services.ingest.outbox import Outbox
from services.ingest.token_file import ValidTokens
from shared.failures import Unavailable
from shared.guarded_fetch import Fetcher, FetchLimits
from shared.producing import Producer
from shared.tailing import Tail
from shared.topics import FEEDS_STATE
from shared.web import build_app
from tests.builders import NOON
from tests.doubles import send, serving
from tests.kafka_topics import kafka_settings, read_all
from tests.stack import eventually

TOKEN = "only for tests"
LOOPBACK = (ip_network("127.0.0.0/8"),)
UNKNOWN = "0" * 16
ENTRY = "<item><title>%s</title><link>https://courier.example/%s</link><description>%s</description></item>"
RSS = '<rss version="2.0"><channel><title>Courier</title>%s</channel></rss>'
PAGE = """<html><head><title>Courier</title><link rel="alternate" type="application/rss+xml" title="World" href="/world.rss">
<link rel="alternate" type="application/atom+xml" href="https://courier.example/all.atom"></head><body>News</body></html>"""
BOMB = f"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "{"&a;" * 100}">]>{RSS.replace("Courier", "&b;") % ""}"""


@contextmanager
def serving_app(desk, tokens_file=None):
    """A client of an app that has the routes of feeds only."""
    app = build_app("feeds", "", "1")
    app.include_router(feeds_router(desk, ValidTokens((hash_token(TOKEN),), tokens_file)))
    with TestClient(app, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


@pytest.fixture(scope="module")
def table(engines):
    create_topics(kafka_settings(engines.kafka_bootstrap), 4, 1)
    return FeedTable(4)


@pytest.fixture(scope="module")
def tokens_file(tmp_path_factory):
    return tmp_path_factory.mktemp("tokens") / "tokens.json"


@pytest.fixture(scope="module")
def client(engines, table, tokens_file):
    limits = FetchLimits(most_bytes=1_000_000, total_seconds=2, allowed=LOOPBACK)
    add_token(tokens_file, None, [Scope.PUBLISH])
    with Producer(kafka_settings(engines.kafka_bootstrap), "test-feeds") as producer, Outbox(producer) as outbox:
        desk = FeedsDesk(FeedRegister(table, outbox, LOOPBACK), lambda: Fetcher("Test/1", limits), 100_000)
        with serving_app(desk, tokens_file) as client:
            yield client


@pytest.fixture
def url():
    """An address that no other test has."""
    return f"https://{uuid.uuid4().hex}.example/feed"


def added(client, url, **options):
    answer = client.post("/v1/feeds", json={"url": url, **options})
    assert answer.status_code == 201, answer.text
    return answer.json()


def learn_state(table, feed, **fields):
    """What a poller would write after a poll."""
    own = {"feed_id": feed["id"], "next_poll": NOON, "interval_seconds": 900, "last_poll": NOON}
    table.learn([feed_record(FeedState(**own | fields), table.partition_of(feed["url"]))])


def records_of(engines, feed):
    return [record for record in read_all(engines.kafka_bootstrap, FEEDS_STATE) if feed["id"].encode() in (record.key or b"")]


def test_an_added_feed_is_new_and_in_kafka_when_the_answer_comes(client, engines, url):
    feed = added(client, url, publisher="Courier", section="World", language="en", full_text="always")

    (record,) = records_of(engines, feed)
    assert json.loads(record.value)["url"] == url
    assert (feed["publisher"], feed["section"], feed["language"], feed["full_text"]) == ("Courier", "World", "en", "always")
    assert (feed["condition"], feed["last_success"], feed["paused"]) == ("new", None, False)


def test_all_records_of_a_feed_are_in_the_partition_of_its_host(client, engines, table):
    urls = (f"https://{uuid.uuid4().hex}.example/feed" for _ in range(1000))
    url = next(url for url in urls if table.partition_of(url) == 3)
    feed = added(client, url)
    client.patch(f"/v1/feeds/{feed['id']}", json={"paused": True})
    client.delete(f"/v1/feeds/{feed['id']}")

    assert {record.partition for record in records_of(engines, feed)} == {3}


def test_another_process_learns_of_a_feed_from_kafka(client, engines, url):
    feed, stop, elsewhere = added(client, url), threading.Event(), FeedTable(4)
    tail = Tail(kafka_settings(engines.kafka_bootstrap), FEEDS_STATE, elsewhere.learn)
    thread = threading.Thread(target=tail.run, args=(stop,))
    thread.start()
    try:
        known = eventually(lambda: elsewhere.get(feed["id"]), lambda known: known is not None)
    finally:
        stop.set()
        thread.join()

    assert known is not None
    assert known.definition.url == url


def test_a_feed_that_is_added_again_is_the_same_and_what_is_given_is_changed(client, url):
    first = added(client, url, section="World", publisher="Courier")

    again = client.post("/v1/feeds", json={"url": f" {url} ", "section": "Sport"})

    assert again.status_code == 200
    assert again.json() == first | {"section": "Sport"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "ftp://a.example/feed"}, "url"),
        ({"url": "a.example/feed"}, "url"),
        ({"url": "https://user:word@a.example/feed"}, "url"),
        ({"url": "http://169.254.169.254/latest"}, "url"),
        ({"url": "http://[::ffff:10.0.0.1]/"}, "url"),
        ({"url": "http://[/"}, "url"),
        ({"url": "https://a.example:99999/"}, "url"),
        ({"url": "https://a.example/\x1b[2J"}, "url"),
        ({"url": "https://a.example/a feed"}, "url"),
        ({"url": "HTTP://A.example/feed"}, "url"),
        ({"url": "https:///feed"}, "url"),
        ({"url": "https://a.example/" + "x" * 2048}, "url"),
        ({}, "url"),
        ({"url": "https://a.example/feed", "language": "English!"}, "language"),
        ({"url": "https://a.example/feed", "full_text": "sometimes"}, "full_text"),
        ({"url": "https://a.example/feed", "interval": 5}, "interval"),
    ],
)
def test_a_feed_that_could_not_be_fetched_or_has_wrong_options_is_refused_by_field(client, table, body, field):
    before = len(table.all())

    answer = client.post("/v1/feeds", json=body)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {error["field"] for error in answer.json()["errors"]} == {field}
    assert len(table.all()) == before


def test_what_a_change_leaves_out_stays_and_null_clears(client, url):
    feed = added(client, url, publisher="Courier", section="World", full_text="never")

    changed = client.patch(f"/v1/feeds/{feed['id']}", json={"paused": True, "publisher": None, "full_text": None}).json()

    assert changed == feed | {
        "paused": True,
        "publisher": None,
        "full_text": "teaser",
        "condition": "paused",
        "reason": changed["reason"],
    }
    assert "paused" in changed["reason"]
    assert client.get(f"/v1/feeds/{feed['id']}").json() == changed


def test_a_removed_feed_is_gone_and_its_records_are_deleted_from_the_topic(client, engines, url):
    feed = added(client, url)

    assert client.delete(f"/v1/feeds/{feed['id']}").status_code == 204

    assert client.get(f"/v1/feeds/{feed['id']}").status_code == 404
    *_, state, lease = records_of(engines, feed)
    assert (state.value, lease.value) == (None, None)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_feed_that_is_not_there_is_a_404(client, method):
    answer = client.request(method, f"/v1/feeds/{UNKNOWN}", json={})

    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no feed of this id")


def test_a_list_shows_how_feeds_do_and_is_filtered_by_condition_and_words(client, table):
    mark = uuid.uuid4().hex
    good, bad, waiting = (added(client, f"https://{mark}.example/{name}") for name in ("good", "bad", "waiting"))
    learn_state(table, good, title=f"Titled {mark.upper()}x", last_success=NOON, last_new_article=NOON, entries=3, format="atom")
    learn_state(table, bad, error="the server answered 404", failures=3)

    def listed(**parameters):
        return {feed["id"]: feed for feed in client.get("/v1/feeds", params={"q": mark, **parameters}).json()["feeds"]}

    assert set(listed()) == {good["id"], bad["id"], waiting["id"]}
    assert set(listed(condition="failing")) == {bad["id"]}
    assert "the server answered 404" in listed()[bad["id"]]["reason"]
    assert listed()[bad["id"]]["failures"] == 3
    assert set(listed(condition="new")) == {waiting["id"]}
    assert set(listed(q=f"titled {mark}X")) == {good["id"]}
    assert set(listed(q=waiting["id"][:10])) == {waiting["id"]}
    shown = listed()[good["id"]]
    assert (shown["format"], shown["entries"], shown["last_success"]) == ("atom", 3, "2026-11-24T12:00:00Z")


@pytest.mark.parametrize(("limit", "wanted"), [(2, 3), (5, 1), (1, 5), (1000, 1)])
def test_pages_of_a_list_hold_every_feed_once(client, limit, wanted):
    mark = uuid.uuid4().hex
    ids = {added(client, f"https://{mark}.example/{number}")["id"] for number in range(5)}

    seen, after, pages = [], "", 0
    while after is not None:
        page = client.get("/v1/feeds", params={"q": mark, "limit": limit, "after": after}).json()
        seen += [feed["id"] for feed in page["feeds"]]
        after, pages = page["next"], pages + 1
        assert page["total"] == 5

    assert (sorted(ids), pages) == (seen, wanted)


def test_a_check_shows_what_would_be_taken_and_publishes_and_adds_nothing(client, engines, table):
    before = len(read_all(engines.kafka_bootstrap, "articles.published")), len(table.all())
    document = RSS % (ENTRY % ("Bridge opens", "bridge", "A text of some words.") + ENTRY % ("", "", ""))

    with serving(lambda request: send(request, 200, document.encode())) as server:
        answer = client.post("/v1/feeds/check", json={"url": f"{server}/feed"})

    assert answer.status_code == 200, answer.text
    checked = answer.json()
    assert (checked["kind"], checked["format"], checked["title"], checked["broken"]) == ("feed", "rss", "Courier", 1)
    (entry,) = checked["entries"]
    assert (entry["headline"], entry["url"], entry["date_published"]) == ("Bridge opens", "https://courier.example/bridge", None)
    assert entry["body_characters"] == len("A text of some words.")
    assert (len(read_all(engines.kafka_bootstrap, "articles.published")), len(table.all())) == before


def test_a_check_of_a_web_page_names_the_feeds_that_it_names(client):
    with serving(lambda request: send(request, 200, PAGE.encode(), Content_Type="text/html")) as server:
        checked = client.post("/v1/feeds/check", json={"url": f"{server}/"}).json()

    assert checked["kind"] == "page"
    assert checked["feeds"] == [
        {"url": f"{server}/world.rss", "title": "World", "format": "rss"},
        {"url": "https://courier.example/all.atom", "title": "", "format": "atom"},
    ]
    assert checked["detail"] == f"this is a web page; it names these feeds: {server}/world.rss, https://courier.example/all.atom"


@pytest.mark.parametrize(
    ("status", "content", "headers", "reason"),
    [
        (200, b"", {}, "empty"),
        (200, b"<html><body>No feed is named here.</body></html>", {}, "web page"),
        (404, b"gone", {}, "the server answered 404"),
        (200, b" " * 1_000_001, {}, "larger than 1000000 bytes"),
        (200, gzip.compress(b"\0" * 5_000_000), {"Content_Encoding": "gzip"}, "inflate"),
        (302, b"", {"Location": "http://169.254.169.254/latest"}, "not a public web server"),
        (302, b"", {"Location": "/again"}, "redirects"),
    ],
)
def test_a_check_of_what_is_no_feed_says_why(client, status, content, headers, reason):
    with serving(lambda request: send(request, status, content, **headers)) as server:
        answer = client.post("/v1/feeds/check", json={"url": f"{server}/feed"})

    assert answer.status_code == 422
    assert reason in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == "url"


def test_a_check_of_an_entity_bomb_takes_nothing_of_it(client):
    with serving(lambda request: send(request, 200, BOMB.encode())) as server:
        answer = client.post("/v1/feeds/check", json={"url": f"{server}/feed"})

    assert answer.status_code == 422 or answer.json()["entries"] == []


def test_of_many_checks_a_few_run_at_a_time_some_wait_and_the_others_are_told_to_come_again(table):
    running, highest, statuses, release, lock = 0, 0, [], threading.Event(), threading.Lock()

    def open_fetcher():
        nonlocal running, highest
        with lock:
            running += 1
            highest = max(highest, running)
        release.wait(30)
        with lock:
            running -= 1
        return Fetcher("Test/1", FetchLimits(total_seconds=2))

    def check(client):
        statuses.append(client.post("/v1/feeds/check", json={"url": "http://10.0.0.1/"}).status_code)

    desk = FeedsDesk(FeedRegister(table, Outbox(cast("Any", None)), ()), open_fetcher, 1000)
    with serving_app(desk) as client:
        threads = [threading.Thread(target=check, args=(client,)) for _ in range(12)]
        for thread in threads:
            thread.start()
        eventually(lambda: list(statuses), lambda seen: seen == [503, 503])
        release.set()
        for thread in threads:
            thread.join()

    assert (sorted(statuses), highest) == ([422] * 10 + [503] * 2, 2)


def test_while_kafka_does_not_acknowledge_the_answer_is_503_and_the_feed_is_not_listed(url):
    class Refusing:
        """A producer whose broker is away."""

        def send_each(self, records):
            return [Unavailable("no broker answers") for _ in records]

    empty = FeedTable(4)
    with Outbox(cast("Any", Refusing())) as outbox:
        answer, listed = added_and_listed(FeedsDesk(FeedRegister(empty, outbox, ()), cast("Any", None), 1000), url)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert listed == {"feeds": [], "total": 0, "next": None}


def added_and_listed(desk, url):
    """What the answer to an added feed is, and the list after it."""
    with serving_app(desk) as client:
        return client.post("/v1/feeds", json={"url": url}), client.get("/v1/feeds").json()


@pytest.mark.parametrize("address", ["http://127.1.1.1:9/", "http://2130706433:9/", "http://0x7f.1:9/", "http://localhost:9/"])
def test_a_check_of_a_private_address_in_any_spelling_is_refused_without_leave(address):
    _, checked = check_feed(address, lambda: Fetcher("Test/1", FetchLimits(total_seconds=2)))

    assert isinstance(checked, NoFeed)
    assert "not a public web server" in checked.reason


def test_opml_is_taken_in_and_what_is_wrong_with_one_feed_does_not_hold_up_the_others(client):
    mark = uuid.uuid4().hex
    known = added(client, f"https://{mark}.example/known", section="Old")
    outlines = "".join(
        f'<outline type="rss" text="{name}" xmlUrl="{url}"/>'
        for name, url in [
            ("New", f"https://{mark}.example/new"),
            ("New again", f"https://{mark}.example/new"),
            ("Known", known["url"]),
            ("Private", "http://10.0.0.1/feed"),
        ]
    )
    document = f'<opml version="2.0"><head/><body><outline text="World">{outlines}</outline></body></opml>'

    answer = client.post("/v1/feeds.opml", content=document.encode(), headers={"Content-Type": "text/x-opml"})

    assert answer.status_code == 200, answer.text
    imported = answer.json()
    assert imported["added"] == 1
    (refused,) = imported["refused"]
    assert (refused["url"], refused["reason"]) == ("http://10.0.0.1/feed", "10.0.0.1 is not a public web server")
    listed = {feed["url"]: feed for feed in client.get("/v1/feeds", params={"q": mark}).json()["feeds"]}
    assert listed[f"https://{mark}.example/new"]["section"] == "World"
    assert listed[known["url"]] == known


def test_what_is_exported_can_be_imported(client, url):
    feed = added(client, url, section="World")

    exported = client.get("/v1/feeds.opml")

    assert exported.headers["Content-Type"].startswith("text/x-opml")
    client.delete(f"/v1/feeds/{feed['id']}")
    imported = client.post("/v1/feeds.opml", content=exported.content).json()
    assert (imported["added"], imported["refused"]) == (1, [])
    assert client.get(f"/v1/feeds/{feed['id']}").json()["section"] == "World"


@pytest.mark.parametrize("content", [b"", b"<html>no outlines</html>", b"\xff\xfe not xml", b"x" * 100_001])
def test_what_is_no_opml_is_refused_with_a_reason(client, content):
    answer = client.post("/v1/feeds.opml", content=content)

    assert answer.status_code == (413 if len(content) > 100_000 else 422)
    assert answer.json()["detail"]


def routes(client):
    """Every method and path of the API, ids filled in."""
    paths = client.get("/openapi.json").json()["paths"]
    return [(method, path.replace("{feed_id}", UNKNOWN)) for path, methods in paths.items() for method in methods]


def test_every_route_asks_for_a_token_with_the_scope_admin(client, tokens_file):
    publisher = add_token(tokens_file, None, [Scope.PUBLISH, Scope.RETRACT, Scope.ENGAGE])
    eventually(lambda: client.get("/v1/feeds", headers={"Authorization": f"Bearer {publisher}"}).status_code, lambda s: s == 403)
    asked = routes(client)

    def statuses(headers):
        bare = TestClient(client.app, headers=headers)
        return {(method, path): bare.request(method, path, content=b"{}").status_code for method, path in asked}

    assert len(asked) == 8
    assert set(statuses({}).values()) == {401}
    assert set(statuses({"Authorization": "Bearer wrong"}).values()) == {401}
    assert set(statuses({"Authorization": f"Bearer {publisher}"}).values()) == {403}
