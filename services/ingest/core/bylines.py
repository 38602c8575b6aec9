# ruff: noqa: RUF001 - names are written with either apostrophe
"""Names of authors as pages write them: one string for several, with words and addresses around them."""

import re
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from shared.text import clean_line

_LEAD = re.compile(
    r"^\W*(?:(?:written|posted|words|story|report|reported)\s+)?(?:by|par|von|por|di|от)\b[\s:]+"
    r"|^\W*(?:text|story|words|author|autor|autora|auteur|autore|yazar|penulis|текст|автор)\s*:\s*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:;|\||&|\band\b|\bet\b|\bund\b|\by\b)\s+", re.IGNORECASE)
_NAME = re.compile(r"^\w[\w.'’-]*(?:\s+[\w.'’-]+){1,4}$")
_AGENCY = (
    r"(?:the )?(?:associated press|press association|agence france-presse|reuters|bloomberg(?: news)?"
    r"|ap|afp|upi|dpa|efe|ansa|pti|ians)"
)
# "Jane Roe, AP Auto Writer": what stands behind a name and is none; nor is the agency that employs her.
_ROLE = re.compile(
    rf"\b(?:writer|editor|reporter|correspondent|contributor|columnist|desk|staff)$|^{_AGENCY}$",
    re.IGNORECASE,
)
_AGENCY_BEHIND = re.compile(rf"(?<=\w)(?:\s*[,/|(–—-]\s*|\s+){_AGENCY}\W*$", re.IGNORECASE)
_NOT_A_NAME = re.compile(r"https?:|www\.|\.(?:com|net|org|co\.\w\w)\b|[@/<>{}]|^\W*$|\d{3}", re.IGNORECASE)
#: As long as the longest of names with a role behind it; longer is a sentence.
_LONGEST_NAME = 80
_BYLINES = (
    './/*[@rel="author"]|.//*[@itemprop="author"]//*[@itemprop="name"]|.//*[@itemprop="author"]'
    '|.//*[contains(@class,"byline") or contains(@class,"author")]'
    "[not(self::body or self::article or self::main or self::html or self::input or self::label)]"
    '[not(ancestor-or-self::*[self::form or contains(@class,"comment") or contains(@id,"comment")])]'
)
#: Elements of a byline that are read; those that begin or end a line; links under the mark of an author that name none.
_MOST_BYLINE_NODES, _LONGEST_BYLINE = 60, 80
_LINES = frozenset(["br", "p", "div", "li", "ul", "ol", "td", "h2", "h3", "h4", "h5", "section", "time"])
_NO_AUTHORS = re.compile(
    r"authors?|about|more|biography|bio|profile|twitter|facebook|e?mail|website|contact|staff|home|archive|by", re.IGNORECASE
)


def parse_authors(*values: str) -> tuple[str, ...]:
    """The authors named in the values, each once, without "By"; addresses, handles and sentences are left out.

    A comma parts names only if what it parts look like names all of them; a role behind a name is not the name of another.
    """
    names: dict[str, str] = {}
    for value in values:
        for part in _BETWEEN.split(_LEAD.sub("", " ".join(value.split()))):
            pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
            for piece in pieces if all(_NAME.match(piece) for piece in pieces) else [part.strip(" ,")]:
                alone = _AGENCY_BEHIND.sub("", piece)
                name = alone if " " in alone else piece
                is_role = bool(names) and _ROLE.search(name)
                if len(name) <= _LONGEST_NAME and not is_role and not _NOT_A_NAME.search(name):
                    names.setdefault(name.casefold(), name)
    return tuple(names.values())


def _read_byline(element: HtmlElement) -> str:
    """The first line of an element, without a time: what stands below the name is a role or a date."""
    if element.get("content"):
        return clean_line(element.get("content") or "")
    pieces: list[str] = []
    for event, node in islice(etree.iterwalk(element, events=("start", "end")), _MOST_BYLINE_NODES):
        is_line = node.tag in _LINES and node is not element
        if is_line and "".join(pieces).strip():
            break
        if event == "start":
            pieces.append("" if node.tag == "time" else node.text or "")
        elif node is not element:
            pieces.append(node.tail or "")
    return clean_line("".join(pieces))


def parse_visible_byline(tree: HtmlElement) -> tuple[str, ...]:
    """The names in the first element that is marked as a byline; a single word only where the mark says author."""
    for element in tree.xpath(_BYLINES)[:12]:
        text = _read_byline(element)
        is_marked = element.get("rel") == "author" or element.get("itemprop") in ("author", "name")
        if not 3 < len(text) <= _LONGEST_BYLINE:
            continue
        names = tuple(name for name in parse_authors(text) if not _NO_AUTHORS.fullmatch(name))
        if names and all(" " in name or is_marked for name in names):
            return names
    return ()
