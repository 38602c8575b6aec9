"""Where a name begins and ends: a recogniser of English takes articles, titles and numbers into it, or two names for one."""

import re
from collections.abc import Iterable

from services.enrich.core.spans import Span
from services.enrich.core.titles import title_length

_ARTICLE = re.compile(r"(?:the|a|an)\s+", re.IGNORECASE)
_OUTER = frozenset(" \t\n\"'“”‘’«»()[],;:-–—")  # noqa: RUF001 - these very characters
_POSSESSIVE = re.compile(r"\s?['\u2019]s?$")
_SMALL_WORDS = re.compile(r"(?:\s+(?!(?:de|al|el|bin|von|van|der|den|da|di|la|le|du)\b)[^\W\d_A-Z]+)+$")
# Scores, dates and telephone numbers that a table puts behind a name.
_NUMBERS = re.compile(r"(?:\s+[+(]?\d[\d.,:/%-]*(?:st|nd|rd|th)?\)?)+$")
_NUMBERED = re.compile(r"(?:Channel|Radio|Route|Highway|Formula|Group|Area|Studio|Unit|Flight|Apollo|Article|Section)\b")
# What stands between two names: a score, a dash, a bracket, a versus.
_BETWEEN = re.compile(r"\s+(?:\d[\d-]*|[-–—(/]|v|vs\.?|VS\.?)\s+")  # noqa: RUF001 - these very characters
_PARTED_TYPES = frozenset({"PERSON", "ORG", "GPE", "LOC"})


def part(text: str, span: Span) -> Iterable[Span]:
    """The one or more names in a span: `Borac 1 Mladost`, `Quigley ( USA`, `SOCCER - BARATELLI` (the first is a rubric)."""
    if span.type not in _PARTED_TYPES:
        return [span]
    parts: list[Span] = []
    start = span.start
    for found in _BETWEEN.finditer(text, span.start, span.end):
        is_rubric = "-" in found[0] and text[start : found.start()].isupper() and text[found.end() : span.end].isupper()
        if not is_rubric:
            parts.append(Span(start, found.start(), span.type))
        start = found.end()
    return [*parts, Span(start, span.end, span.type)]


def tighten(text: str, span: Span) -> Span | None:
    """The span without article, title, possessive, numbers, quotation marks and blanks; nothing if no name is left."""
    start = span.start
    while start < span.end and text[start] in _OUTER:
        start += 1
    article = _ARTICLE.match(text, start, span.end)
    if article:
        start = article.end()
    end = _tight_end(text, start, span.end)
    if span.type == "PERSON":
        start += title_length(text[start:end])
    return Span(start, end, span.type) if any(map(str.isalpha, text[start:end])) else None


def _tight_end(text: str, start: int, end: int) -> int:
    before = end + 1
    while end != before:
        before = end
        while start < end and text[end - 1] in _OUTER:
            end -= 1
        for pattern in (_POSSESSIVE, _SMALL_WORDS, _NUMBERS):
            found = pattern.search(text[start:end])
            if found and not (pattern is _NUMBERS and _NUMBERED.match(text, start)):
                end = start + found.start()
    return end
