"""Bytes of a feed → submissions, one an entry. Never given an address: what is fetched, and how, is the poller's business."""

from calendar import timegm
from collections.abc import Iterable
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser
from lxml import etree, html
from pydantic import Field, ValidationError

from services.ingest.core.submissions import ArticleSubmission
from shared.articles import Frozen, WebURL
from shared.text import clean_line, clean_text

#: The newest entries that one poll takes (failure-modes F35).
MOST_ENTRIES = 500
_BLOCKS = ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "tr", "figcaption", "section", "article")
_NO_TEXT = ("script", "style", "iframe", "figure", "noscript", "form")


class NoFeed(Frozen):
    """Why these bytes are no feed."""

    reason: str


class Feed(Frozen):
    """What a feed says now. `broken` entries are those that lack a headline or an address; `truncated` ones came after the newest.

    `teasers` are the addresses of the entries whose text is only a beginning or a summary of the article.
    """

    title: str
    format: str = Field(default="rss", description="rss, atom, json, sitemap")
    entries: tuple[ArticleSubmission, ...] = ()
    teasers: frozenset[str] = frozenset()
    broken: int = 0
    truncated: int = 0
    ttl_seconds: float | None = Field(default=None, description="how long the feed says that it stays as it is")
    hub_url: WebURL | None = Field(default=None, description="the WebSub hub that it names")
    self_url: WebURL | None = Field(default=None, description="what it calls itself, the topic at its hub")
    sitemaps: tuple[WebURL, ...] = Field(default=(), description="the sitemaps that a sitemap index names, newest first")


def parse_feed(document: bytes) -> Feed | NoFeed:
    """The entries of an RSS or Atom document, newest first as they stand in it."""
    if not document.strip():
        return NoFeed(reason="the document is empty")
    parsed = feedparser.parse(document)
    if not parsed.get("version"):
        return NoFeed(
            reason="this is neither RSS nor Atom" + (", it looks like a web page" if b"<html" in document[:2000].lower() else "")
        )
    title = clean_line(_plain(parsed.feed.get("title", "")))
    language = parsed.feed.get("language")
    entries = []
    broken = 0
    for entry in parsed.entries[:MOST_ENTRIES]:
        submission = _submission(entry, title, language)
        if submission is None:
            broken += 1
        else:
            entries.append(submission)
    return Feed(title=title, entries=tuple(entries), broken=broken, truncated=max(0, len(parsed.entries) - MOST_ENTRIES))


def _submission(entry: Any, feed_title: str, feed_language: str | None) -> ArticleSubmission | None:
    contents = entry.get("content") or []
    content = max((part.get("value", "") for part in contents), key=len, default="")
    summary = entry.get("summary", "")
    language = next((part.get("language") for part in contents if part.get("language")), None) or feed_language
    section, keywords = _tags(entry)
    fields: dict[str, Any] = {
        "headline": _plain(entry.get("title", "")),
        "url": entry.get("link") or None,
        "body": html_to_text(content or summary),
        "description": html_to_text(summary) if content and summary and summary != content else None,
        "authors": tuple(name for author in entry.get("authors", []) if (name := clean_line(author.get("name") or ""))),
        "publisher": feed_title or None,
        "section": section,
        "keywords": keywords,
        "language": language,
        "date_published": _time(entry, "published_parsed"),
        "date_modified": _time(entry, "updated_parsed"),
    }
    try:
        return ArticleSubmission.model_validate(fields)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
    if wrong & {"headline", "body"}:
        return None
    try:  # an entry is not lost for a field that it can do without
        return ArticleSubmission.model_validate({name: value for name, value in fields.items() if name not in wrong})
    except ValidationError:
        return None


def _tags(entry: Any) -> tuple[str | None, tuple[str, ...]]:
    """The section is the first category without a scheme; the others are keywords."""
    tags = [(clean_line(tag.get("term") or ""), tag.get("scheme")) for tag in entry.get("tags", [])]
    sections = [term for term, scheme in tags if term and not scheme]
    keywords = [term for term, scheme in tags if term and scheme] + sections[1:]
    return (sections[0] if sections else None), tuple(dict.fromkeys(keywords))[:100]


def _time(entry: Any, name: str) -> datetime | None:
    parsed: struct_time | None = dict.get(entry, name)  # not entry.get, which answers one date for the other
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


def _plain(value: str) -> str:
    return html_to_text(value) if "<" in value or "&" in value else value


def html_to_text(fragment: str) -> str:
    """The text of a piece of HTML, its blocks as paragraphs; scripts, styles and figures are left out."""
    if not fragment.strip():
        return ""
    try:
        root = html.fragment_fromstring(fragment, create_parent="div")
    except (etree.ParserError, ValueError):
        return clean_text(fragment)
    return clean_text("".join(_texts(root)))


def _texts(root: Any) -> Iterable[str]:
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(node.tag, str):
            if event == "end" and node.tail:
                yield node.tail
            continue
        silent = node.tag in _NO_TEXT or any(parent.tag in _NO_TEXT for parent in node.iterancestors())
        if event == "start":
            yield "\n\n" if node.tag in _BLOCKS else "\n" if node.tag == "br" else ""
            yield "" if silent else node.text or ""
        else:
            yield "\n\n" if node.tag in _BLOCKS else ""
            inside_silent = any(parent.tag in _NO_TEXT for parent in node.iterancestors())
            yield "" if inside_silent or node is root else node.tail or ""
