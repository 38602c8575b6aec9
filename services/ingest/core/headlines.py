# ruff: noqa: RUF001 - sites part title and name with all sorts of dashes
"""The headline of a page: what its readers see, checked against what the page tells machines."""

import re

from lxml.html import HtmlElement

from services.ingest.core.metadata import PageMetadata
from shared.text import clean_line

_LONGEST_HEADLINE = 400
_SITE_NAME = re.compile(r"^(?P<title>.{10,}?)\s+[|–—·•«»:-]{1,2}\s+(?P<site>[^|]{2,60})$")
#: Share of words that two forms of one headline have in common at least.
_ALIKE = 0.5


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _likeness(one: str, other: str) -> float:
    """Share of the shorter's words that the other has too."""
    first, second = _words(one), _words(other)
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def _without_site(title: str, publisher: str | None) -> str:
    """The title without the name of the site behind it, and other parts of the trail."""
    while match := _SITE_NAME.match(title):
        site = match["site"]
        if len(site) > len(match["title"]) and not (publisher and _likeness(site, publisher) >= _ALIKE):
            break
        title = match["title"]
    return title


def parse_headline(tree: HtmlElement, metadata: PageMetadata) -> str | None:
    """The headline, once, without the name of the site; None if the page has nothing that could be one.

    An h1 that shares words with the title or the metadata is what readers see and goes first, then metadata, title, a lone h1.
    """
    title = clean_line(tree.findtext(".//title") or "")
    stated = [*metadata.headlines, title] if title else list(metadata.headlines)
    shown = [clean_line(h1.text_content()) for h1 in tree.iter("h1")]
    shown = [h1 for h1 in shown if 2 < len(h1) <= _LONGEST_HEADLINE and h1.casefold() != (metadata.publisher or "").casefold()]
    likeness = {h1: max((_likeness(h1, other) for other in stated), default=0.0) for h1 in shown if len(_words(h1)) > 1}
    if likeness and (best := max(likeness, key=lambda h1: (likeness[h1], len(h1)))) and likeness[best] >= _ALIKE:
        return best
    named = [_without_site(text, metadata.publisher) for text in stated if text.casefold() != (metadata.publisher or "").casefold()]
    return next((text for text in (*named, *shown) if 2 < len(text) <= _LONGEST_HEADLINE), None)
