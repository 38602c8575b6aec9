"""What is in one file of news, as `dateline publish` sends it: its articles and pages, one after the other, with their places."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from ops.cli.news_files import Kind, NewsFile, known_endings
from ops.cli.unpacking import Unreadable
from ops.cli.warc_files import Page, read_warc
from services.ingest.core.feeds import NoFeed
from services.ingest.feed_parser import FeedParser

#: As much as one request to ingest may hold.
MOST_PAGE_BYTES = 10_000_000
#: JSON that is one value has to be read whole.
_MOST_DOCUMENT_BYTES = 64 * 1024 * 1024
_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in JSON, without a media type, or else a page.

    Attributes:
        number: of the line, record or item in its file, from 1; only grows within the file.
        place: the same for people, such as "line 3"; empty for a file that is one page.
        content: the bytes to send.
        media_type: of a page.
        url: where a page was found.
    """

    number: int
    place: str
    content: bytes
    media_type: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """What is not sent: `reason` says why it is refused, None that it is not a page."""

    number: int
    place: str
    reason: str | None


def read_entries(file: NewsFile, stream: io.BufferedReader, url: str | None, feeds: FeedParser) -> Iterator[Entry | Skipped]:
    """The entries of a file, as it is read. Raises Unreadable where it cannot be read further.

    Args:
        file: what it is.
        stream: its content, unpacked.
        url: where it was found, if it is one page.
        feeds: reads feeds.
    """
    if file.kind is Kind.NDJSON:
        yield from _read_lines(stream)
    elif file.kind is Kind.NINJS:
        yield from _read_document(stream, feeds)
    elif file.kind is Kind.FEED:
        yield from _read_feed(_read_whole(stream, MOST_PAGE_BYTES), feeds)
    elif file.kind is Kind.WARC:
        yield from _read_pages(stream)
    elif file.kind is None:
        raise Unreadable(f"the ending {file.path.suffix or '(none)'} is none of {known_endings()}; say what it is with --as")
    else:
        kind = "text/html" if file.kind is Kind.HTML else "text/plain; charset=utf-8"
        yield Entry(1, "", _read_whole(stream, MOST_PAGE_BYTES), kind, url)


def _read_whole(stream: io.BufferedReader, most_bytes: int) -> bytes:
    content = stream.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise Unreadable(f"it holds more than {most_bytes:,} bytes")
    return content


def _read_lines(stream: io.BufferedReader) -> Iterator[Entry | Skipped]:
    number = 0
    while line := stream.readline(MOST_PAGE_BYTES):
        number += 1
        place = f"line {number}"
        if len(line) == MOST_PAGE_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(MOST_PAGE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield Skipped(number, place, f"the line is longer than {MOST_PAGE_BYTES:,} bytes")
            continue
        # A carriage return within JSON is a blank, and ingest would take it for the end of the line.
        article = line.removeprefix(_UTF8_MARK if number == 1 else b"").replace(b"\r", b" ").strip()
        if article:
            yield Entry(number, place, article)


def _read_document(stream: io.BufferedReader, feeds: FeedParser) -> Iterator[Entry | Skipped]:
    """One article in JSON, an array of them, or a JSON Feed; also several lines of JSON, which many call .json."""
    content = _read_whole(stream, _MOST_DOCUMENT_BYTES).removeprefix(_UTF8_MARK)
    try:
        document: Any = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        if not _is_json(content.lstrip().split(b"\n", 1)[0]):
            raise Unreadable(f"it is not JSON: {error}") from error
        yield from _read_lines(io.BufferedReader(io.BytesIO(content)))
        return
    if isinstance(document, dict) and "jsonfeed.org" in str(document.get("version", "")):
        yield from _read_feed(content, feeds)
    elif isinstance(document, list):
        for number, item in enumerate(document, start=1):
            yield Entry(number, f"item {number}", orjson.dumps(item))
    else:
        yield Entry(1, "", orjson.dumps(document))


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _read_feed(content: bytes, feeds: FeedParser) -> Iterator[Entry | Skipped]:
    feed = feeds.parse(content)
    if isinstance(feed, NoFeed):
        raise Unreadable(feed.reason)
    number = 0
    for number, entry in enumerate(feed.entries, start=1):
        yield Entry(number, f"entry {number}", entry.model_dump_json(exclude_defaults=True).encode())
    for _ in range(feed.broken):
        number += 1
        yield Skipped(number, "an entry", "it lacks a headline or an address")
    if feed.truncated:
        yield Skipped(number + 1, "", f"its last {feed.truncated} entries are more than a feed may have")


def _read_pages(stream: io.BufferedReader) -> Iterator[Entry | Skipped]:
    for number, record in read_warc(stream, MOST_PAGE_BYTES):
        place = f"record {number}"
        if isinstance(record, Page):
            page = {"html": record.html} | ({"url": record.url} if record.url else {})
            yield Entry(number, place, orjson.dumps(page), "application/json")
        else:
            yield Skipped(number, place, record)
