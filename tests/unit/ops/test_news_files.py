"""Files of news: which they are, how they are unpacked, and what is in them."""

import bz2
import gzip
import io
import json
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ops.cli.file_entries import Entry, Skipped, read_entries
from ops.cli.news_files import STANDARD_INPUT, Kind, find_files
from ops.cli.unpacking import Unreadable, open_news_file
from services.ingest.core.feeds import parse_feed
from services.ingest.feed_parser import FeedParser
from shared.failures import Misconfigured

# The writer of warcio leaves temporary files to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

LINES = b'{"headline":"One","url":"https://a.example/1"}\n{"headline":"Two","url":"https://a.example/2"}\n'
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}
RSS = b"""<rss version="2.0"><channel><title>Courier</title><item><title>One</title><link>https://a.example/1</link></item>
<item><description>no headline</description></item></channel></rss>"""


@pytest.fixture
def feeds():
    with FeedParser() as parser:
        yield parser


def read(path, feeds, kind=None, url=None):
    (file,) = find_files([path], kind)
    with open_news_file(file) as (stream, _):
        return list(read_entries(file, stream, url, feeds))


def written(path, content):
    path.write_bytes(content)
    return path


def warc(*records, packed=True):
    """A WARC file: of each record its url, its HTTP headers, its payload, and perhaps its status and type."""
    output = io.BytesIO()
    writer = WARCWriter(output, gzip=packed)
    for url, headers, payload, *more in records:
        status = more[0] if more else "200 OK"
        kind = more[1] if len(more) > 1 else "response"
        http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
        writer.write_record(writer.create_warc_record(url, kind, payload=io.BytesIO(payload), http_headers=http))
    return output.getvalue()


def chunked(payload):
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(payload), payload)


HTML = [("Content-Type", "text/html; charset=utf-8")]


# Which files


def test_of_a_folder_all_that_look_like_news_are_taken_in_order(tmp_path):
    (tmp_path / "deeper").mkdir()
    for name in ["b.html", "a.ndjson.gz", "deeper/c.warc.gz", "d.HTM", "e.json.zst", "notes.md", "f.gz", "README", "g.tar.gz"]:
        (tmp_path / name).touch()

    found = list(find_files([tmp_path], None))

    assert [(str(file.path.relative_to(tmp_path)), file.kind) for file in found] == [
        ("a.ndjson.gz", Kind.NDJSON),
        ("b.html", Kind.HTML),
        ("d.HTM", Kind.HTML),
        ("deeper/c.warc.gz", Kind.WARC),
        ("e.json.zst", Kind.NINJS),
    ]


def test_an_empty_folder_holds_nothing(tmp_path):
    assert list(find_files([tmp_path], None)) == []


def test_a_file_that_is_named_is_taken_though_its_ending_says_nothing_and_says_so_when_it_is_read(tmp_path, feeds):
    path = written(tmp_path / "news.doc", LINES)

    with pytest.raises(Unreadable, match=r"the ending \.doc is none of \.html .*--as"):
        read(path, feeds)
    assert len(read(path, feeds, Kind.NDJSON)) == 2


def test_standard_input_has_to_be_said_what_it_is():
    with pytest.raises(Misconfigured, match=r"--as html\|text"):
        list(find_files([STANDARD_INPUT], None))


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Misconfigured, match=r"nowhere\.html"):
        list(find_files([tmp_path / "nowhere.html"], None))


# Packed files


@pytest.mark.parametrize("ending", PACKERS)
def test_a_packed_file_is_read_as_one_that_is_not(tmp_path, feeds, ending):
    plain = read(written(tmp_path / "news.ndjson", LINES), feeds)

    assert read(written(tmp_path / f"news.ndjson{ending}", PACKERS[ending](LINES)), feeds) == plain
    assert read(written(tmp_path / "by-content.ndjson", PACKERS[ending](LINES)), feeds) == plain


