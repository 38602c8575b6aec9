"""Feeds as they come: every fixture gives its entries or its reason, and no mutation of one crashes the parser."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.core.feeds import Feed, NoFeed, parse_feed
from tests.feeds.catalogue import FIXTURES
from tests.feeds.fixtures import SITE

#: Where the fixtures were fetched, for their relative links.
FETCHED = f"{SITE}/feed.xml"
_SMALL = [fixture.document for fixture in FIXTURES if len(fixture.document) < 20_000]
_BIDI = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_a_document_gives_its_entries_or_its_reason(fixture):
    parsed = parse_feed(fixture.document, FETCHED)

    if fixture.reason is not None:
        assert isinstance(parsed, NoFeed), parsed
        assert fixture.reason in parsed.reason
        return
    assert isinstance(parsed, Feed), parsed
    assert (parsed.format, parsed.broken) == (fixture.format, fixture.broken)
    if fixture.headlines is not None:
        assert tuple(entry.headline for entry in parsed.entries) == fixture.headlines
    if fixture.urls is not None:
        assert tuple(entry.url for entry in parsed.entries) == fixture.urls
    if fixture.dates is not None:
        assert (
            tuple(entry.date_published and entry.date_published.replace(microsecond=0) for entry in parsed.entries) == fixture.dates
        )
    assert_clean(parsed)


def test_there_are_more_than_two_hundred_distinct_documents():
    assert len({fixture.document for fixture in FIXTURES}) >= 200
    assert len({fixture.name for fixture in FIXTURES}) == len(FIXTURES)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=st.sampled_from(_SMALL), data=st.data())
def test_a_mutated_document_is_a_feed_or_has_a_reason(document, data):
    mutated = bytearray(document)
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(mutated)))
        end = min(len(mutated), start + data.draw(st.integers(0, 40)))
        part = bytes(mutated[start:end])
        changes = st.one_of(st.just(b""), st.just(part * 3), st.binary(max_size=6), st.sampled_from(_PIECES), st.just(part[::-1]))
        mutated[start:end] = data.draw(changes)

    parsed = parse_feed(bytes(mutated), FETCHED)

    if isinstance(parsed, NoFeed):
        assert parsed.reason
    else:
        assert_clean(parsed)


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(
        st.sampled_from([*_SMALL[:5], *(document[:200] for document in _SMALL[::7])]) | st.binary(max_size=20), max_size=6
    )
)
def test_documents_glued_together_are_a_feed_or_have_a_reason(pieces):
    parsed = parse_feed(b"".join(pieces))

    assert isinstance(parsed, Feed | NoFeed)


def assert_clean(feed):
    """All text is plain and of clean characters, every address one of the web, and what is answered is JSON."""
    texts = [feed.title]
    for entry in feed.entries:
        texts += [
            entry.headline,
            entry.body,
            entry.description,
            entry.publisher,
            entry.section,
            entry.id,
            *entry.authors,
            *entry.keywords,
        ]
        assert all(url is None or url.startswith(("http://", "https://")) for url in (entry.url, entry.image_url))
        assert entry.url or entry.id
    for text in texts:
        assert not [letter for letter in text or "" if unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n"]
        assert not _BIDI & set(text or "")
    assert feed.teasers <= {entry.url for entry in feed.entries}
    assert Feed.model_validate_json(feed.model_dump_json()) == feed


_PIECES = [
    *(
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"-->",
        b"<?",
        b"?>",
        b"<!DOCTYPE x [",
        b"&#xD800;",
        b"&#0;",
        b"&",
        b"<",
        b">",
        b'"',
        b"\0",
        b"\xff",
    ),
    *(b"<item>", b"</item>", b"<entry>", b"</channel>", b"</rss>", b"<link>//[</link>", b"xml:base='http://['", "\u202e".encode()),
    *(
        b"<guid>",
        b"<title type='xhtml'>",
        b"<content type='x' mode='base64'>",
        b"<media:thumbnail/>",
        b"<pubDate>",
        b"<author><name/>",
    ),
]
