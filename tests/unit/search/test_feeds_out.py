"""Feeds that Dateline gives: valid RSS 2.0, Atom and JSON Feed 1.1, whatever stands in the articles."""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.search.core.answers import Highlights
from services.search.core.feeds_out import Feed, Form, build_atom, build_entry, build_feed, build_json_feed, build_rss, build_urn
from tests.builders import ARTICLE_ID, NOON
from tests.unit.search.builders import HOSTILE, a_hit, an_article_to_show

SITE = "https://news.example"
ATOM = "{http://www.w3.org/2005/Atom}"
XML_FORMS = pytest.mark.parametrize("build", [build_rss, build_atom], ids=["rss", "atom"])

FULL = {
    "description": "Two years & a day",
    "authors": ["Ada Smith", "Bo <b>Lee</b>"],
    "publisher": "Courier",
    "image_url": "https://courier.example/bridge.jpg?w=1&h=2",
    "date_modified": "2026-11-24T15:30:00Z",
}


def a_feed(*articles, **fields):
    own = {
        "title": "Bridge & harbour",
        "description": "Articles from a search: bridge",
        "site_name": "Dateline",
        "url": f"{SITE}/feeds/search.rss?q=bridge&section=World",
        "page_url": f"{SITE}/search?q=bridge&section=World",
        "entries": tuple(build_entry(article, SITE) for article in articles),
    }
    return Feed(**own | fields)


def parsed(document):
    feed = feedparser.parse(document)
    assert not feed.bozo, feed.bozo_exception
    return feed


@XML_FORMS
def test_a_feed_reader_finds_the_feed_and_its_page(build):
    feed = parsed(build(a_feed(an_article_to_show(), next_url=f"{SITE}/feeds/search.rss?cursor=x", language="en"))).feed

    links = {link["rel"]: link["href"] for link in feed.links}
    assert feed.title == "Bridge & harbour"
    assert links["self"] == f"{SITE}/feeds/search.rss?q=bridge&section=World"
    assert links["alternate"] == f"{SITE}/search?q=bridge&section=World"
    assert links["next"] == f"{SITE}/feeds/search.rss?cursor=x"
    assert feed.language == "en"


@XML_FORMS
def test_a_feed_reader_finds_all_of_an_entry(build):
    (entry,) = parsed(build(a_feed(an_article_to_show(**FULL)))).entries

    assert entry.title == "Harbour bridge reopens"
    assert entry.id == build_urn(ARTICLE_ID)
    assert entry.link == f"{SITE}/articles/{ARTICLE_ID}"
    assert entry.summary == "Two years &amp; a day"
    assert entry.published_parsed[:6] == (2026, 11, 24, 12, 0, 0)
    assert [tag.term for tag in entry.tags] == ["World"]
    assert entry.author == "Bo <b>Lee</b>", "feedparser names the last one"


def test_atom_tells_when_an_entry_was_changed_and_where_its_publisher_has_it():
    (entry,) = parsed(build_atom(a_feed(an_article_to_show(**FULL)))).entries

    assert entry.updated_parsed[:6] == (2026, 11, 24, 15, 30, 0)
    assert {link["rel"]: link["href"] for link in entry.links}["via"] == "https://courier.example/bridge"
    assert [author["name"] for author in entry.authors] == ["Ada Smith", "Bo <b>Lee</b>"]


@pytest.mark.parametrize("title", [HOSTILE, "<b>Bold</b> & more", "AT&T", "a &lt; b", "5 < 6 > 4", "Q&A; more", "&#60;script&#62;"])
@XML_FORMS
def test_a_title_is_text_however_a_reader_takes_it(build, title):
    """As HTML it shows the title and holds no element; parsers that guess must not find one."""
    (entry,) = parsed(build(a_feed(an_article_to_show(headline={"en": title})))).entries

    detail = entry.title_detail
    shown = _as_shown(detail.value) if detail.type == "text/html" else detail.value
    assert shown == title or _as_shown(detail.value) == title
    assert "<script" not in detail.value or detail.type == "text/plain"


