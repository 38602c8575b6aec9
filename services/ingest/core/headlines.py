# ruff: noqa: RUF001 - sites part title and name with all sorts of dashes
"""The headline of a page: what its readers see, checked against what the page tells machines."""

import re
from itertools import islice

from lxml.html import HtmlElement

from services.ingest.core.metadata import PageMetadata
from shared.text import clean_line

_LONGEST_HEADLINE = 400
#: What of a title is looked at, and how many h1: a hostile page has longer and more.
_LONGEST_TITLE, _MOST_SHOWN = 600, 20
_SITE_NAME = re.compile(r"^(?P<title>.{10,}?)\s+(?P<sign>[|–—·•«»:-]{1,2})\s+(?P<site>[^|]{2,60})$")
#: Characters of an h1 that is believed although the title, which may be that of the site, says something else.
_LEAST_ALONE = 15
#: Share of words that two forms of one headline have in common at least.
_ALIKE = 0.5


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _likeness(one: str, other: str) -> float:
    """Share of the shorter's words that the other has too."""
    first, second = _words(one), _words(other)
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def _is_name_of(text: str, publisher: str) -> bool:
    return _likeness(text, publisher) >= _ALIKE


def _without_site(title: str, publisher: str, *, guess: bool) -> str:
    """The title without the name of the site behind it; with `guess` also without other short parts behind a dash or bar."""
    while match := _SITE_NAME.match(title):
        guessed = guess and match["sign"] != ":" and len(match["site"]) <= len(match["title"])
        if not guessed and not _is_name_of(match["site"], publisher):
            break
        title = match["title"]
    return title


def parse_headline(tree: HtmlElement, metadata: PageMetadata) -> str | None:
    """The headline, once, without the name of the site; None if the page has nothing that could be one.

    An h1 that shares words with the title or the metadata is what readers see and goes first; then metadata, a long h1, the title.
    """
    publisher = metadata.publisher or ""
    title = clean_line(tree.findtext(".//title") or "")[:_LONGEST_TITLE]
    stated = [text[:_LONGEST_TITLE] for text in metadata.headlines if text.casefold() != publisher.casefold()]
    shown = [clean_line(h1.text_content()) for h1 in islice(tree.iter("h1"), _MOST_SHOWN)]
    shown = [h1 for h1 in shown if 2 < len(h1) <= _LONGEST_HEADLINE and h1.casefold() != publisher.casefold()]
    likeness = {h1: max((_likeness(h1, other) for other in (*stated, title)), default=0.0) for h1 in shown if len(_words(h1)) > 1}
    best = max(likeness, key=lambda h1: (likeness[h1], len(h1)), default=None)
    if best is not None and likeness[best] >= _ALIKE:
        return best
    candidates = (
        *(_without_site(text, publisher, guess=False) for text in stated),
        *(h1 for h1 in shown if len(h1) >= _LEAST_ALONE),
        *(_without_site(text, publisher, guess=True) for text in [title] if text.casefold() != publisher.casefold()),
        *shown,
    )
    return next((text for text in candidates if 2 < len(text) <= _LONGEST_HEADLINE), None)
