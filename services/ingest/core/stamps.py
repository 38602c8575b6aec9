"""The date that stands marked as one under the headline, for pages whose metadata names none.

An element is marked as a date by being a `time` with a machine-readable value, or by a class that says so; then it has to consist
of a date. A date that is only written in a text is never taken, nor one above the headline: that is often the day of the visit.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from lxml.html import HtmlElement

from services.ingest.core.boilerplate import fold_line
from services.ingest.core.dates import judge_date, parse_timestamp

#: Steps up from the headline to the box in which its date is looked for, and elements of it that are looked at.
_LEVELS_UP, _MOST_ELEMENTS = 4, 300
#: Paragraphs of text below which no date of the article follows but those of other ones.
_MOST_PARAGRAPHS, _PARAGRAPH = 3, 120
#: Characters that stand beside a date in a line that is about the article; more are a sentence.
_MOST_BESIDE, _LONGEST_STAMP = 80, 100
#: Pieces of text of one element that are looked at: enough for any date and label, and for a paragraph to be told.
_MOST_PIECES = 40
_DATE_CLASS = re.compile(r"^(?:.*[-_])?(?:date|time|timestamp|dateline|published|pubdate|posted(?:[-_]on)?|meta)$", re.IGNORECASE)
_OTHER_BOX = re.compile(
    r"comment|related|recommend|sidebar|widget|teaser|promo|trending|popular|latest|newsletter|tweet|embed|carousel|slider|caption|event",
    re.IGNORECASE,
)
_OTHER_TAGS = frozenset(["aside", "nav", "footer", "form", "blockquote", "figure", "figcaption", "table"])
_INLINE = frozenset(["a", "abbr", "b", "em", "font", "i", "small", "span", "strong", "time"])
_UPDATED = (
    r"(?:last |zuletzt )?(?:updated|modified|edited|aktualisiert|geändert|mis à jour|actualizado|atualizado|aggiornato|обновлено)"
)
_PUBLISHED = (
    r"(?:first |originally )?(?:published|posted|created|date|publish date|veröffentlicht|publié|publicado|pubblicato|опубликовано)"
)
_LABEL = re.compile(rf"^\W*(?:(?P<updated>{_UPDATED})|{_PUBLISHED})\b(?:\s+(?:on|at|am|le|el|em|il))?\s*:?\s*", re.IGNORECASE)
_LABEL_BEFORE = re.compile(rf"\b{_UPDATED}\b[\s\w]{{0,6}}[:\s]*$", re.IGNORECASE)
_UPDATED_CLASS = re.compile(r"updated|modified", re.IGNORECASE)


@dataclass(frozen=True)
class Stamps:
    """When the article says it was published and changed; None where no element says it."""

    published: datetime | None = None
    modified: datetime | None = None


@dataclass(frozen=True)
class _Stamp:
    time: datetime
    says_updated: bool
    named_updated: bool


def _text(element: HtmlElement) -> str:
    return " ".join(" ".join(islice(element.itertext(), _MOST_PIECES)).split())


def _find_headline(tree: HtmlElement, headline: str) -> HtmlElement | None:
    """The element that shows the headline: an h1, a marked one, or the next lower heading."""
    folded = fold_line(headline)
    for path in (".//h1", './/*[@itemprop="headline"]', ".//h2", ".//h3"):
        for element in tree.iterfind(path):
            if len(element) <= _LEVELS_UP and fold_line(_text(element)) == folded:
                return element
    return None


def _find_box(headline: HtmlElement) -> HtmlElement:
    box = headline
    for parent in islice(headline.iterancestors(), _LEVELS_UP):
        if parent.tag in ("body", "html"):
            break
        box = parent
    return box


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _is_apart(element: HtmlElement, box: HtmlElement) -> bool:
    """Whether the element stands in a box of other things than the article's head."""
    for ancestor in (element, *element.iterancestors()):
        if ancestor is box:
            return False
        if ancestor.tag in _OTHER_TAGS or _OTHER_BOX.search(_names(ancestor)):
            return True
    return True


def _elements_below(headline: HtmlElement, box: HtmlElement) -> Iterator[HtmlElement]:
    """The elements of the box that follow the headline, up to where the text of the article is well under way."""
    paragraphs = 0
    for element in headline.xpath(f"following::*[position() <= {_MOST_ELEMENTS}]"):
        if element.tag == "p" and len(_text(element)) >= _PARAGRAPH:
            paragraphs += 1
        if paragraphs >= _MOST_PARAGRAPHS:
            return
        if not _is_apart(element, box):
            yield element


def _is_in_sentence(element: HtmlElement, text: str) -> bool:
    """Whether more stands with the element, in the block that it is in, than a line about the article has."""
    block = next((ancestor for ancestor in element.iterancestors() if ancestor.tag not in _INLINE), None)
    if block is None:
        return False
    beside = [block.text or ""]
    for child in islice(block, _MOST_PIECES):
        beside.extend((_text(child) if child.tag in _INLINE else "", child.tail or ""))
    return len(" ".join("".join(beside).split())) - len(text) > _MOST_BESIDE


def _label_before(element: HtmlElement) -> str:
    previous, parent = element.getprevious(), element.getparent()
    if previous is not None:
        return previous.tail.strip() if (previous.tail or "").strip() else _text(previous)
    return (parent.text or "") if parent is not None else ""


def _parse_stamp(element: HtmlElement, now: datetime) -> _Stamp | None:
    names = _names(element)
    if element.tag != "time" and not any(map(_DATE_CLASS.match, names.split())):
        return None
    text = _text(element)
    label = _LABEL.match(text)
    stated = element.get("datetime") if element.tag == "time" else None
    if stated and not _is_in_sentence(element, text):
        time = judge_date(parse_timestamp(stated), now)
    else:
        stated = text[label.end() :] if label else text
        time = judge_date(parse_timestamp(stated), now) if len(stated) <= _LONGEST_STAMP else None
    if time is None:
        return None
    says_updated = bool(label and label["updated"]) or bool(_LABEL_BEFORE.search(_label_before(element)))
    return _Stamp(time, says_updated, bool(_UPDATED_CLASS.search(names)) and "publish" not in names.lower())


def parse_stamps(tree: HtmlElement, headline: str, now: datetime) -> Stamps:
    """The dates that are marked as such under the headline.

    The only one counts as the date of publication even if its class is `updated`, as themes of WordPress have it for want of
    another; not if readers are told that it is one of an update.
    """
    shown = _find_headline(tree, headline)
    if shown is None:
        return Stamps()
    found = (_parse_stamp(element, now) for element in _elements_below(shown, _find_box(shown)))
    stamps = [stamp for stamp in found if stamp]
    published = [stamp.time for stamp in stamps if not (stamp.says_updated or stamp.named_updated)]
    modified = [stamp.time for stamp in stamps if stamp.says_updated or stamp.named_updated]
    if not published and stamps and not any(stamp.says_updated for stamp in stamps):
        return Stamps(published=stamps[0].time)
    return Stamps(next(iter(published), None), next(iter(modified), None))