def _as_shown(html):
    for name, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        html = html.replace(name, character)
    return html


@XML_FORMS
def test_a_summary_is_html_in_which_the_publishers_text_is_escaped(build):
    (entry,) = parsed(build(a_feed(an_article_to_show(description=HOSTILE)))).entries

    assert "<script" not in entry.summary
    assert "<img" not in entry.summary
    assert "&lt;script&gt;" in entry.summary


def test_an_entry_without_description_begins_with_the_text_that_the_search_found_without_its_marks():
    marks = Highlights(headline="Bridge", passages=("The <mark>bridge</mark> &amp; it",))

    assert build_entry(a_hit().model_copy(update={"highlights": marks}), SITE).summary == "The bridge &amp; it"


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_stands_in_an_article_the_documents_can_be_read(headline, author):
    article = an_article_to_show(headline={"en": headline}, authors=[author], section=author, description=headline)

    for form in Form:
        document = build_feed(a_feed(article, title=headline), form)
        if form is Form.JSON:
            assert json.loads(document)["items"][0]["title"] == headline
        else:
            assert etree.fromstring(document) is not None


def test_rss_has_what_its_specification_requires():
    root = etree.fromstring(build_rss(a_feed(an_article_to_show(**FULL))))
    channel = root.find("channel")

    assert root.attrib["version"] == "2.0"
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    assert parsedate_to_datetime(channel.findtext("lastBuildDate")) == datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    assert channel.find(f"{ATOM}link").attrib["rel"] == "self"
    for item in channel.findall("item"):
        assert item.findtext("title")
        assert item.find("guid").attrib == {"isPermaLink": "false"}
        assert parsedate_to_datetime(item.findtext("pubDate")) == NOON
        assert len(item.findall("guid")) == len(item.findall("link")) == len(item.findall("description")) == 1


def test_atom_has_what_rfc_4287_requires():
    root = etree.fromstring(build_atom(a_feed(an_article_to_show(), an_article_to_show(**FULL))))

    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert urlsplit(element.findtext(f"{ATOM}id")).scheme
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", element.findtext(f"{ATOM}updated"))
        assert len([link for link in element.findall(f"{ATOM}link") if link.attrib["rel"] == "alternate"]) == 1
    assert root.find(f"{ATOM}author/{ATOM}name").text == "Dateline"


def test_json_feed_has_what_its_specification_requires():
    feed = json.loads(build_json_feed(a_feed(an_article_to_show(), an_article_to_show(**FULL), language="en")))

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{SITE}/feeds/search.rss?q=bridge&section=World"
    bare, full = feed["items"]
    assert bare["content_text"] == "Harbour bridge reopens"
    assert full == {
        "id": build_urn(ARTICLE_ID),
        "url": f"{SITE}/articles/{ARTICLE_ID}",
        "external_url": "https://courier.example/bridge",
        "title": "Harbour bridge reopens",
        "content_html": "Two years &amp; a day",
        "image": FULL["image_url"],
        "date_published": "2026-11-24T12:00:00+00:00",
        "date_modified": "2026-11-24T15:30:00+00:00",
        "authors": [{"name": "Ada Smith"}, {"name": "Bo <b>Lee</b>"}],
        "tags": ["World"],
        "language": "en",
    }


@pytest.mark.parametrize("form", Form)
def test_a_feed_without_entries_is_valid_and_always_the_same(form):
    assert build_feed(a_feed(), form) == build_feed(a_feed(), form)
    assert b"1970" in build_feed(a_feed(), form) or form is Form.JSON


def test_ids_are_urns_that_do_not_depend_on_the_site():
    article = an_article_to_show()

    assert build_urn(ARTICLE_ID) == "urn:uuid:01234567-89ab-cdef-0123-456789abcdef"
    assert build_entry(article, "https://a.example").id == build_entry(article, "https://b.example").id
    assert build_urn("not hexadecimal/é") == "urn:dateline:article:not%20hexadecimal%2F%C3%A9"
