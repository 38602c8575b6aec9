"""Pages that come as HTML: the article in them, told from what stands around it."""

from datetime import datetime
from itertools import islice

from lxml.html import HtmlElement
from trafilatura import load_html
from w3lib.encoding import html_to_unicode

from services.ingest.core.body import extract_body
from services.ingest.core.boilerplate import fold_line
from services.ingest.core.extracted import ExtractedArticle, NoArticle
from services.ingest.core.headlines import parse_headline
from services.ingest.core.metadata import PageMetadata, parse_metadata
from services.ingest.core.no_article import judge_missing
from services.ingest.core.page_comments import parse_comments
from services.ingest.core.related import parse_related_links
from services.ingest.core.stamps import Stamps, parse_stamps

#: Elements of a page that is looked into: ten times what a long news page has, and some seconds of work.
MOST_ELEMENTS = 50_000
#: Of a longer page libxml2 reads no more than this, and would cut the article short without a word (XML_MAX_LOOKUP_LIMIT).
MOST_BYTES = 10_000_000


def parse_tree(html: bytes | str) -> HtmlElement | None:
    """The page as a tree; bytes are read in the encoding that they declare (WHATWG rules), else as UTF-8."""
    text = html if isinstance(html, str) else html_to_unicode(None, html, default_encoding="utf8")[1]
    # Lone surrogates, which JSON can bring, are no text; the parser would refuse the page.
    return load_html(text.encode("utf-8", "replace").decode("utf-8")) if text.strip() else None


def _trim_breadcrumb(metadata: PageMetadata, headline: str) -> tuple[str, ...]:
    """Without the article itself, which many sites put last."""
    crumbs = metadata.breadcrumb
    if crumbs and len(crumbs) > 1 and fold_line(headline).startswith(fold_line(crumbs[-1].rstrip(".… "))):
        return crumbs[:-1]
    return crumbs


def extract_html_page(html: bytes | str, url: str | None, now: datetime) -> ExtractedArticle | NoArticle:
    """The article of a page.

    Args:
        html: the page; bytes as received, or text that was decoded by what the HTTP answer said.
        url: where it was fetched from. A canonical address on another site is not believed: it would let a page take the
            place of somebody else's article.
        now: dates later than a day after it are left out.
    """
    if len(html if isinstance(html, bytes) else html.encode("utf-8", "replace")) > MOST_BYTES:
        return NoArticle("page too large")
    tree = parse_tree(html)
    if tree is None:
        return NoArticle("empty page")
    if next(islice(tree.iter(), MOST_ELEMENTS, None), None) is not None:
        return NoArticle("page too large")
    metadata = parse_metadata(tree, url, now)
    headline = parse_headline(tree, metadata)
    stamps = Stamps() if metadata.date_published else parse_stamps(tree, headline or "", now)
    related, comments = parse_related_links(tree, url), parse_comments(tree, metadata.comments, now)
    body = extract_body(tree, headline or "", metadata.description, metadata.article_body)
    if missing := judge_missing(tree, headline, body, metadata):
        return missing
    breadcrumb = _trim_breadcrumb(metadata, headline or "")
    return ExtractedArticle(
        headline=(headline or "")[:1000],
        body=body,
        url=metadata.url,
        description=metadata.description,
        authors=metadata.authors,
        publisher=metadata.publisher,
        section=metadata.section or (breadcrumb[-1] if len(breadcrumb) > 1 else None),
        breadcrumb=breadcrumb,
        keywords=metadata.keywords,
        language=metadata.language,
        image_url=metadata.image_url,
        date_published=metadata.date_published or stamps.published,
        date_modified=metadata.date_modified or stamps.modified,
        related_links=related,
        comments=comments,
        paywalled=metadata.paywalled,
    )
