"""The feeds that a web page names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.feed_links import NamedFeed, parse_feed_links

HERE = "https://courier.example/news/"


def named(head, page_url=HERE):
    return parse_feed_links(f"<html><head>{head}</head><body>News</body></html>".encode(), page_url)


def link(href="/feed", kind="application/rss+xml", rel="alternate", title="News"):
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


def test_a_named_feed_has_its_address_title_and_format():
    assert named(link()) == (NamedFeed(url="https://courier.example/feed", title="News", format="rss"),)


@pytest.mark.parametrize(
    ("kind", "form"),
    [("application/rss+xml", "rss"), ("application/atom+xml", "atom"), ("Application/Feed+JSON; charset=utf-8", "json")],
)
def test_rss_atom_and_json_feeds_are_found(kind, form):
    assert [feed.format for feed in named(link(kind=kind))] == [form]


@pytest.mark.parametrize(
    "other", [link(rel="stylesheet"), link(kind="text/html"), link(kind="application/json"), link(href="javascript:x()")]
)
def test_other_links_are_no_feeds(other):
    assert named(other) == ()


def test_addresses_are_relative_to_the_page_or_to_what_it_says():
    assert [feed.url for feed in named(link("world.rss"))] == ["https://courier.example/news/world.rss"]
    assert [feed.url for feed in named('<base href="/feeds/">' + link("world.rss"))] == ["https://courier.example/feeds/world.rss"]


def test_an_address_that_is_named_twice_is_one_feed():
    assert [feed.title for feed in named(link(title="First") + link(title="Second"))] == ["First"]


def test_of_very_many_feeds_fifty_are_named():
    assert len(named("".join(link(f"/{number}") for number in range(200)))) == 50


@pytest.mark.parametrize("page", [b"", b" ", b"\x00\xff", b"<", b"<link rel=alternate type=application/rss+xml href='http://[/'>"])
def test_what_is_no_page_names_none(page):
    assert parse_feed_links(page, HERE) == ()


@given(page=st.binary(), url=st.text())
def test_nothing_that_a_server_sends_raises(page, url):
    parse_feed_links(page, url)
    parse_feed_links(b"<base href='" + page + b"'>" + link().encode(), HERE)
