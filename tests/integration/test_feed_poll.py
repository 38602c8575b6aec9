"""One poll of one feed: whatever a server sends, the feed's state says what came of it, and its neighbours do not notice."""

import gzip
import threading
import time
from datetime import timedelta
from ipaddress import ip_network

import pytest

from services.ingest.core.extracted import ExtractedArticle
from services.ingest.core.feed_records import FeedDefinition, WebSubLease, feed_id
from services.ingest.core.schedule import Pace
from services.ingest.door import EntriesTaken, now_utc
from services.ingest.feed_parser import FeedParser
from services.ingest.feed_poll import FeedPoller, Tools
from services.ingest.feed_table import KnownFeed
from services.ingest.hosts import HostTurns
from services.ingest.robots import Robots
from shared.failures import Unavailable
from shared.guarded_fetch import Fetcher, FetchLimits
from tests.doubles import send, serving
from tests.pollers import no_page, rss

LIMITS = FetchLimits(total_seconds=5, allowed=(ip_network("127.0.0.1/32"),))
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">%s]><rss version="2.0"><channel><title>&j;</title></channel></rss>' % (
    b"".join(b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("k")))
)
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</sitemapindex>'
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
    "<loc>http://127.0.0.1/%s</loc><news:news><news:publication><news:name>Courier</news:name></news:publication>"
    "<news:publication_date>2026-11-24</news:publication_date><news:title>%s</news:title></news:news></url></urlset>"
)


class Desk:
    """A door that keeps what it is given; `away` as Kafka is when it does not answer."""

    def __init__(self):
        self.taken = []
        self.away = False

    def take_entries(self, entries, scope):
        """As `Door.take_entries`."""
        assert scope
        if self.away:
            raise Unavailable("no Kafka broker answers")
        self.taken += entries
        return EntriesTaken(new=len(entries))


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture(scope="module")
def parser():
    with FeedParser() as parser:
        yield parser


@pytest.fixture
def poll(desk, parser, stop):
    """Polls a feed once."""
    with Fetcher("Test/1", LIMITS) as fetcher:
        tools = Tools(desk, no_page, HostTurns(stop), Robots("Test/1"))

        def poll_once(url, state=None, *, may_publish=lambda: True, lease=None, **fields):
            definition = FeedDefinition(**{"feed_id": feed_id(url), "url": url, "added": now_utc(), "full_text": "never", **fields})
            return FeedPoller(fetcher, tools, parser.parse, Pace()).poll(KnownFeed(definition, state, lease), may_publish)

        yield poll_once


@pytest.fixture
def stop():
    return threading.Event()


def sends(content, status=200, **headers):
    return lambda request: send(request, status, content, **headers)


