"""News sitemaps → submissions without text, and sitemap indexes → the sitemaps they name.

Sources: sitemaps.org/protocol.html, and Google's namespaces sitemap-news/0.9 and sitemap-image/1.1. Elements are known by their
local names: namespaces are misspelt or not declared in the wild, and within a <url> no two names mean different things.
"""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from services.ingest.core.feed_document import (
    MOST_ENTRIES,
    EntryDraft,
    Feed,
    NoFeed,
    collect_entries,
    newest,
    plain_names,
    web_address,
)
from services.ingest.core.feed_times import parse_feed_time
from services.ingest.core.guarded_xml import GuardedXML
from services.ingest.core.xml_repair import parse_tree
from shared.text import clean_line

#: As many as the protocol allows.
MOST_ADDRESSES = 50_000
#: Sitemaps of an index that are worth a look: the newest ones.
MOST_SITEMAPS = 50


def parse_sitemap(document: GuardedXML, base_url: str | None = None) -> Feed | NoFeed:
    """The news of a sitemap, or the sitemaps of an index; NoFeed for a sitemap of other pages, which says no headlines."""
    root = parse_tree(document, MOST_ADDRESSES)
    if root is None:
        return NoFeed(reason="it is a sitemap that cannot be read")
    children = list(root)
    if document.root == "sitemapindex":
        return _index(children, base_url)
    news = [(child, part) for child in children if (part := _child(child, "news")) is not None]
    if not news and (children or "news" not in document.text[:2000]):  # without news for two days, one of news is empty
        return NoFeed(reason="it is a sitemap without news: it names pages, but no headlines")
    return _news_feed(news, base_url)


def _news_feed(news: list[tuple[Any, Any]], base_url: str | None) -> Feed:
    times = [parse_feed_time(_text(part, "publication_date")) for _, part in news] if len(news) > MOST_ENTRIES else []
    chosen = [news[number] for number in newest(times)] if times else news
    collected = collect_entries(EntryDraft(_fields(page, part, base_url)) for page, part in chosen)
    publishers = Counter(entry.publisher for entry in collected.entries if entry.publisher)
    return Feed(
        title=publishers.most_common(1)[0][0] if publishers else "",
        format="sitemap",
        entries=collected.entries,
        teasers=collected.teasers,
        broken=collected.broken,
        truncated=max(0, len(news) - MOST_ENTRIES),
    )


def _fields(page: Any, news: Any, base_url: str | None) -> dict[str, Any]:
    publication = _child(news, "publication")
    image = _child(page, "image")
    return {
        "headline": _text(news, "title"),
        "url": web_address(base_url, _text(page, "loc")),
        "publisher": _text(publication, "name") or None,
        "language": _text(publication, "language") or None,
        "keywords": plain_names(_text(news, "keywords").split(",")),
        "image_url": web_address(base_url, _text(image, "loc")),
        "date_published": parse_feed_time(_text(news, "publication_date")),
        "date_modified": parse_feed_time(_text(page, "lastmod")),
    }


def _index(children: list[Any], base_url: str | None) -> Feed:
    dated = [(web_address(base_url, _text(child, "loc")), parse_feed_time(_text(child, "lastmod"))) for child in children]
    oldest = datetime.min.replace(tzinfo=UTC)
    dated.sort(key=lambda sitemap: sitemap[1] or oldest, reverse=True)
    addresses = tuple(dict.fromkeys(address for address, _ in dated if address))
    return Feed(
        title="",
        format="sitemap",
        broken=sum(address is None for address, _ in dated),
        truncated=max(0, len(addresses) - MOST_SITEMAPS),
        sitemaps=addresses[:MOST_SITEMAPS],
    )


def _child(parent: Any, name: str) -> Any:
    if parent is None:
        return None
    return next((child for child in parent if _local_name(child.tag) == name), None)


def _local_name(tag: str) -> str:
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower()


def _text(parent: Any, name: str) -> str:
    child = _child(parent, name)
    return "" if child is None else clean_line("".join(child.itertext()))
