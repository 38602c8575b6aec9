"""Guarded XML → bytes that every XML parser takes as well-formed, whatever is broken in them. In time linear in their length.

The repairs of libxml2 and of feedparser let one unclosed tag push all that follows out of its place, or take the square of the
length; so tags are balanced here, and what is left to libxml2 are attributes.
"""

import re
from collections import Counter

from lxml import etree

from services.ingest.core.guarded_xml import GuardedXML

#: Elements within each other; feeds have ten, articles in XHTML perhaps thirty.
MOST_DEPTH = 100
#: Elements side by side in a feed: feedparser compares the categories of an entry each with each, and nobody needs more.
MOST_CHILDREN = 2_000
_TOKEN = re.compile(
    r"""(?P<cdata><!\[CDATA\[.*?\]\]>)"""
    r"""|<(?P<end>/?)(?P<name>[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)(?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*+|[^<>]*)>""",
    re.DOTALL,
)
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]*):[A-Za-z_]")
_ENTRIES = ("item", "entry", "url", "sitemap")
#: Namespaces that feeds use and forget to declare.
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "atom10": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


def well_formed(document: GuardedXML, most_children: int = MOST_CHILDREN) -> bytes | None:
    """The document in UTF-8, as it is if it is well-formed, else repaired; None if nothing can be made of it.

    Of the children of an element the first `most_children` are kept. Of a document that was cut, the text behind the last tag is
    dropped: half an address is another address.
    """
    root, is_changed = _tree(document, most_children)
    if root is None:
        return None
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True)) if is_changed else document.encoded()


def parse_tree(document: GuardedXML, most_children: int) -> etree._Element | None:
    """As `well_formed`, parsed. There are elements in it only, neither comments nor instructions."""
    return _tree(document, most_children)[0]


def _tree(document: GuardedXML, most_children: int) -> tuple[etree._Element | None, bool]:
    """The root, and whether something had to be changed."""
    is_changed = False
    try:
        root = etree.fromstring(document.encoded(), _parser(recover=False))
    except etree.XMLSyntaxError:
        root = _recovered(GuardedXML(_balanced(document.text), document.root))
        is_changed = True
    for parent in [] if root is None else [parent for parent in root.iter() if len(parent) > most_children]:
        del parent[most_children:]
        is_changed = True
    return root, is_changed


def _recovered(balanced: GuardedXML) -> etree._Element | None:
    try:
        return etree.fromstring(balanced.encoded(), _parser(recover=True))
    except etree.XMLSyntaxError:
        return None


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=recover)


def _balanced(text: str) -> str:
    """The text with an end tag for every start tag: unclosed elements end with their parent, an entry where the next begins."""
    balance = _Balance()
    position = 0
    for token in _TOKEN.finditer(text):
        balance.parts.append(text[position : token.start()].replace("<", "&lt;"))
        position = token.end()
        if token["cdata"]:
            balance.parts.append(token["cdata"])
        elif token["end"]:
            balance.close(token["name"])
        else:
            declared = "" if balance.is_open else _missing_declarations(text, token["attributes"])
            balance.open(token["name"], declared + token["attributes"].rstrip())
    return balance.ended()


class _Balance:
    """Tags as they come, and which elements are open."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.is_open: list[str] = []
        self._names: Counter[str] = Counter()

    def open(self, name: str, attributes: str) -> None:
        if name.rsplit(":", 1)[-1].lower() in _ENTRIES:
            self.close(name)
        if len(self.is_open) < MOST_DEPTH:
            self.parts.append(f"<{name}{attributes}>")
            if not attributes.endswith("/"):
                self.is_open.append(name)
                self._names[name] += 1

    def close(self, name: str) -> None:
        """End the element and all that is open within it; nothing, if none of the name is open."""
        while self._names[name]:
            last = self.is_open.pop()
            self._names[last] -= 1
            self.parts.append(f"</{last}>")
            if last == name:
                return

    def ended(self) -> str:
        self.parts.extend(f"</{name}>" for name in reversed(self.is_open))
        return "".join(self.parts)


def _missing_declarations(text: str, attributes: str) -> str:
    """What the root element lacks: a declaration for each prefix that is used."""
    used = dict.fromkeys(_PREFIX.findall(text))
    missing = (prefix for prefix in used if prefix not in ("xml", "xmlns") and f"xmlns:{prefix}" not in attributes)
    return "".join(
        f' xmlns:{prefix}="{_NAMESPACES.get(prefix.lower(), f"urn:undeclared:{prefix}")}"' for prefix in list(missing)[:100]
    )
