"""JSON Feed -> submissions."""

import json

from services.ingest.core.feeds import Feed, parse_feed
from tests.builders import NOON

ITEM = {"id": "7", "url": "https://a.example/7", "title": "Bridge opens", "content_html": "<p>It opened.</p><p>People came.</p>"}


def parsed(*items, **fields):
    feed = parse_feed(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Courier", "items": items, **fields}).encode()
    )
    assert isinstance(feed, Feed), feed
    return feed


def test_an_item_becomes_a_submission():
    extra = {
        "summary": "Open at last.",
        "tags": ["Bridges", "Sea"],
        "image": "https://a.example/i.jpg",
        "authors": [{"name": "Ann Roe"}],
    }
    (entry,) = parsed({**ITEM, **extra, "date_published": "2026-11-24T13:00:00+01:00"}, language="en").entries

    assert (entry.id, entry.url, entry.headline, entry.body) == (
        "7",
        "https://a.example/7",
        "Bridge opens",
        "It opened.\n\nPeople came.",
    )
    assert (entry.description, entry.keywords, entry.authors) == ("Open at last.", ("Bridges", "Sea"), ("Ann Roe",))
    assert (entry.publisher, entry.language, entry.image_url, entry.date_published) == (
        "Courier",
        "en",
        "https://a.example/i.jpg",
        NOON,
    )


def test_the_author_of_the_feed_wrote_the_items_that_name_none():
    (entry,) = parsed(ITEM, author={"name": "Ann Roe"}).entries

    assert entry.authors == ("Ann Roe",)


def test_an_item_with_a_summary_only_is_a_teaser():
    item = {"id": "7", "url": "https://a.example/7", "title": "Bridge opens", "summary": "It opened."}

    assert parsed(item).teasers == {"https://a.example/7"}


def test_an_item_with_a_long_content_is_none():
    assert parsed({**ITEM, "content_text": "It opened and people came to see it. " * 50}).teasers == frozenset()


def test_the_hub_and_the_address_of_the_feed_are_kept():
    hubs = [{"type": "rssCloud", "url": "https://cloud.example/"}, {"type": "WebSub", "url": "https://hub.example/"}]
    feed = parsed(ITEM, hubs=hubs, feed_url="https://a.example/feed.json")

    assert (feed.hub_url, feed.self_url) == ("https://hub.example/", "https://a.example/feed.json")


def test_a_picture_that_is_attached_is_the_image():
    (entry,) = parsed(
        {
            **ITEM,
            "attachments": [
                {"url": "/a.mp3", "mime_type": "audio/mpeg"},
                {"url": "https://a.example/p.png", "mime_type": "image/png"},
            ],
        }
    ).entries

    assert entry.image_url == "https://a.example/p.png"


def test_of_a_huge_feed_the_newest_items_are_taken():
    items = [
        {**ITEM, "id": str(day), "url": f"https://a.example/{day}", "date_published": f"20{10 + day // 300}-01-{1 + day % 28:02}"}
        for day in range(600)
    ]
    feed = parsed(*items)

    assert (len(feed.entries), feed.truncated) == (500, 100)
    assert feed.entries[-1].url == "https://a.example/599"
