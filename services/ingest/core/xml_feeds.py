"""RSS and Atom of every version → submissions. feedparser reads them; what it reads is then made plain."""

import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

import feedparser

from services.ingest.core.feed_document import (
    LONGEST_NAME,
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
from services.ingest.core.html_text import html_to_text
from services.ingest.core.teasers import without_footer
from services.ingest.core.xml_repair import well_formed
from shared.text import clean_line, clean_text

_ENTRY = re.compile(r"<((?:[\w.-]+:)?(?:item|entry))(?=[\s>/])", re.IGNORECASE)
_ENTRY_TIME = re.compile(
    r"<(?:[\w.-]+:)?(?:pubDate|published|issued|date|updated|modified)(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?([^<\]]{4,64})", re.IGNORECASE
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)", re.IGNORECASE)
#: Seconds of the periods of sy:updatePeriod (web.resource.org/rss/1.0/modules/syndication).
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
#: What a feed may ask for: from a minute to a year; a ttl of 0 or of millions is a default that nobody chose.
_SHORTEST_TTL, _LONGEST_TTL = 60.0, 31_536_000.0


def parse_xml_feed(document: GuardedXML, base_url: str | None = None) -> Feed | NoFeed:
    """The entries of an RSS or Atom document; NoFeed for other XML with a root of such a name."""
    shortened, truncated = _newest_entries(document)
    content = well_formed(shortened)
    if content is None:
        return NoFeed(reason="it is a feed that cannot be read")
    parsed = feedparser.parse(
        BytesIO(content),  # of a str or of bytes it might think that they name a file
        resolve_relative_uris=False,  # these two are for markup, of which only the text is taken
        sanitize_html=False,
    )
    if parsed.get("version") in (None, "", "atom") and not parsed.entries and not parsed.feed.get("title"):
        return NoFeed(reason=f"this is neither RSS nor Atom, though its root element is <{document.root}>")
    is_atom = document.root == "feed"
    base = base_url or _link(parsed.feed, "self", None) or web_address(None, parsed.feed.get("link"))
    collected = collect_entries(_draft(entry, parsed.feed, base, is_atom=is_atom) for entry in parsed.entries)
    return Feed(
        title=_title(parsed.feed, is_atom=is_atom)[:LONGEST_NAME],
        format="atom" if is_atom else "rss",
        entries=collected.entries,
        teasers=collected.teasers,
        broken=collected.broken,
        truncated=truncated,
        ttl_seconds=_ttl(parsed.feed),
        hub_url=_link(parsed.feed, "hub", base),
        self_url=_link(parsed.feed, "self", base),
    )


def _newest_entries(document: GuardedXML) -> tuple[GuardedXML, int]:
    """The document with its newest entries only, and how many were left out: 50,000 would take the parser a minute."""
    text = document.text
    found = list(_ENTRY.finditer(text))
    if len(found) <= MOST_ENTRIES:
        return document, 0
    last_end = text.rfind(f"</{found[-1][1]}>")
    starts = [match.start() for match in found]
    ends = [*starts[1:], last_end if last_end > starts[-1] else len(text)]
    times = [
        parse_feed_time(time[1]) if (time := _ENTRY_TIME.search(text, *span)) else None for span in zip(starts, ends, strict=True)
    ]
    chosen = (text[starts[number] : ends[number]] for number in newest(times))
    return GuardedXML(text[: starts[0]] + "".join(chosen) + text[ends[-1] :], document.root), len(found) - MOST_ENTRIES


def _draft(entry: Any, feed: Any, base: str | None, *, is_atom: bool) -> EntryDraft:
    contents = [(_plain(_text(part, "value"), _text(part, "type"), is_atom=is_atom), part) for part in entry.get("content") or []]
    longest, detail = max(contents, key=lambda pair: len(pair[0]), default=("", {}))
    content = without_footer(longest)
    summary = without_footer(_plain(_text(entry, "summary"), _text(entry.get("summary_detail"), "type"), is_atom=is_atom))
    section, keywords = _tags(entry)
    published, updated = _time(entry, "published") or _time(entry, "created"), _time(entry, "updated")
    if not is_atom and published is None:  # dc:date is the only date of RSS 1.0
        published, updated = updated, None
    body = max(content, summary, key=len)
    fields = {
        "headline": _title(entry, is_atom=is_atom),
        "url": _address(entry, base),
        "id": clean_line(_text(entry, "id")) or None,
        "body": body,
        "description": summary if content and summary and summary != body else None,
        "authors": _authors(entry) or (_authors(feed) if is_atom else ()),  # RFC 4287, 4.2.1: entries inherit the author
        "publisher": clean_line(_text(entry.get("source"), "title"))[:LONGEST_NAME]
        or _title(feed, is_atom=is_atom)[:LONGEST_NAME]
        or None,
        "section": section,
        "keywords": keywords,
        "language": _text(detail, "language") or _text(feed, "language") or None,
        "image_url": _image(entry, base),
        "date_published": published,
        "date_modified": updated,
    }
    return EntryDraft(fields, is_content=bool(content))


def _address(entry: Any, base: str | None) -> str | None:
    """The entry's own page: as FeedBurner kept it, its link, or a guid that is an address."""
    guid = _text(entry, "id")
    link = entry.get("link")
    if link == guid and not guid.startswith("/") and web_address(None, guid) is None:
        link = None  # a guid of an article without a link, taken for one because isPermaLink="false" was forgotten
    candidates = (web_address(base, entry.get("feedburner_origlink")), web_address(base, link), web_address(None, guid))
    return next((address for address in candidates if address), None)


def _title(holder: Any, *, is_atom: bool) -> str:
    kind = _text(holder.get("title_detail"), "type")
    return clean_line(_plain(_text(holder, "title"), kind, is_atom=is_atom))


def _plain(value: str, kind: str | None, *, is_atom: bool) -> str:
    """Atom says whether it has markup; in RSS everything may, and mostly does."""
    is_plain = (is_atom and kind == "text/plain") or ("<" not in value and "&" not in value)
    return clean_text(value) if is_plain else html_to_text(value)


def _authors(holder: Any) -> tuple[str, ...]:
    return plain_names(author.get("name") for author in holder.get("authors") or [])


def _tags(entry: Any) -> tuple[str | None, tuple[str, ...]]:
    """The section is the first category without a scheme; the others are keywords."""
    tags = [(clean_line(_text(tag, "term")), tag.get("scheme")) for tag in entry.get("tags") or []]
    sections = plain_names(term for term, scheme in tags if not scheme)
    return (sections[0] if sections else None), plain_names([term for term, scheme in tags if scheme] + list(sections[1:]))


def _image(entry: Any, base: str | None) -> str | None:
    return next((address for picture in _pictures(entry) if (address := web_address(base, picture))), None)


def _pictures(entry: Any) -> Iterator[object]:
    """Addresses of the entry's pictures, the best first: media:content by width, then enclosures, thumbnails, its image."""
    contents = [part for part in entry.get("media_content") or [] if _is_picture(part, "url")]
    for part in sorted(contents, key=lambda part: _whole_number(_text(part, "width")), reverse=True):
        yield part.get("url")
    for part in entry.get("enclosures") or []:
        if _is_picture(part, "href"):
            yield part.get("href")
    for part in entry.get("media_thumbnail") or []:
        yield part.get("url")
    yield _text(entry.get("image"), "href")


def _is_picture(part: Any, name: str) -> bool:
    """By its kind, and where it has none by the ending of its address, which stands under `name`."""
    kind, medium = _text(part, "type"), _text(part, "medium")
    if kind or medium:
        return medium == "image" or kind.startswith("image")
    return _PICTURE.search(_text(part, name)) is not None


def _whole_number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _time(entry: Any, name: str) -> datetime | None:
    """By our own reading: feedparser's takes 2026년 11월 24일 for the first of November, and CET for UTC."""
    return parse_feed_time(dict.get(entry, name))  # not entry.get, which answers one date for the other


def _link(feed: Any, relation: str, base: str | None) -> str | None:
    links = (web_address(base, link.get("href")) for link in feed.get("links") or [] if link.get("rel") == relation)
    return next((address for address in links if address), None)


def _ttl(feed: Any) -> float | None:
    minutes = _whole_number(_text(feed, "ttl").strip())
    period = _PERIODS.get(_text(feed, "sy_updateperiod").strip().lower())
    frequency = _whole_number(_text(feed, "sy_updatefrequency").strip()) or 1
    seconds = minutes * 60.0 if minutes else period / frequency if period else 0.0
    return seconds if _SHORTEST_TTL <= seconds <= _LONGEST_TTL else None


def _text(holder: Any, name: str) -> str:
    """What a feedparser dictionary has under the name, if it has one and that is text: of broken feeds it may be anything."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""