@pytest.mark.parametrize("ending", PACKERS)
def test_a_file_of_several_packed_parts_is_read_whole(tmp_path, feeds, ending):
    parts = b"".join(PACKERS[ending](line + b"\n") for line in LINES.splitlines())

    assert len(read(written(tmp_path / f"news.ndjson{ending}", parts), feeds)) == 2


@pytest.mark.parametrize("ending", PACKERS)
def test_a_file_that_was_cut_off_is_told(tmp_path, feeds, ending):
    lines = b"".join(b'{"headline":"%d"}\n' % number for number in range(20_000))
    path = written(tmp_path / f"news.ndjson{ending}", PACKERS[ending](lines)[:-20])

    with pytest.raises(Unreadable, match="broken or end too early"):
        read(path, feeds)


def test_a_broken_file_is_told(tmp_path, feeds):
    packed = bytearray(gzip.compress(LINES * 1000))
    packed[len(packed) // 2] ^= 0xFF

    with pytest.raises(Unreadable, match="broken"):
        read(written(tmp_path / "news.ndjson.gz", bytes(packed)), feeds)


def test_a_file_that_is_not_packed_as_its_name_says_is_told(tmp_path, feeds):
    with pytest.raises(Unreadable, match=r"not packed as its ending \.gz says"):
        read(written(tmp_path / "news.ndjson.gz", LINES), feeds)


@pytest.mark.parametrize("ending", PACKERS)
def test_a_file_that_inflates_as_no_news_does_is_given_up(tmp_path, feeds, ending):
    path = written(tmp_path / f"news.ndjson{ending}", PACKERS[ending](b"x" * 80_000_000))

    with pytest.raises(Unreadable, match="inflates to more than 250 times"):
        read(path, feeds)


def test_a_packed_page_that_is_too_large_is_given_up_before_it_is_unpacked_whole(tmp_path, feeds):
    path = written(tmp_path / "page.html.gz", gzip.compress(b"x" * 50_000_000))

    with pytest.raises(Unreadable, match="holds more than 10,000,000 bytes"):
        read(path, feeds)


def test_a_file_of_xz_that_wants_much_memory_is_given_up(tmp_path, feeds):
    packer = lzma.LZMACompressor(filters=[{"id": lzma.FILTER_LZMA2, "preset": 0}])
    small = packer.compress(LINES) + packer.flush()
    large = _with_dictionary(small, 34)  # 512 MB

    with pytest.raises(Unreadable, match="xz data cannot be read"):
        read(written(tmp_path / "news.ndjson.xz", large), feeds)


def _with_dictionary(packed: bytes, size_code: int) -> bytes:
    """With another size of the dictionary in the header of the block, which has a checksum of its own."""
    header_size = (packed[12] + 1) * 4
    header = bytearray(packed[12 : 12 + header_size])
    at = header.index(b"\x21\x01") + 2
    header[at] = size_code
    header[-4:] = zlib.crc32(bytes(header[:-4])).to_bytes(4, "little")
    return packed[:12] + bytes(header) + packed[12 + header_size :]


# NDJSON and ninjs


def test_lines_keep_their_numbers_and_empty_ones_are_left_out(tmp_path, feeds):
    content = b'\xef\xbb\xbf{"a":1}\r\n\n  \n{"b":\r2}\n{"c":3}'

    seen = read(written(tmp_path / "news.ndjson", content), feeds)

    assert seen == [Entry(1, "line 1", b'{"a":1}'), Entry(4, "line 4", b'{"b": 2}'), Entry(5, "line 5", b'{"c":3}')]


def test_a_line_that_no_request_can_hold_is_refused_and_the_next_one_is_read(tmp_path, feeds):
    seen = read(written(tmp_path / "news.ndjson", b'"' + b"x" * 25_000_000 + b'"\n{"a":1}\n'), feeds)

    assert seen == [Skipped(1, "line 1", "the line is longer than 10,000,000 bytes"), Entry(2, "line 2", b'{"a":1}')]


def test_a_json_file_is_one_article_or_many(tmp_path, feeds):
    one = read(written(tmp_path / "one.json", b'{\n "uri": "urn:x:1"\n}'), feeds)
    many = read(written(tmp_path / "many.json", b'[{"uri": "urn:x:1"}, {"uri": "urn:x:2"}]'), feeds)
    lines = read(written(tmp_path / "lines.json", b'{"uri": "urn:x:1"}\n{"uri": "urn:x:2"}\n'), feeds)

    assert one == [Entry(1, "", b'{"uri":"urn:x:1"}')]
    assert many == [Entry(1, "item 1", b'{"uri":"urn:x:1"}'), Entry(2, "item 2", b'{"uri":"urn:x:2"}')]
    assert [entry.place for entry in lines] == ["line 1", "line 2"]


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"uri": '])
def test_a_json_file_that_holds_none_is_told(tmp_path, feeds, content):
    with pytest.raises(Unreadable, match="it is not JSON"):
        read(written(tmp_path / "news.json", content), feeds)


# Feeds and pages


def test_a_feed_is_its_entries_and_the_broken_ones_are_refused(tmp_path, feeds):
    one, broken = read(written(tmp_path / "feed.rss", RSS), feeds)

    assert isinstance(one, Entry)
    assert json.loads(one.content)["url"] == "https://a.example/1"
    assert broken == Skipped(2, "an entry", "it lacks a headline or an address")


def test_a_json_feed_is_known_by_what_it_says(tmp_path, feeds):
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Courier",
        "items": [{"id": "1", "url": "https://a.example/1", "title": "One", "content_text": "Text."}],
    }

    (entry,) = read(written(tmp_path / "feed.json", json.dumps(feed).encode()), feeds)

    assert (entry.place, json.loads(entry.content)["headline"]) == ("entry 1", "One")


