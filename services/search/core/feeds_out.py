"""Articles → RSS 2.0, Atom (RFC 4287) or JSON Feed 1.1.

Written with the standard library: feedgen, the one library for it, had its last release in 2023, needs lxml, and knows no JSON
Feed; the three forms are smaller than what it would take to feed it. Dates in the content are those of articles, so that the same
articles are the same bytes, and an `ETag` holds for as long as nothing changes.

Before this: `services.search.feeds`, which fetched the articles.
"""

import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from html import escape
from typing import Any
from urllib.parse import quote

import orjson

from services.search.core.answers import ArticleSummary, Hit

_ATOM = "http://www.w3.org/2005/Atom"
_GENERATOR = "Dateline"
#: What XML 1.0 cannot hold, not even escaped (section 2.2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKS = re.compile("</?mark>")
#: What could be taken for markup where a text is taken for HTML.
_LIKE_MARKUP = re.compile(r"<|&#?\w+;")
_EMPTY_ELEMENTS = frozenset({"link", "atom:link", "category", "media:content"})
#: Of a feed without entries: a date must be there, and must not move.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Form(StrEnum):
    """In which form a feed is wanted."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"


MEDIA_TYPES = {
    Form.RSS: "application/rss+xml; charset=utf-8",
    Form.ATOM: "application/atom+xml; charset=utf-8",
    Form.JSON: "application/feed+json",
}


@dataclass(frozen=True)
class FeedEntry:
    """One article of a feed. `id` stays the same whatever changes, also the address of the site; `summary` is HTML."""

    id: str
    url: str
    article: ArticleSummary
    summary: str

    @property
    def published(self) -> datetime:
        """When it was published, or retrieved where that is not known."""
        return self.article.date

    @property
    def updated(self) -> datetime:
        """When it was changed, or published."""
        return self.article.date_modified or self.article.date


@dataclass(frozen=True)
class Feed:
    """A feed. URLs are absolute: its own, that of the page which shows the same, and that of the feed's next page, if any."""

    title: str
    description: str
    site_name: str
    url: str
    page_url: str
    entries: tuple[FeedEntry, ...]
    next_url: str | None = None
    language: str | None = None

    @property
    def updated(self) -> datetime:
        """When the newest change in it was made."""
        return max((entry.updated for entry in self.entries), default=_NEVER)


def build_entry(article: ArticleSummary, site_url: str) -> FeedEntry:
    """The entry of an article, which links its page on this site; its summary is the publisher's, or the beginning of the text."""
    return FeedEntry(
        id=build_urn(article.article_id),
        url=f"{site_url}/articles/{quote(article.article_id, safe='')}",
        article=article,
        summary=_summary(article),
    )


def build_urn(article_id: str) -> str:
    """What an article is called outside of Dateline: its 128 bits in the form of a UUID."""
    try:
        return uuid.UUID(hex=article_id).urn
    except ValueError:
        return f"urn:dateline:article:{quote(article_id, safe='')}"


def _summary(article: ArticleSummary) -> str:
    if article.description:
        return escape(article.description, quote=False)
    passages = article.highlights.passages if isinstance(article, Hit) and article.highlights else ()
    return _MARKS.sub("", passages[0]) if passages else ""


def build_feed(feed: Feed, form: Form) -> bytes:
    """The document."""
    return {Form.RSS: build_rss, Form.ATOM: build_atom, Form.JSON: build_json_feed}[form](feed)


def build_rss(feed: Feed) -> bytes:
    """RSS 2.0 as the RSS Advisory Board's Best Practices Profile wants it."""
    namespaces = {
        "xmlns:atom": _ATOM,
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        "xmlns:media": "http://search.yahoo.com/mrss/",
    }
    root = ET.Element("rss", {"version": "2.0", **namespaces})
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", _rss_title(feed.title))
    _add(channel, "link", feed.page_url)
    _add(channel, "description", escape(feed.description, quote=False))
    _add(channel, "language", feed.language)
    _add(channel, "lastBuildDate", _rfc_822(feed.updated))
    _add(channel, "generator", _GENERATOR)
    _add(channel, "atom:link", None, {"rel": "self", "type": "application/rss+xml", "href": feed.url})
    if feed.next_url:
        _add(channel, "atom:link", None, {"rel": "next", "type": "application/rss+xml", "href": feed.next_url})
    for entry in feed.entries:
        _add_item(ET.SubElement(channel, "item"), entry)
    return _document(root)


