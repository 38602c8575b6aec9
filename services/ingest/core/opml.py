"""Lists of feeds: OPML 1.0 and 2.0 (opml.org/spec2.opml) in, OPML 2.0 out."""

from collections.abc import Iterable

from lxml import etree

from services.ingest.core.decoding import decode_document
from services.ingest.core.feed_document import LONGEST_NAME, NoFeed, web_address
from services.ingest.core.guarded_xml import guard_xml
from services.ingest.core.submissions import Name
from services.ingest.core.xml_repair import parse_tree
from shared.articles import Frozen, WebURL
from shared.text import clean_line

#: Lists of all the feeds that a system could poll are smaller.
MOST_LIST_BYTES = 10_000_000
MOST_FEEDS = 100_000


class OutlinedFeed(Frozen):
    """A feed as a list names it. `section` is the folder that it is in."""

    url: WebURL
    title: Name | None = None
    section: Name | None = None


def parse_opml(document: bytes) -> tuple[OutlinedFeed, ...] | NoFeed:
    """The feeds of a list in its order, each address once; or why this is no list.

    The innermost folder is the section; a feed outside of folders has its first `category`, without the slashes, or none.
    """
    if len(document) > MOST_LIST_BYTES:
        return NoFeed(reason=f"it has more than {MOST_LIST_BYTES:,} bytes")
    text = decode_document(document).strip("\ufeff\0 \t\r\n")
    if not text:
        return NoFeed(reason="the document is empty")
    guarded = guard_xml(text, frozenset({"opml"}))
    if isinstance(guarded, NoFeed):
        return NoFeed(reason=guarded.reason.replace("neither RSS nor Atom", "no OPML"))
    root = parse_tree(guarded, MOST_FEEDS)
    if root is None:
        return NoFeed(reason="it is OPML that cannot be read")
    feeds: dict[str, OutlinedFeed] = {}
    for outline in root.iter("{*}outline"):
        if (feed := _feed(outline)) is not None:
            feeds.setdefault(feed.url, feed)
    return tuple(feeds.values())


def build_opml(feeds: Iterable[OutlinedFeed], title: str = "Dateline feeds") -> bytes:
    """The list in OPML 2.0 (UTF-8), feeds of a section in a folder of its name, which stands where its first feed does."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = clean_line(title)
    body = etree.SubElement(root, "body")
    folders = {}
    for feed in feeds:
        parent = body
        if feed.section:
            if feed.section not in folders:
                folders[feed.section] = etree.SubElement(body, "outline", text=feed.section)
            parent = folders[feed.section]
        name = feed.title or feed.url
        etree.SubElement(parent, "outline", text=name, title=name, type="rss", xmlUrl=feed.url)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True))


def _feed(outline: etree._Element) -> OutlinedFeed | None:
    url = web_address(None, _attribute(outline, "xmlUrl"))
    if url is None:
        return None
    name = "" if _attribute(outline, "text") == _attribute(outline, "xmlUrl") else _name(outline)
    parent = outline.getparent()
    is_in_folder = parent is not None and etree.QName(parent).localname == "outline"
    category = _attribute(outline, "category").split(",")[0].strip("/ ").rsplit("/", 1)[-1]
    section = _name(parent) if is_in_folder else clean_line(category)[:LONGEST_NAME]
    return OutlinedFeed(url=url, title=name or None, section=section or None)


def _name(outline: etree._Element) -> str:
    return clean_line(_attribute(outline, "text") or _attribute(outline, "title"))[:LONGEST_NAME].strip()


def _attribute(outline: etree._Element, name: str) -> str:
    """The attribute in whatever case it is written: xmlUrl, xmlurl, XMLURL."""
    return next((str(value) for key, value in outline.attrib.items() if str(key).lower() == name.lower()), "")
