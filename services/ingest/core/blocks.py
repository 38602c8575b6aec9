"""The blocks of text of a page and where in its structure they stand, to check what an extractor took and what it left."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

#: Shorter ones are labels, and match by chance.
SHORTEST_BLOCK = 25
#: Part of a block's text in links above which it is a list of links.
_MOST_LINKED = 0.5
#: Letters by which two texts are told to be one.
_COMPARED = 30
_BLOCKS = ("p", "blockquote", "h2", "h3", "h4")
_BREAKING = frozenset((*_BLOCKS, "br", "div", "li"))
_NOT_WORDS = re.compile(r"[\W_]+")
# Numbered classes (post-1234, paragraph-3) tell elements apart that have one place.
_NUMBERED = re.compile(r"\d")

Place = tuple[object, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph, quotation or sub-heading: its element, what of its text is compared, and its place.

    Two blocks have one place if they and all that they stand in have the same elements and classes, within one `article`.
    """

    element: HtmlElement
    key: str
    place: Place


def compare_key(text: str) -> str:
    """What two renderings of one text have in common: its letters and digits, in lower case."""
    return _NOT_WORDS.sub("", text).casefold()


def is_in(key: str, keys: str) -> bool:
    """Whether the beginning or the end of a text stands in a longer one; what was dropped from the rest does not matter."""
    return key[:_COMPARED] in keys or key[-_COMPARED:] in keys


def read_text(element: HtmlElement) -> str:
    """The text of an element in one line; where another block or a line begins or ends, words do not run together."""
    pieces: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if node.tag in _BREAKING:
            pieces.append(" ")
        if event == "start":
            pieces.append(node.text or "")
        elif node is not element:
            pieces.append(node.tail or "")
    return " ".join("".join(pieces).split())


def _linked_length(element: HtmlElement) -> int:
    return sum(len(" ".join(anchor.text_content().split())) for anchor in element.iter("a"))


def parse_blocks(tree: HtmlElement) -> Iterator[Block]:
    """The blocks of running text in the order of the page; without lists of links, and without what is inside of another block."""
    places: dict[HtmlElement, Place] = {}

    def place_of(element: HtmlElement | None) -> Place:
        if element is None or element.tag in ("body", "html"):
            return ()
        if element not in places:
            classes = tuple(sorted(name for name in (element.get("class") or "").split() if not _NUMBERED.search(name)))
            own = (element,) if element.tag == "article" else (element.tag, classes)
            places[element] = (*own, *place_of(element.getparent()))
        return places[element]

    for element in tree.iter(*_BLOCKS):
        if element.tag == "p" and any(True for _ in element.iterancestors("blockquote")):
            continue
        text = " ".join(element.text_content().split())
        if len(text) >= SHORTEST_BLOCK and _linked_length(element) <= _MOST_LINKED * len(text):
            yield Block(element, compare_key(text), place_of(element))
