"""What readers wrote under an article, where the page marks up who wrote what: schema.org, or lists of comments by their classes.

Read before the body is taken out of the tree, which drops them. A block that is not clearly a comment, with an author and a text,
is left out: a wrong name under a text is worse than a missing comment.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from services.ingest.core.blocks import compare_key
from services.ingest.core.dates import judge_date, parse_timestamp
from services.ingest.core.structured_data import parse_text, parse_texts
from shared.articles import PageComment
from shared.text import clean_line, clean_text

#: Comments of one page; blocks that are looked at for them, and elements of one of these.
MOST_COMMENTS, _MOST_BLOCKS, _MOST_PARTS = 100, 300, 200
_LONGEST_AUTHOR, _LONGEST_TEXT = 200, 10_000
_FIND_MARKED = etree.XPath('descendant::*[@itemtype][contains(@itemtype,"/Comment") or contains(@itemtype,"/UserComments")]')
#: Blocks in a list of comments; what is a list of comments is said by the page in an id or a class.
_FIND_LISTED = etree.XPath(
    "(descendant::li|descendant::article|descendant::div|descendant::dd)"
    '[contains(concat(" ",normalize-space(@class)," ")," comment ")'
    ' or starts-with(@id,"comment-") or starts-with(@id,"li-comment-")]'
    '[ancestor-or-self::*[contains(@id,"comments") or contains(@class,"comments") or contains(@class,"comment-list")'
    ' or contains(@class,"commentlist")]]'
)
_NO_COMMENT = re.compile(r"pingback|trackback|comment-?(?:form|respond|reply)|respond\b|deleted", re.IGNORECASE)
_AUTHOR = re.compile(r"(?:^|[-_])(?:author|fn|user|username|nick(?:name)?|name|commenter)(?:$|[-_]?name$)", re.IGNORECASE)
_TEXT = re.compile(r"(?:^|[-_])(?:content|text|body|message)(?:$|-text$|-content$)", re.IGNORECASE)
_TIME = re.compile(r"(?:^|[-_])(?:date|time|datetime|timestamp|meta|metadata)$", re.IGNORECASE)
_TIMES = ("dateCreated", "datePublished", "commentTime")
_SAYS = re.compile(r"\W*\b(?:says?|said|wrote|sagt|schreibt|dice|dit|a dit|disse|пишет)\s*:?$", re.IGNORECASE)
_PARTS = ("p", "blockquote", "li", "br", "div")


def _names(element: HtmlElement) -> list[str]:
    return (element.get("class") or "").split()


def _is_comment(element: HtmlElement) -> bool:
    return "comment" in _names(element) or (element.get("id") or "").startswith(("comment-", "li-comment-"))


def _own_parts(block: HtmlElement) -> Iterator[HtmlElement]:
    """The elements of a comment without those of the answers in it."""
    stack = list(reversed(block))
    for _ in range(_MOST_PARTS):
        if not stack:
            return
        element = stack.pop()
        if not isinstance(element.tag, str):
            continue
        answers = element.tag in ("ol", "ul") and any(map(_is_comment, islice(element, 3)))
        if not (answers or "omment" in (element.get("itemtype") or "") or "children" in _names(element)):
            yield element
            stack.extend(reversed(element))


def _read_paragraphs(element: HtmlElement) -> str:
    pieces: list[str] = []
    for event, node in islice(etree.iterwalk(element, events=("start", "end")), 4 * _MOST_PARTS):
        if node.tag in _PARTS:
            pieces.append("\n\n" if node.tag != "br" else "\n" if event == "start" else "")
        if event == "start":
            pieces.append(re.sub(r"\s+", " ", node.text or "") if isinstance(node.tag, str) else "")
        elif node is not element:
            pieces.append(re.sub(r"\s+", " ", node.tail or ""))
    return clean_text("".join(pieces))


def _value(element: HtmlElement) -> str:
    inner = element.xpath('descendant::*[@itemprop="name"]')
    shown = inner[0] if inner else element
    return clean_line(element.get("content") or shown.get("content") or shown.text_content())


def _read_time(element: HtmlElement) -> str:
    return element.get("datetime") or element.get("content") or clean_line(element.text_content())


def _build(author: str | None, text: str | None, times: Iterable[str | None], now: datetime) -> PageComment | None:
    name = _SAYS.sub("", clean_line(author or "")).strip(" :,")
    words = clean_text(text or "")
    if not (0 < len(name) <= _LONGEST_AUTHOR and 0 < len(words) <= _LONGEST_TEXT) or compare_key(name) == compare_key(words):
        return None
    judged = (judge_date(parse_timestamp(time), now) for time in times if time)
    return PageComment(author=name, text=words, time=next((time for time in judged if time), None))


def _from_structured_data(declared: object, now: datetime) -> Iterator[PageComment | None]:
    for node in islice(declared if isinstance(declared, list) else [declared], _MOST_BLOCKS):
        if isinstance(node, dict):
            author = parse_texts(node.get("author") or node.get("creator"))
            times = (parse_text(node.get(name)) for name in _TIMES)
            yield _build(next(iter(author), None), parse_text(node.get("text") or node.get("commentText")), times, now)


def _from_microdata(tree: HtmlElement, now: datetime) -> Iterator[PageComment | None]:
    for block in _FIND_MARKED(tree)[:_MOST_BLOCKS]:
        found: dict[str, HtmlElement] = {}
        for element in _own_parts(block):
            for name in (element.get("itemprop") or "").split():
                found.setdefault(name, element)
        author = found.get("author", found.get("creator"))
        text = next((found[name] for name in ("text", "commentText", "description") if name in found), None)
        times = [_read_time(found[name]) for name in _TIMES if name in found]
        if author is not None and text is not None:
            yield _build(_value(author), _read_paragraphs(text), times, now)


def _first_named(parts: list[HtmlElement], pattern: re.Pattern[str]) -> HtmlElement | None:
    return next((part for part in parts if any(map(pattern.search, _names(part)))), None)


def _read_author(parts: list[HtmlElement]) -> str | None:
    """The innermost of the elements that are named after the author, or the name that is set off in it."""
    element = _first_named(parts, _AUTHOR)
    if element is None:
        return None
    inner = [part for part in element.iterdescendants() if any(map(_AUTHOR.search, _names(part)))]
    set_off = (element.find(f".//{tag}") for tag in ("cite", "strong", "b"))
    return _value(inner[-1] if inner else next((part for part in set_off if part is not None), element))


def _read_text(parts: list[HtmlElement]) -> str:
    """The text of the innermost element that is named after it; of one that has the author in it too, the paragraphs alone."""
    element = _first_named([part for part in parts if part.tag not in ("form", "textarea", "a")], _TEXT)
    while element is not None and (inner := _first_named(list(element.iterdescendants()), _TEXT)) is not None:
        element = inner
    if element is None:
        return ""
    if _first_named(list(element.iterdescendants()), _AUTHOR) is None:
        return _read_paragraphs(element)
    return "\n\n".join(_read_paragraphs(part) for part in element if part.tag in ("p", "blockquote"))


def _from_lists(tree: HtmlElement, now: datetime) -> Iterator[PageComment | None]:
    for block in _FIND_LISTED(tree)[:_MOST_BLOCKS]:
        if not _NO_COMMENT.search(" ".join((*_names(block), block.get("id") or ""))):
            parts = list(_own_parts(block))
            marked = [part for part in parts if part.tag == "time" or any(map(_TIME.search, _names(part)))]
            times = map(_read_time, marked)
            yield _build(_read_author(parts), _read_text(parts), times, now)


def parse_comments(tree: HtmlElement, declared: object, now: datetime) -> tuple[PageComment, ...]:
    """The comments in the order of the page, up to 100, from the first source that has any.

    That is `comment` of the article in its structured data, `declared`; blocks of microdata; lists of comments by their classes.
    """
    for source in (_from_structured_data(declared, now), _from_microdata(tree, now), _from_lists(tree, now)):
        found = {(comment.author, comment.text): comment for comment in source if comment}
        if found:
            return tuple(islice(found.values(), MOST_COMMENTS))
    return ()