def test_a_feed_that_is_none_is_told(tmp_path, feeds):
    with pytest.raises(Unreadable, match=r".+"):
        read(written(tmp_path / "feed.xml", b"<html><body>Not found</body></html>"), feeds)


def test_a_page_is_sent_as_it_is_with_its_address(tmp_path, feeds):
    page = written(tmp_path / "page.html.gz", gzip.compress(b"<html>"))

    assert read(page, feeds, url="https://a.example/1") == [Entry(1, "", b"<html>", "text/html", "https://a.example/1")]


# WARC


def test_the_pages_of_a_warc_are_its_answers_with_html(tmp_path, feeds):
    content = warc(
        ("https://a.example/1", HTML, "<p>Brücke</p>".encode()),
        ("https://a.example/1", HTML, b"", "200 OK", "request"),
        ("https://a.example/x", HTML, b"<p>gone</p>", "404 Not Found"),
        ("https://a.example/i.png", [("Content-Type", "image/png")], b"png"),
        ("https://a.example/2", [("Content-Type", "application/xhtml+xml")], b"<html/>"),
    )

    seen = read(written(tmp_path / "crawl.warc.gz", content), feeds)

    first, *others, last = seen
    assert first == Entry(1, "record 1", first.content, "application/json")
    assert json.loads(first.content) == {"html": "<p>Brücke</p>", "url": "https://a.example/1"}
    assert others == [Skipped(number, f"record {number}", None) for number in (2, 3, 4)]
    assert json.loads(last.content)["url"] == "https://a.example/2"


