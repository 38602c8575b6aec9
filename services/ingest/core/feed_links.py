"""The feeds that a web page names in its head, for people who give the address of a site where that of a feed is asked for."""

from urllib.parse import urljoin

from lxml import etree, html
from pydantic import Field, TypeAdapter
from w3lib.encoding import html_to_unicode

from shared.articles import Frozen, WebURL
from shared.text import Line, clean_line

#: What is looked into of a page: feeds are named in its head.
_MOST_BYTES = 512 * 1024
#: Feeds that are taken from one page.
_MOST_FEEDS = 50
_MOST_TITLE = 200
_FORMATS = {"application/rss+xml": "rss", "application/atom+xml": "atom", "application/feed+json": "json"}
_URL: TypeAdapter[str] = TypeAdapter(WebURL)


class NamedFeed(Frozen):
    """A feed that a page names by `<link rel="alternate">`."""

    url: WebURL
    title: Line = ""
    format: str = Field(description="rss, atom, json")


def parse_feed_links(page: bytes, page_url: str) -> tuple[NamedFeed, ...]:
    """The feeds that a page names, in its order, each address once; none when it names none or is no page.

    Args:
        page: as it was fetched.
        page_url: where it was fetched from, for addresses that are relative to it.
    """
    text = html_to_unicode(None, page[:_MOST_BYTES], default_encoding="utf8")[1]
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), html.HTMLParser(encoding="utf-8"))
    except etree.ParserError:  # there is nothing in it
        return ()
    found: dict[str, NamedFeed] = {}
    base = next((link.get("href") or "" for link in tree.iter("base")), "")
    for link in tree.iter("link"):
        named = _named(link.get("rel") or "", link.get("type") or "", link.get("title") or "")
        if named is None:
            continue
        try:
            url = _URL.validate_python(urljoin(urljoin(page_url, base.strip()), (link.get("href") or "").strip()))
        except ValueError:  # pydantic's ValidationError is one
            continue
        found.setdefault(url, NamedFeed(url=url, title=named[0], format=named[1]))
        if len(found) == _MOST_FEEDS:
            break
    return tuple(found.values())


def _named(rel: str, kind: str, title: str) -> tuple[str, str] | None:
    form = _FORMATS.get(kind.partition(";")[0].strip().lower())
    if form is None or "alternate" not in rel.lower().split():
        return None
    return clean_line(title)[:_MOST_TITLE], form
