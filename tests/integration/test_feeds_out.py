"""Feeds of searches and of Most Popular lists, on a real Elasticsearch."""

import json
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser

import feedparser
import pytest

from tests.builders import NOON
from tests.indexed import asking, open_newsroom
from tests.stack import eventually

MEDIA = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
}


def indexed(seconds_ago):
    """When an article was indexed: other tests' are of the future, which no feed waits for."""
    return {"date_indexed": (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat()}


@pytest.fixture(scope="module")
def newsroom(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        newsroom.write(
            newsroom.a_document("old", minutes=1, headline={"en": "Old <b>harbour</b>"}, **indexed(90)),
            newsroom.a_document("new", minutes=2, headline={"en": "New harbour & bridge"}, authors=["Ada"], **indexed(80)),
            newsroom.a_document("other", minutes=3, section=f"{newsroom.section}/Other", **indexed(70)),
            newsroom.a_document("gone", minutes=4, status="retracted", date_retracted=NOON.isoformat(), **indexed(60)),
        )
        newsroom.write_list("comments", "this-week", {"old": 9, "new": 8})
        yield newsroom


@pytest.fixture(scope="module")
def search(engines, newsroom):
    with asking(engines.elasticsearch_url, site_url="https://news.example/") as client:
        yield client


def get(search, path, **parameters):
    answer = search.get(path, params=parameters or None)
    assert answer.status_code == 200, answer.text
    return answer


def entries(answer):
    """Title and link of each entry, whatever the form."""
    if answer.headers["content-type"] == MEDIA["json"]:
        return [(item["title"], item["url"]) for item in answer.json()["items"]]
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    return [(unescape(entry.title), entry.link) for entry in feed.entries]


@pytest.mark.parametrize("form", MEDIA)
def test_a_search_is_a_feed_newest_first(search, newsroom, form):
    answer = get(search, f"/feeds/search.{form}", q="harbour", publisher=newsroom.publisher)

    assert answer.headers["content-type"] == MEDIA[form]
    titles = ["New harbour & bridge", "Old <b>harbour</b>"]
    if form == "rss":
        titles[1] = "Old harbour"  # feedparser takes titles of RSS for HTML, here escaped, and shows it so
        assert b"&amp;lt;b&amp;gt;" in answer.content
    found = entries(answer)
    assert [link for _, link in found] == [f"https://news.example/articles/{newsroom.id_of(name)}" for name in ("new", "old")]
    assert found[0][0] == titles[0]


@pytest.mark.parametrize("form", MEDIA)
def test_a_most_popular_list_is_a_feed_in_its_order(search, newsroom, form):
    asked = {"measure": "comments", "window": "this-week", "publisher": newsroom.publisher}

    found = entries(get(search, f"/feeds/most-popular.{form}", **asked))

    assert [link for _, link in found] == [f"https://news.example/articles/{newsroom.id_of(name)}" for name in ("old", "new")]


def test_the_feed_of_a_section_has_its_articles_only(search, newsroom):
    found = entries(get(search, "/feeds/search.rss", section=f"{newsroom.section}/Other"))

    assert [title for title, _ in found] == ["Headline of other"]


def test_a_feed_that_ends_goes_on_behind_its_next_link(search, newsroom):
    first = get(search, "/feeds/search.json", publisher=newsroom.publisher, size=2).json()
    path = first["next_url"].removeprefix("https://news.example")
    second = get(search, path).json()

    assert [item["url"].rpartition("/")[2] for item in first["items"] + second["items"]] == [
        newsroom.id_of(name) for name in ("other", "new", "old")
    ]
    assert "next_url" not in second


def test_without_a_site_url_links_are_those_of_the_request(engines, newsroom):
    with asking(engines.elasticsearch_url) as search:
        feed = get(search, "/feeds/search.json", publisher=newsroom.publisher).json()

    assert feed["feed_url"].startswith("http://testserver/feeds/search.json?publisher=Courier")
    assert feed["items"][0]["url"] == f"http://testserver/articles/{newsroom.id_of('other')}"


@pytest.mark.parametrize("form", MEDIA)
def test_what_a_reader_has_already_is_not_sent_again(search, newsroom, form):
    asked = {"publisher": newsroom.publisher}
    first = settled(search, form, **asked)

    for known in (
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": f'W/{first.headers["etag"]}, "x"'},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        again = search.get(f"/feeds/search.{form}", params=asked, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    for stale in (
        {"If-None-Match": '"x"'},
        {"If-None-Match": '"x"', "If-Modified-Since": first.headers["last-modified"]},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        assert search.get(f"/feeds/search.{form}", params=asked, headers=stale).status_code == 200


def settled(search, form, **asked):
    """The feed once nothing more can appear within the second of the last change, so that it says when that was."""
    return eventually(lambda: get(search, f"/feeds/search.{form}", **asked), lambda answer: "last-modified" in answer.headers)


@pytest.mark.parametrize("change", [{"status": "retracted", "date_retracted": NOON.isoformat()}, {"section": "Elsewhere"}])
def test_a_feed_answers_anew_when_an_older_article_is_retracted_or_no_longer_fits(search, newsroom, change):
    written = [
        newsroom.a_document(f"changing {number}", minutes=number, section=f"{newsroom.section}/Changing", **indexed(number))
        for number in (50, 40)
    ]
    newsroom.write(*written)
    asked = {"section": f"{newsroom.section}/Changing"}
    first = settled(search, "rss", **asked)
    known = {"If-Modified-Since": first.headers["last-modified"]}
    assert search.get("/feeds/search.rss", params=asked, headers=known).status_code == 304

    newsroom.write(written[1] | {"revision": 2} | change | indexed(10))

    again = search.get("/feeds/search.rss", params=asked, headers=known)
    assert again.status_code == 200
    assert [link.rpartition("/")[2] for _, link in entries(again)] == [newsroom.id_of("changing 50")]


def test_feeds_that_change_although_nothing_is_indexed_say_no_date(search, newsroom):
    for asked in ({"q": "harbour", "sort": "relevance"}, {"sort": "popularity"}, {"has_comments": "false"}):
        assert "last-modified" not in get(search, "/feeds/search.rss", **asked).headers
    assert "last-modified" not in get(search, "/feeds/most-popular.rss").headers


def test_a_reader_may_ask_for_the_head_only(search):
    answer = search.head("/feeds/search.rss")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feeds/search.rss?q=%28", 400),
        ("/feeds/search.rss?cursor=x", 400),
        ("/feeds/search.xml", 422),
        ("/feeds/search.rss?size=1000", 422),
        ("/feeds/most-popular.atom?window=yesterday-ish", 422),
        ("/feeds/nothing.rss", 404),
    ],
)
def test_what_is_no_feed_is_a_problem(search, path, status):
    answer = search.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag == "link" and dict(attrs).get("rel") == "alternate":
            self.found.append(dict(attrs)["href"])


def test_pages_lead_feed_readers_to_feeds_that_show_the_same(search, newsroom):
    for page in ("/", f"/sections/{newsroom.section}", f"/search?q=harbour&publisher={newsroom.publisher}"):
        links = _Links()
        links.feed(get(search, page).text)
        assert links.found
        for href in links.found:
            assert entries(get(search, href)) or page == "/"

    assert json.loads(get(search, links.found[2]).content)["items"][1]["title"] == "Old <b>harbour</b>"
