"""The web pages of a WARC file (ISO 28500), such as those of Common Crawl's news crawl, record by record."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from w3lib.encoding import html_to_unicode
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import BufferedReader, ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

from ops.cli.unpacking import Unreadable

_START = b"WARC/"
_PAGES = ("text/html", "application/xhtml+xml")
_HTTP = StatusAndHeadersParser(["HTTP/1.0", "HTTP/1.1"], verify=False)
_NOT_PACKED = ("", "identity", "none")
_CHUNK_BYTES = 64 * 1024
#: The library reads a chunk of a chunked answer whole.
_MOST_RECORD_BYTES = 20_000_000
#: What the library raises for what is no record, or no HTTP answer.
_BROKEN = (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError, AttributeError, LookupError)


@dataclass(frozen=True, slots=True)
class Page:
    """A web page as text, decoded by what the HTTP answer and the page say."""

    url: str | None
    html: str


def read_warc(stream: io.BufferedReader, most_bytes: int) -> Iterator[tuple[int, Page | str | None]]:
    """Number of each record and its page, or why that cannot be taken, or None for what is no page.

    A page is a response with status 200 and HTML. Raises Unreadable where there is no further record to be found.

    Args:
        stream: the file, unpacked.
        most_bytes: what a page may have, unpacked.
    """
    number = 0
    if not stream.peek(len(_START)).startswith(_START):
        raise Unreadable("it does not begin as a WARC file does")
    try:
        for record in ArchiveIterator(stream, no_record_parse=True):
            number += 1
            yield number, _parse_record(record, most_bytes)
    except _BROKEN as error:
        said = " ".join(str(error).split())[:200]
        raise Unreadable(f"there is no WARC record after record {number} ({said or type(error).__name__})") from error


def _parse_record(record: Any, most_bytes: int) -> Page | str | None:
    if record.rec_type != "response":
        return None
    url = record.rec_headers.get_header("WARC-Target-URI")
    if not str(url).startswith(("http:", "https:")):
        return None
    if record.length is None or record.length > _MOST_RECORD_BYTES:
        return f"it has more than {_MOST_RECORD_BYTES:,} bytes"
    try:
        answer = _HTTP.parse(record.raw_stream)
    except _BROKEN:
        return "it holds no HTTP answer"
    kind = _header(answer, "content-type")
    if answer.get_statuscode() != "200" or kind.split(";")[0].strip() not in _PAGES:
        return None
    try:
        content = _read_content(answer, record.raw_stream, most_bytes)
    except ValueError as error:
        return str(error)
    return Page(url, html_to_unicode(kind, content, default_encoding="utf8")[1])


def _read_content(answer: StatusAndHeaders, raw: BinaryIO, most_bytes: int) -> bytes:
    """The page without the encodings of its transfer."""
    named = _header(answer, "content-encoding").removeprefix("x-")
    if named not in (*_NOT_PACKED, *BufferedReader.get_supported_decompressors()):
        raise ValueError(f"it is packed as {named[:20]}, which is not unpacked here")
    packing = None if named in _NOT_PACKED else named
    if "chunked" in _header(answer, "transfer-encoding"):
        stream = ChunkedDataReader(raw, decomp_type=packing)
    else:
        stream = BufferedReader(raw, decomp_type=packing)
    content = bytearray()
    while part := stream.read(_CHUNK_BYTES):
        content += part
        if len(content) > most_bytes:
            raise ValueError(f"it has more than {most_bytes:,} bytes")
    if packing is None and getattr(raw, "limit", 0) > 0 and not isinstance(stream, ChunkedDataReader):
        raise ValueError("the file ends within it")
    if not content.strip():
        raise ValueError("it is empty")
    return bytes(content)


def _header(answer: StatusAndHeaders, name: str) -> str:
    return (answer.get_header(name) or "").strip().lower()