def _add_item(item: ET.Element, entry: FeedEntry) -> None:
    article = entry.article
    _add(item, "title", _rss_title(article.headline))
    _add(item, "link", entry.url)
    _add(item, "guid", entry.id, {"isPermaLink": "false"})
    _add(item, "pubDate", _rfc_822(entry.published))
    _add(item, "description", entry.summary or None)
    for author in article.authors:
        _add(item, "dc:creator", author)
    _add(item, "dc:publisher", article.publisher)
    _add(item, "dc:language", article.language)
    if article.section:
        _add(item, "category", article.section)
    if article.image_url:
        _add(item, "media:content", None, {"url": article.image_url, "medium": "image"})


def _rss_title(title: str) -> str:
    """RSS does not say whether titles are HTML, and readers disagree: what could be taken for markup is escaped for HTML too."""
    return escape(title, quote=False) if _LIKE_MARKUP.search(title) else title


def build_atom(feed: Feed) -> bytes:
    """Atom, RFC 4287; paged as RFC 5005 has it."""
    root = ET.Element("feed", {"xmlns": _ATOM, **({"xml:lang": feed.language} if feed.language else {})})
    _add(root, "id", feed.url)
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.description)
    _add(root, "updated", feed.updated.isoformat())
    _add(root, "generator", _GENERATOR)
    _add(ET.SubElement(root, "author"), "name", feed.site_name)
    _add(root, "link", None, {"rel": "self", "type": "application/atom+xml", "href": feed.url})
    _add(root, "link", None, {"rel": "alternate", "type": "text/html", "href": feed.page_url})
    if feed.next_url:
        _add(root, "link", None, {"rel": "next", "type": "application/atom+xml", "href": feed.next_url})
    for entry in feed.entries:
        _add_entry(ET.SubElement(root, "entry"), entry)
    return _document(root)


def _add_entry(element: ET.Element, entry: FeedEntry) -> None:
    article = entry.article
    if article.language != "und":
        element.set("xml:lang", article.language)
    _add(element, "id", entry.id)
    _add(element, "title", article.headline)
    _add(element, "published", entry.published.isoformat())
    _add(element, "updated", entry.updated.isoformat())
    _add(element, "link", None, {"rel": "alternate", "type": "text/html", "href": entry.url})
    if article.url:
        _add(element, "link", None, {"rel": "via", "type": "text/html", "href": article.url})
    for author in article.authors or ((article.publisher,) if article.publisher else ()):
        _add(ET.SubElement(element, "author"), "name", author)
    if article.section:
        _add(element, "category", None, {"term": article.section})
    _add(element, "summary", entry.summary or None, {"type": "html"})


def build_json_feed(feed: Feed) -> bytes:
    """JSON Feed 1.1."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "home_page_url": feed.page_url,
        "feed_url": feed.url,
        "next_url": feed.next_url,
        "language": feed.language,
    }
    return orjson.dumps({**_present(document), "items": [_json_item(entry) for entry in feed.entries]})


def _json_item(entry: FeedEntry) -> dict[str, Any]:
    article = entry.article
    content = {"content_html": entry.summary} if entry.summary else {"content_text": article.headline}  # one of them must be there
    return _present(
        {
            "id": entry.id,
            "url": entry.url,
            "external_url": article.url,
            "title": article.headline,
            **content,
            "image": article.image_url,
            "date_published": entry.published,
            "date_modified": article.date_modified,
            "authors": [{"name": author} for author in article.authors],
            "tags": [article.section] if article.section else None,
            "language": article.language if article.language != "und" else None,
        }
    )


def _present(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value not in (None, [])}


def _add(parent: ET.Element, name: str, text: str | None, attributes: Mapping[str, str] | None = None) -> None:
    """One element below another; none without a text, unless it is an empty element whose attributes say everything."""
    if text is None and name not in _EMPTY_ELEMENTS:
        return
    element = ET.SubElement(parent, name, {key: _NOT_XML.sub("", value) for key, value in (attributes or {}).items()})
    element.text = None if text is None else _NOT_XML.sub("", text)


def _document(root: ET.Element) -> bytes:
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _rfc_822(time: datetime) -> str:
    return format_datetime(time.astimezone(UTC), usegmt=True)
