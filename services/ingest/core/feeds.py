"""Bytes of a feed → submissions, one an entry. Never fetches: what is fetched, and how, is the poller's business.

Reads RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed, news sitemaps and sitemap indexes, also packed with gzip. A document that
cannot be read is a value with its reason, whatever is in it.
"""

from services.ingest.core.decoding import decode_document
from services.ingest.core.feed_document import MOST_ENTRIES, Feed, NoFeed
from services.ingest.core.guarded_xml import guard_xml
from services.ingest.core.json_feed import parse_json_feed
from services.ingest.core.sitemaps import parse_sitemap
from services.ingest.core.xml_feeds import parse_xml_feed
from shared.inflation import NotInflated, inflate_gzip

__all__ = ["MOST_DOCUMENT_BYTES", "MOST_ENTRIES", "Feed", "NoFeed", "parse_feed"]

#: What a parser is given at most (failure-modes F33); sitemaps may have 50 MB, those of news have 1,000 addresses.
MOST_DOCUMENT_BYTES = 10_000_000
_GZIP_MAGIC = b"\x1f\x8b"
_FEEDS = frozenset({"rss", "rdf", "feed", "channel"})
_SITEMAPS = frozenset({"urlset", "sitemapindex"})


def parse_feed(document: bytes, base_url: str | None = None) -> Feed | NoFeed:
    """The entries of a document in the order in which they stand in it, or why it is no feed.

    `base_url` is where it was fetched: what its relative links are relative to, unless it says otherwise.
    """
    if document.startswith(_GZIP_MAGIC):
        inflated = inflate_gzip(document, MOST_DOCUMENT_BYTES)
        if isinstance(inflated, NotInflated):
            return NoFeed(reason=inflated.reason)
        document = inflated
    if len(document) > MOST_DOCUMENT_BYTES:
        return NoFeed(reason=f"it has more than {MOST_DOCUMENT_BYTES:,} bytes")
    text = decode_document(document).strip("\ufeff\0 \t\r\n")
    if not text:
        return NoFeed(reason="the document is empty")
    if text[0] in "{[":
        return parse_json_feed(text, base_url)
    guarded = guard_xml(text, _FEEDS | _SITEMAPS)
    if isinstance(guarded, NoFeed):
        return guarded
    return parse_sitemap(guarded, base_url) if guarded.root in _SITEMAPS else parse_xml_feed(guarded, base_url)
