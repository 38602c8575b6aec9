"""A page's tree made plain before the article is looked for: without what nobody sees, and with paragraphs as elements."""

from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

_UNSEEN = ("script", "style", "svg", "template")
#: Elements in which old pages write text without paragraphs, and those that do not end one.
_LOOSE = ("div", "section", "article", "main", "td", "body")
_INLINE = frozenset(
    [
        "a",
        "b",
        "i",
        "em",
        "strong",
        "span",
        "u",
        "font",
        "sup",
        "sub",
        "small",
        "abbr",
        "cite",
        "q",
        "code",
        "mark",
        "s",
        "del",
        "ins",
        "time",
        "br",
        "img",
    ]
)
#: Double line breaks from which on they are taken for the way the page parts paragraphs.
_LEAST_DOUBLE_BREAKS = 2


def tidy_tree(tree: HtmlElement) -> None:
    """Change the tree in place, as described for this module; to be called after the metadata was read."""
    etree.strip_elements(tree, *_UNSEEN, with_tail=False)
    _prune_link_boxes(tree)
    for element in list(tree.iter(*_LOOSE)):
        if sum(map(_is_double_break, element.iterchildren("br"))) >= _LEAST_DOUBLE_BREAKS:
            _make_paragraphs(element)


def _text_length(element: HtmlElement) -> int:
    return len("".join(element.text_content().split()))


def _prune_link_boxes(tree: HtmlElement) -> None:
    """Remove the boxes that open over a name in a paragraph: the innermost inline elements of several links and nothing else."""
    for span in list(tree.iter("span")):
        links = list(span.iter("a"))
        if len(links) < 2 or any(len(list(inner.iter("a"))) > 1 for inner in span.iterdescendants("span")):
            continue
        in_paragraph = next(span.iterancestors("p"), None) is not None
        if in_paragraph and _text_length(span) <= sum(map(_text_length, links)):
            span.drop_tree()


def _is_double_break(br: HtmlElement) -> bool:
    following = br.getnext()
    return following is not None and following.tag == "br" and not (br.tail or "").strip()


def _parts(element: HtmlElement) -> Iterator[HtmlElement | str | None]:
    """What the element holds, in order: texts and children; None where a paragraph ends, instead of a double line break."""
    yield element.text or ""
    after_break = False
    for child in list(element):
        is_double = child.tag == "br" and (after_break or _is_double_break(child))
        tail, child.tail = child.tail or "", None
        after_break = child.tag == "br" and not tail.strip()
        yield None if is_double else child
        yield tail


def _make_paragraphs(element: HtmlElement) -> None:
    """Put the text of the element into paragraphs that end at double line breaks and at blocks."""
    parts = list(_parts(element))
    element.text = None
    for child in list(element):
        element.remove(child)
    paragraph: HtmlElement | None = None
    for part in parts:
        if part is None:
            paragraph = None
        elif isinstance(part, str):
            if part.strip() and paragraph is None:
                paragraph = etree.SubElement(element, "p")
            if paragraph is not None:
                _append_text(paragraph, part)
        elif part.tag in _INLINE:
            if paragraph is None:
                paragraph = etree.SubElement(element, "p")
            paragraph.append(part)
        else:
            element.append(part)
            paragraph = None


def _append_text(paragraph: HtmlElement, text: str) -> None:
    if len(paragraph):
        paragraph[-1].tail = (paragraph[-1].tail or "") + text
    else:
        paragraph.text = (paragraph.text or "") + text