BAD = {
    "a web page": (sends(b"<!DOCTYPE html><html><body>Hello</body></html>"), "web page"),
    "nothing": (sends(b""), "empty"),
    "blanks": (sends(b" \n"), "empty"),
    "an entity bomb": (sends(LAUGHS), ""),
    "an attribute of 8 MB": (sends(b'<rss version="2.0"><channel><title x="' + b"a" * 8_000_000 + b'">'), ""),
    "11 MB": (sends(b"a" * 11_000_000), "larger than 10000000 bytes"),
    "gzip 1000:1": (sends(gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip"), "inflates to more than"),
    "an encoding not asked for": (sends(b"x", Content_Encoding="br"), "encoded as br"),
    "no access": (sends(b"", 403), "the server answered 403"),
    "not modified, though nothing is known": (sends(b"", 304), "the server answered 304"),
    "a private address": (
        sends(b"", 302, Location="http://169.254.169.254/latest"),
        "169.254.169.254, which is not a public web server",
    ),
    "a mapped address": (sends(b"", 302, Location="http://[::ffff:127.0.0.2]/"), "not a public web server"),
    "a decimal address": (sends(b"", 302, Location="http://2130706434/"), "127.0.0.2, which is not a public web server"),
    "an octal address": (sends(b"", 302, Location="http://0177.0.0.2/"), "127.0.0.2, which is not a public web server"),
    "a file": (sends(b"", 302, Location="file:///etc/passwd"), "only http and https are fetched"),
    "a circle": (sends(b"", 302, Location="/"), "more than 5 redirects"),
}


@pytest.mark.parametrize(("answer", "reason"), BAD.values(), ids=BAD)
def test_what_is_no_feed_has_a_reason_and_the_next_feed_is_read(poll, desk, answer, reason):
    with serving(answer) as bad, serving(sends(rss(("One", "1")))) as good:
        began = time.monotonic()
        failed = poll(bad)
        took = time.monotonic() - began
        read = poll(good)

    assert failed.result == "failed"
    assert failed.state.error
    assert reason in failed.state.error
    assert took < 20
    assert (read.result, read.state.error, [entry.headline for entry in desk.taken]) == ("changed", None, ["One"])


def test_a_server_that_is_not_there_has_a_reason(poll):
    assert "does not take connections" in poll("http://127.0.0.1:9/feed").state.error


def test_of_a_feed_with_50000_entries_the_newest_500_are_taken_and_the_others_told(poll, desk):
    items = "".join(f"<item><title>E{n}</title><link>http://a.example/{n}</link></item>" for n in range(50_000))
    many = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    with serving(sends(many)) as url:
        state = poll(url).state

    assert (state.error, state.entries, len(desk.taken)) == (None, 500, 500)
    assert "49,500 older entries not taken" in state.notes


@pytest.mark.parametrize("declared", ["utf-8", "us-ascii", "x-unknown"])
def test_a_feed_that_declares_a_wrong_encoding_is_read_all_the_same(poll, desk, declared):
    feed = f'<?xml version="1.0" encoding="{declared}"?>'.encode() + rss(("Caf\xe9", "1")).decode().encode("latin-1")
    with serving(sends(feed)) as url:
        assert poll(url).state.error is None

    assert [entry.headline for entry in desk.taken] == ["Café"]


def test_only_what_was_not_seen_goes_to_the_door(poll, desk):
    documents = [rss(("One", "1")), rss(("Two", "2"), ("One", "1"))]
    with serving(lambda request: send(request, 200, documents.pop(0))) as url:
        first = poll(url)
        poll(url, first.state)

    assert [entry.headline for entry in desk.taken] == ["One", "Two"]


def test_the_validators_of_the_last_answer_are_sent_back(poll):
    asked = []

    def answer(request):
        asked.append((request.headers["If-None-Match"], request.headers["If-Modified-Since"]))
        date = "Tue, 24 Nov 2026 09:00:00 GMT"
        send(request, 304 if len(asked) > 1 else 200, b"" if len(asked) > 1 else rss(("One", "1")), ETag='"1"', Last_Modified=date)

    with serving(answer) as url:
        again = poll(url, poll(url).state)

    assert asked == [(None, None), ('"1"', "Tue, 24 Nov 2026 09:00:00 GMT")]
    assert (again.result, again.state.error) == ("unchanged", None)


def test_what_could_not_be_published_is_read_whole_again(poll, desk):
    with serving(sends(rss(("One", "1")), ETag='"1"')) as url:
        desk.away = True
        away = poll(url)
        desk.away = False
        poll(url, away.state)

    assert (away.result, away.state.etag, away.state.seen) == ("unpublished", None, "")
    assert away.state.error == "it was read, but not published: no Kafka broker answers"
    assert [entry.headline for entry in desk.taken] == ["One"]


def test_nothing_is_published_of_a_feed_that_went_to_another_poller_meanwhile(poll, desk):
    with serving(sends(rss(("One", "1")))) as url:
        polled = poll(url, may_publish=lambda: False)

    assert (polled.result, polled.state, desk.taken) == ("lost", None, [])


def test_a_defect_that_one_feed_brings_out_is_its_reason(poll, desk):
    desk.take_entries = lambda entries, scope: 1 / 0
    with serving(sends(rss(("One", "1")))) as url:
        polled = poll(url)

    assert "ZeroDivisionError, which is a defect of Dateline" in polled.state.error


def test_what_the_definition_sets_stands_above_what_the_feed_says(poll, desk):
    with serving(sends(rss(("One", "1")))) as url:
        poll(url, publisher="Gazette", section="World", language="fr")

    assert [(entry.publisher, entry.section, entry.language) for entry in desk.taken] == [("Gazette", "World", "fr")]


def test_the_newest_sitemaps_of_an_index_are_read_those_on_other_sites_not(poll, desk):
    asked = []

    def answer(request):
        asked.append(request.path)
        host = request.headers["Host"]
        if request.path == "/index":
            own = "".join(f"<sitemap><loc>http://{host}/{n}</loc><lastmod>2026-11-{n + 10}</lastmod></sitemap>" for n in range(8))
            other = "<sitemap><loc>http://other.example/9</loc><lastmod>2026-11-24</lastmod></sitemap>"
            send(request, 200, (INDEX % (own + other)).encode(), ETag='"1"')
        else:
            send(request, 500 if request.path == "/7" else 200, (SITEMAP % (request.path, f"News {request.path}")).encode())

    with serving(answer) as url:
        state = poll(f"{url}/index").state

    assert asked == ["/index", "/7", "/6", "/5", "/4", "/3"]
    assert sorted(entry.headline for entry in desk.taken) == ["News /3", "News /4", "News /5", "News /6"]
    assert state.etag is None, "the index may stay as it is while its sitemaps change"
    assert state.notes == (f"the sitemap {url}/7 was not read: the server answered 500", "1 sitemaps on other sites not read")


def test_a_feed_whose_hub_pushes_is_polled_seldom(poll):
    with serving(sends(rss(("One", "1")))) as url:
        lease = WebSubLease(feed_id=feed_id(url), topic_url=url, expires=now_utc() + timedelta(days=1), delivers=True)
        pushed, polled = poll(url, lease=lease).state, poll(url).state

    assert pushed.next_poll - pushed.last_poll >= timedelta(hours=6)
    assert polled.next_poll - polled.last_poll <= timedelta(minutes=11)


def test_the_page_of_a_teaser_is_fetched_with_the_turn_of_its_host(desk, parser, stop):
    """What becomes of pages is `full_text`'s; here it is only seen that they are asked for."""
    asked = []

    def answer(request):
        asked.append(request.path)
        host = request.headers["Host"]
        if request.path == "/feed":
            item = f"<item><title>One</title><link>http://{host}/page</link><description>The bridge …</description></item>"
            send(request, 200, f"<rss version='2.0'><channel><title>T</title>{item}</channel></rss>".encode())
        elif request.path == "/page":
            send(request, 200, b"<html></html>", Content_Type="text/html")
        else:
            send(request, 404, b"")

    def extract(page, url, now):
        return ExtractedArticle(headline="One", body="The bridge over the harbour reopened on Monday. " * 20, url=url)

    with serving(answer) as url, Fetcher("Test/1", LIMITS) as fetcher:
        tools = Tools(desk, extract, HostTurns(stop), Robots("Test/1"))
        definition = FeedDefinition(feed_id=feed_id(f"{url}/feed"), url=f"{url}/feed", added=now_utc())
        FeedPoller(fetcher, tools, parser.parse, Pace()).poll(KnownFeed(definition), lambda: True)

    assert asked == ["/feed", "/robots.txt", "/page"]
    assert len(desk.taken[0].body) > 500
