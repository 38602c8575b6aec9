"""Feeds parsed in a child process: what is hostile costs itself only."""

import time

import pytest

from services.ingest.children import Limits
from services.ingest.core.feeds import Feed, NoFeed, parse_feed
from services.ingest.feed_parser import FeedParser

GOOD = b'<rss version="2.0"><channel><title>T</title><item><title>H</title><link>https://a.example/1</link></item></channel></rss>'
LAUGHS = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">%s]><rss version="2.0"><channel><title>&j;</title></channel></rss>"""
    % b"".join(b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("k")))
)
HOSTILE = {
    "an entity bomb": LAUGHS,
    "an attribute of 8 MB": b'<rss version="2.0"><channel><title x="' + b"a" * 8_000_000 + b'">T</title></channel></rss>',
    "100,000 attributes": b"<rss " + b" ".join(b'a%d="1"' % number for number in range(100_000)) + b"/>",
    "deep nesting": b"<rss version='2.0'>" + b"<a>" * 200_000,
    "not XML": b"\xff\xfe\x00\x01" * 1000,
}


LIMITS = Limits(cpu_seconds=1)


@pytest.fixture(scope="module")
def parser():
    with FeedParser(LIMITS) as parser:
        yield parser


def test_a_feed_is_read_as_without_a_child(parser):
    assert parser.parse(GOOD) == parse_feed(GOOD)


def test_relative_links_are_resolved_against_the_address_of_the_feed(parser):
    feed = parser.parse(GOOD.replace(b"https://a.example/1", b"/1"), "https://b.example/feed.rss")

    assert [entry.url for entry in feed.entries] == ["https://b.example/1"]


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_ends_in_time_and_the_next_one_is_read(parser, document):
    began = time.monotonic()

    judged = parser.parse(document)

    assert time.monotonic() - began < 10
    assert isinstance(judged, NoFeed) or judged.entries == ()
    assert isinstance(parser.parse(GOOD), Feed)


def test_a_document_that_takes_too_long_says_so():
    with FeedParser(Limits(cpu_seconds=0.02)) as parser:
        judged = parser.parse(HOSTILE["deep nesting"])

    assert judged == NoFeed(reason="it takes more than 0.02 s of CPU time to read")
