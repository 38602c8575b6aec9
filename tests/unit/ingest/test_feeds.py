"""Bytes of a feed -> submissions."""

from pathlib import Path

import pytest

from services.ingest.core.feeds import MOST_ENTRIES, Feed, NoFeed, html_to_text, parse_feed
from tests.builders import NOON

SAMPLE = Path(__file__).parents[3] / "ops" / "sample"

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Courier</title><language>en-gb</language>%s</channel></rss>"""
ITEM = """<item><title>%s</title><link>https://a.example/%s</link><description>%s</description>
<pubDate>Tue, 24 Nov 2026 12:00:00 GMT</pubDate><category>World</category></item>"""


def parsed(document):
    feed = parse_feed(document.encode() if isinstance(document, str) else document)
    assert isinstance(feed, Feed), feed
    return feed


def test_an_entry_becomes_a_submission():
    (entry,) = parsed(RSS % (ITEM % ("Bridge opens", "bridge", "It opened."))).entries

    assert (entry.headline, entry.url, entry.body) == ("Bridge opens", "https://a.example/bridge", "It opened.")
    assert (entry.publisher, entry.section, entry.language, entry.date_published) == ("Courier", "World", "en-gb", NOON)


def test_the_feeds_that_ship_are_read_whole():
    rss, atom = (parsed((SAMPLE / name).read_bytes()) for name in ("feed.rss", "feed.atom"))

    assert (len(rss.entries), rss.broken, len(atom.entries), atom.broken) == (8, 0, 6, 0)
    assert {entry.language for entry in atom.entries} == {"es", "de", "fr", "pt", "ru"}
    assert all(len(entry.body) > 500 and "<" not in entry.body for entry in (*rss.entries, *atom.entries))


def test_markup_in_a_headline_becomes_text():
    (entry,) = parsed(RSS % (ITEM % ("&lt;b&gt;Bridge&lt;/b&gt; &amp;amp; tunnel", "x", "y"))).entries

    assert entry.headline == "Bridge & tunnel"


def test_an_entry_without_headline_is_counted_broken_and_the_others_are_taken():
    feed = parsed(RSS % (ITEM % ("", "a", "x") + ITEM % ("Good", "b", "x")))

    assert ([entry.headline for entry in feed.entries], feed.broken) == (["Good"], 1)


def test_an_entry_is_not_lost_for_a_language_that_is_none():
    (entry,) = parsed((RSS % (ITEM % ("Good", "b", "x"))).replace("en-gb", "English (UK)")).entries

    assert entry.language is None


def test_of_a_huge_feed_the_newest_entries_are_taken_and_the_rest_counted():
    feed = parsed(RSS % "".join(ITEM % (f"H{number}", number, "x") for number in range(MOST_ENTRIES + 7)))

    assert (len(feed.entries), feed.truncated) == (MOST_ENTRIES, 7)


@pytest.mark.parametrize(
    ("document", "reason"),
    [(b"", "empty"), (b"<html><body>404</body></html>", "web page"), (b"not xml", "neither"), (b"\xff\xfe\x00", "neither")],
)
def test_what_is_no_feed_says_why(document, reason):
    judged = parse_feed(document)

    assert isinstance(judged, NoFeed)
    assert reason in judged.reason


def test_entities_of_a_feed_reach_no_file():
    bomb = (
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        + (RSS % (ITEM % ("&x;ok", "b", "&x;"))).encode().split(b"?>", 1)[1]
    )

    assert b"root:" not in str(parse_feed(bomb)).encode()


def test_blocks_become_paragraphs_and_scripts_nothing():
    html = "<p>One <b>bold</b>.</p><script>alert(1)</script><p>Two<br>lines.</p><figure>Picture</figure>tail"

    assert html_to_text(html) == "One bold.\n\nTwo\nlines.\n\ntail"
