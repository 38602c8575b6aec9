# ruff: noqa: RUF001 - sites part title and name with all sorts of dashes
"""The headline of a page: what its readers see, checked against what the page tells machines."""

import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from services.ingest.core.blocks import compare_key, read_text
from services.ingest.core.metadata import PageMetadata
from shared.text import clean_line

_LONGEST_HEADLINE = 400
#: What of a title is looked at, and how many h1: a hostile page has longer and more.
_LONGEST_TITLE, _MOST_SHOWN = 600, 20
_SITE_NAME = re.compile(r"^(?P<title>.{10,})\s+(?P<sign>[|–—·•«»:-]{1,2})\s+(?P<site>[^|]{2,60})$")
#: Characters of an h1 that is believed although the title, which may be that of the site, says something else.
_LEAST_ALONE = 15
#: Share of words that two forms of one headline have in common at least.
_ALIKE = 0.5
#: Letters of a name that are looked for in the address of the site.
_SHORTEST_NAME = 3


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _likeness(one: str, other: str) -> float:
    """Share of the shorter's words that the other has too."""
    first, second = _words(one), _words(other)
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def _is_name_of(text: str, publisher: str, host: str) -> bool:
    """Whether the text names the site: in the words of its publisher, or as the address of the site has it."""
    return _likeness(text, publisher) >= _ALIKE or (len(key := compare_key(text)) >= _SHORTEST_NAME and key in compare_key(host))


def _without_site(title: str, publisher: str, host: str, *, guess: bool) -> str:
    """The title without the name of the site behind it; with `guess` also without other short parts behind the same sign."""
    sign = None
    while match := _SITE_NAME.match(title):
        likely = match["sign"] == (sign or match["sign"]) != ":" and len(match["site"]) <= len(match["title"])
        if not (guess and likely) and not _is_name_of(match["site"], publisher, host):
            break
        sign, title = match["sign"], match["title"]
    return title


def _read_shown(element: HtmlElement, stated: Iterable[str]) -> str:
    """The text of a heading; without a kicker before it or a label behind it that are elements in it, if that is what is stated."""
    text = clean_line(read_text(element))
    keys = {compare_key(title) for title in stated}
    if len(element) and compare_key(text) not in keys:
        for part, before in ((element[0], element.text), (element[-1], element[-1].tail)):
            inner = clean_line(part.text_content())
            rest = text[len(inner) :] if text.startswith(inner) else text[: -len(inner)] if inner and text.endswith(inner) else ""
            if inner and not (before or "").strip() and compare_key(rest) in keys:
                return rest.strip(" :|–—-")
    return text


def parse_headline(tree: HtmlElement, metadata: PageMetadata) -> str | None:
    """The headline, once, without the name of the site; None if the page has nothing that could be one.

    An h1 that shares words with the title or the metadata is what readers see and goes first; then metadata, a long h1, the title.
    """
    publisher, host = metadata.publisher or "", urlsplit(metadata.url or "").hostname or ""
    title = clean_line(tree.findtext(".//title") or "")[:_LONGEST_TITLE]
    stated = [text[:_LONGEST_TITLE] for text in metadata.headlines if text.casefold() != publisher.casefold()]
    named = [_without_site(text, publisher, host, guess=False) for text in stated]

    def read_shown(path: str) -> list[str]:
        texts = (_read_shown(element, named) for element in islice(tree.iterfind(path), _MOST_SHOWN))
        return [text for text in texts if 2 < len(text) <= _LONGEST_HEADLINE and text.casefold() != publisher.casefold()]

    def pick_shown(shown: list[str]) -> str | None:
        rows = ((max((_likeness(text, other) for other in (*stated, title)), default=0.0), len(text), text) for text in shown)
        likeness, _, best = max((row for row in rows if len(_words(row[2])) > 1), default=(0.0, 0, None))
        return best if likeness >= _ALIKE else None

    shown = read_shown(".//h1")
    # Some pages have the name of the site, or another article, as h1, and mark the headline.
    if best := pick_shown(shown) or pick_shown(read_shown('.//*[@itemprop="headline"]')):
        return _without_site(best, publisher, host, guess=False)
    candidates = (
        *named,
        *(h1 for h1 in shown if len(h1) >= _LEAST_ALONE),
        *(_without_site(text, publisher, host, guess=True) for text in [title] if text.casefold() != publisher.casefold()),
        *shown,
    )
    return next((text for text in candidates if 2 < len(text) <= _LONGEST_HEADLINE), None)
