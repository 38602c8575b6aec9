"""The plain text of a piece of HTML, as feeds carry it in their entries."""

from collections.abc import Iterable
from typing import Any

from lxml import etree, html

from shared.text import clean_text

_BLOCKS = ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "tr", "figcaption", "section", "article")
_NO_TEXT = ("script", "style", "iframe", "figure", "noscript", "form")


def html_to_text(fragment: str) -> str:
    """The text of a piece of HTML, its blocks as paragraphs; scripts, styles and figures are left out."""
    if not fragment.strip():
        return ""
    try:
        root = html.fragment_fromstring(fragment, create_parent="div")
    except (etree.ParserError, ValueError):
        return clean_text(fragment)
    return clean_text("".join(_texts(root)))


def _texts(root: Any) -> Iterable[str]:
    silent: Any = None  # the outermost element without text that we are in
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if not isinstance(node.tag, str):
            yield "" if silent is not None else node.tail or ""
        elif event == "start":
            if silent is None and node.tag in _NO_TEXT:
                silent = node
            yield "\n\n" if node.tag in _BLOCKS else "\n" if node.tag == "br" else ""
            yield "" if silent is not None else node.text or ""
        else:
            silent = None if node is silent else silent
            yield "\n\n" if node.tag in _BLOCKS else ""
            yield "" if silent is not None or node is root else node.tail or ""