@pytest.mark.parametrize("packed", [True, False])
def test_a_warc_may_be_packed_record_by_record_or_not(tmp_path, feeds, packed):
    content = warc(*[(f"https://a.example/{number}", HTML, b"<p>x</p>") for number in range(3)], packed=packed)

    assert len(read(written(tmp_path / f"crawl.warc{'.gz' * packed}", content), feeds)) == 3


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        ([("Content-Encoding", "gzip")], gzip.compress(b"<p>text</p>")),
        ([("Content-Encoding", "X-GZIP")], gzip.compress(b"<p>text</p>")),
        ([("Transfer-Encoding", "Chunked")], b"4\r\n<p>t\r\n7\r\next</p>\r\n0\r\n\r\n"),
        ([("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")], chunked(gzip.compress(b"<p>text</p>"))),
        ([("Content-Encoding", "gzip")], b"<p>text</p>"),
        ([("Content-Encoding", "identity")], b"<p>text</p>"),
    ],
)
def test_the_encodings_of_the_transfer_are_undone(tmp_path, feeds, headers, payload):
    (page,) = read(written(tmp_path / "crawl.warc", warc(("https://a.example/", HTML + headers, payload), packed=False)), feeds)

    assert isinstance(page, Entry), page
    assert json.loads(page.content)["html"] == "<p>text</p>"


def test_a_page_is_decoded_by_what_its_answer_says(tmp_path, feeds):
    headers = [("Content-Type", "text/html; charset=windows-1251")]
    content = warc(("https://a.example/", headers, "<meta charset=utf-8><p>Мост</p>".encode("cp1251")))

    (page,) = read(written(tmp_path / "crawl.warc.gz", content), feeds)

    assert "Мост" in json.loads(page.content)["html"]


@pytest.mark.parametrize(
    ("headers", "payload", "reason"),
    [
        ([("Content-Encoding", "zstd")], b"(\xb5/\xfd", "packed as zstd"),
        ([], b"", "it is empty"),
        ([], b"x" * 10_000_001, "more than 10,000,000 bytes"),
        ([("Content-Encoding", "gzip")], gzip.compress(b"x" * 100_000_000), "more than 10,000,000 bytes"),
        ([], b"x" * 20_000_001, "more than 20,000,000 bytes"),
    ],
)
def test_a_page_that_cannot_be_taken_is_refused_and_the_next_one_is_read(tmp_path, feeds, headers, payload, reason):
    content = warc(("https://a.example/1", HTML + headers, payload), ("https://a.example/2", HTML, b"<p>x</p>"))

    refused, page = read(written(tmp_path / "crawl.warc.gz", content), feeds)

    assert isinstance(refused, Skipped)
    assert reason in (refused.reason or "")
    assert isinstance(page, Entry)


def test_a_warc_that_ends_within_a_page_does_not_give_half_of_it(tmp_path, feeds):
    content = warc(("https://a.example/1", HTML, b"<p>x</p>"), ("https://a.example/2", HTML, b"<p>y</p>" * 100), packed=False)

    seen = read(written(tmp_path / "crawl.warc", content[:-300]), feeds)

    assert isinstance(seen[0], Entry)
    assert seen[1:] == [Skipped(2, "record 2", "the file ends within it")]


def test_what_is_no_warc_is_told(tmp_path, feeds):
    with pytest.raises(Unreadable, match="does not begin as a WARC"):
        read(written(tmp_path / "crawl.warc", b"<html>"), feeds)


def test_rubbish_between_records_ends_a_warc_with_a_reason(tmp_path, feeds, capfd):
    content = warc(("https://a.example/1", HTML, b"<p>x</p>"), packed=False) + b"rubbish\r\n" * 3

    with pytest.raises(Unreadable, match="no WARC record after record 1"):
        read(written(tmp_path / "crawl.warc", content), feeds)


@given(st.binary(max_size=300), st.sampled_from(Kind))
def test_no_content_is_too_strange_to_be_read_or_told(tmp_path_factory, content, kind):
    path = Path(tmp_path_factory.getbasetemp()) / "strange"
    path.write_bytes(b"WARC/1.0\r\n" * (kind is Kind.WARC) + content)
    (file,) = find_files([path], kind)

    with open_news_file(file) as (stream, _):
        try:
            entries = list(read_entries(file, stream, None, _OneFeedParser()))
        except Unreadable:
            return
    assert [entry.number for entry in entries] == sorted(entry.number for entry in entries)


class _OneFeedParser(FeedParser):
    """Reads in this process: a child for each example would take minutes."""

    def parse(self, document, base_url=None):
        return parse_feed(document, base_url)
