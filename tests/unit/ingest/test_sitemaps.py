"""News sitemaps and sitemap indexes."""

import gzip

from services.ingest.core.feeds import Feed, parse_feed
from tests.builders import NOON
from tests.feeds.fixtures import news, sitemap

INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</sitemapindex>'


def parsed(document):
    feed = parse_feed(document.encode() if isinstance(document, str) else document)
    assert isinstance(feed, Feed), feed
    return feed


def test_an_address_with_news_becomes_a_submission_without_text():
    more = "<image:image><image:loc>https://courier.example/p.jpg</image:loc></image:image><lastmod>2026-11-24T12:00:00Z</lastmod>"
    document = sitemap(news(1, extra=more).replace("</news:news>", "<news:keywords>sea, bridge</news:keywords></news:news>"))
    (entry,) = parsed(document).entries

    assert (entry.headline, entry.url, entry.body) == ("Harbour bridge reopens", "https://courier.example/news/1", "")
    assert (entry.publisher, entry.language, entry.keywords) == ("Courier", "en", ("sea", "bridge"))
    assert (entry.date_published, entry.date_modified, entry.image_url) == (NOON, NOON, "https://courier.example/p.jpg")


def test_all_of_its_entries_are_teasers_and_its_title_is_the_publication():
    feed = parsed(sitemap(news(1) + news(2)))

    assert (feed.title, len(feed.teasers)) == ("Courier", 2)


def test_the_place_of_a_picture_is_not_the_address_of_the_page():
    picture = "<image:image><image:loc>https://courier.example/p.jpg</image:loc></image:image>"
    (entry,) = parsed(sitemap(news(1).replace("<url>", f"<url>{picture}"))).entries

    assert entry.url == "https://courier.example/news/1"


def test_an_index_names_its_sitemaps_newest_first():
    dated = {"a": "2026-11-22", "b": "2026-11-24", "c": "2026-11-23"}
    feed = parsed(
        INDEX
        % "".join(f"<sitemap><loc>https://a.example/{name}</loc><lastmod>{day}</lastmod></sitemap>" for name, day in dated.items())
    )

    assert feed.sitemaps == ("https://a.example/b", "https://a.example/c", "https://a.example/a")
    assert feed.format == "sitemap"


def test_of_a_large_index_fifty_sitemaps_are_named():
    feed = parsed(INDEX % "".join(f"<sitemap><loc>https://a.example/{number}</loc></sitemap>" for number in range(60)))

    assert (len(feed.sitemaps), feed.truncated) == (50, 10)


def test_a_large_sitemap_packed_with_gzip_gives_its_newest_news():
    pages = "".join(
        news(1).replace("/news/1", f"/news/{number}").replace("2026-11-24", f"2026-11-{1 + number // 100:02}")
        for number in range(1000)
    )
    feed = parsed(gzip.compress(sitemap(pages).encode()))

    assert (len(feed.entries), feed.truncated) == (500, 500)
    assert feed.entries[0].url == "https://courier.example/news/500"
