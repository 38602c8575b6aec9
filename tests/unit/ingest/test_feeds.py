"""Bytes of a feed -> submissions."""

from pathlib import Path

import pytest

from services.ingest.core.feeds import MOST_ENTRIES, Feed, NoFeed, parse_feed
from services.ingest.core.html_text import html_to_text
from services.ingest.core.teasers import judge_teaser
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


def test_a_feed_says_how_long_it_stays_and_where_its_hub_is():
    head = '<ttl>30</ttl><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example/"/>'
    head += '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="https://a.example/feed"/>'
    feed = parsed(RSS % (head + ITEM % ("Good", "b", "x")))

    assert (feed.ttl_seconds, feed.hub_url, feed.self_url) == (1800.0, "https://hub.example/", "https://a.example/feed")


def test_an_update_period_is_a_time_to_live():
    head = '<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>'
    head += '<sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">4</sy:updateFrequency>'

    assert parsed(RSS % head).ttl_seconds == 6 * 3600


def test_the_id_is_the_guid_whatever_the_feed_was_fetched_from():
    document = (RSS % "<item><title>A</title><guid>4711</guid></item>").encode()

    for base in (None, "https://a.example/feed"):
        feed = parse_feed(document, base)
        assert isinstance(feed, Feed)
        assert [(entry.id, entry.url) for entry in feed.entries] == [("4711", None)]


def test_a_guid_that_several_addresses_share_is_no_id():
    guid = '<guid isPermaLink="false">site</guid></item>'
    feed = parsed(RSS % "".join((ITEM % (name, name, "x")).replace("</item>", guid) for name in ("a", "b")))

    assert [(entry.id, entry.url) for entry in feed.entries] == [(None, "https://a.example/a"), (None, "https://a.example/b")]


def test_the_widest_picture_is_the_image():
    pictures = "".join(
        f'<m:content xmlns:m="http://search.yahoo.com/mrss/" url="https://a.example/{width}.jpg" medium="image" width="{width}"/>'
        for width in (140, 1000, 460)
    )
    (entry,) = parsed(RSS % (ITEM % ("A", "b", "x")).replace("</item>", f"{pictures}</item>")).entries

    assert entry.image_url == "https://a.example/1000.jpg"


def test_an_enclosure_that_is_a_picture_is_the_image_and_a_sound_is_not():
    enclosures = (
        '<enclosure url="https://a.example/s.mp3" type="audio/mpeg"/><enclosure url="https://a.example/p.png" type="image/png"/>'
    )
    (entry,) = parsed(RSS % (ITEM % ("A", "b", "x")).replace("</item>", f"{enclosures}</item>")).entries

    assert entry.image_url == "https://a.example/p.png"


def test_of_a_huge_feed_in_any_order_the_newest_entries_are_taken():
    dated = [
        ITEM.replace("24 Nov", f"{1 + number // 20:02} Nov").replace("Tue, ", "") % (f"H{number}", number, "x")
        for number in range(550)
    ]
    feed = parsed(RSS % "".join(dated))

    assert (feed.entries[0].headline, feed.entries[-1].headline, feed.truncated) == ("H40", "H549", 50) or feed.entries[
        0
    ].headline == "H50"


def test_the_footer_of_a_blog_is_no_part_of_the_text():
    text = "<![CDATA[<p>It opened.</p><p>The post <a href='x'>A</a> appeared first on <a href='y'>B</a>.</p>]]>"
    (entry,) = parsed(RSS % (ITEM % ("A", "b", text))).entries

    assert entry.body == "It opened."


def test_the_author_of_an_atom_feed_wrote_its_entries():
    document = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><author><name>Ann Roe</name></author>'
        '<entry><title>A</title><id>1</id><link href="https://a.example/1"/></entry></feed>'
    )

    assert parsed(document).entries[0].authors == ("Ann Roe",)


LONG = "The bridge was closed for two years and everyone had to take the ferry. " * 30


@pytest.mark.parametrize(
    ("text", "is_content", "reason"),
    [
        (LONG, True, None),
        (LONG, False, None),
        (LONG[:700], True, None),
        (LONG[:700], False, "a summary of fewer"),
        (LONG[:300], True, "a content of fewer"),
        ("", True, "no text"),
        (LONG + "and then…", True, "mark of a cut"),
        (LONG + "and then [...]", True, "mark of a cut"),
        (LONG + "and then [&] [more]", True, "mark of a cut"),
        (LONG + "\n\nRead more", True, "invitation"),
        (LONG + "\n\nContinue reading Bridge opens →", True, "invitation"),
        (LONG + "\n\nWeiterlesen", True, "invitation"),
        (LONG + "\n\nChildren read more than they did.", True, "invitation"),
        (LONG + "\n\nThey had to read more books than anybody else of their age in the whole of the town.", True, None),
    ],
)
def test_a_teaser_is_told_by_its_length_its_end_and_its_field(text, is_content, reason):
    judged = judge_teaser(text.strip(), is_content=is_content)

    assert judged is None if reason is None else reason in (judged or "")
