"""Names in tables of results: notation instead of sentences, in which a recogniser that knows sentences sees numbers only.

The notations are those that news agencies write for every match, whatever the names: a score, a row of a table, a line-up,
a goal, a cricket card. Each says by its form whether a team or a person is named.
"""

import re
from collections.abc import Callable, Iterator

from services.enrich.core.spans import Span, without_overlaps

_CAPITALISED = r"(?:[A-Z]\.)+|[^\W\d_a-z]\w*(?:['\u2019.-]\w+)*\.?"
_PARTICLES = r"(?:(?:de|da|di|do|dos|del|van|von|den|der|ten|la|le|el|al|bin|of|and|&) ){1,2}"
_NAME = rf"(?:{_CAPITALISED})(?: (?:{_PARTICLES})?(?:{_CAPITALISED})){{0,4}}"
_BEGIN = r"(?<![\w.'\u2019-])"

# Leeds 2 Hansa Rostock 0
_MATCH = re.compile(rf"{_BEGIN}({_NAME}) \d{{1,3}} ({_NAME}) \d{{1,3}}(?![\w.,:/%-]*\d)")
# Hull 4 2 2 0 4 2 8; HOUSTON 72 63 .533 -
_ROW = re.compile(rf"{_BEGIN}({_NAME})(?: \.?\d{{1,3}}(?:\.\d+)?(?!\S)){{3,}}")
_ROUNDS = re.compile(r"(?: [5-9]\d){3,5}(?! \d)")
# Birmingham v Barnsley
_FIXTURE = re.compile(rf"{_BEGIN}({_NAME}) (?:v|vs\.?) ({_NAME})")
# Robbie Fowler ( 21st minute )
_GOAL = re.compile(rf"{_BEGIN}({_NAME})(?= ?\( ?\d+(?:st|nd|rd|th)\b)")
# 15 - Andre Joubert , 14 - Justin Swart
_LINE_UP = re.compile(rf"(?<![\w-])\d{{1,2}} - ({_NAME})(?= ?[,;(]|$)")
# D. Lehmann st Kaluwitharana b Chandana 2 ; M. Waugh c & b Vaas ; S. Jayasuriya not out 12
_WICKET = re.compile(rf"(?:\b(?:c|b|st|lbw b|c and b|c & b)) ({_NAME})(?= (?:b\b|\d|not out))")
_BATSMAN = re.compile(rf"{_BEGIN}({_NAME})(?= (?:c [A-Z]|b [A-Z]|st [A-Z]|lbw b [A-Z]|c and b|not out\b|run out\b))")
_BOWLER = re.compile(rf"{_BEGIN}({_NAME})(?= \d+(?:\.\d)?-\d+-\d+-\d+)")
# Steffi Graf ( Germany )
_OF_COUNTRY = re.compile(rf"{_BEGIN}({_NAME}) ?\( ?({_NAME}) ?\)")
# Duran , 45 ,
_AGED = re.compile(rf"{_BEGIN}({_NAME}) ?, [1-9]\d ?,(?! \d)")

_MONTHS = frozenset([
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sept", "Sep", "Oct", "Nov", "Dec",
])  # fmt: skip
_NO_NAMES = frozenset([
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    "Total", "Extras", "Under", "Group", "Division", "League", "Round", "Week",
])  # fmt: skip


def find_results(text: str, is_country: Callable[[str], bool]) -> list[Span]:
    """The teams and persons that results in a text name, in their order."""
    persons = [
        *_persons(text, (_WICKET, _BATSMAN, _BOWLER, _GOAL, _LINE_UP)),
        *(Span(*found.span(1), "PERSON") for found in _OF_COUNTRY.finditer(text) if is_country(found[2])),
        *(Span(*found.span(1), "PERSON") for found in _AGED.finditer(text) if not is_country(found[1])),
    ]
    teams = [*_rows(text, is_country), *_teams(text, (_MATCH, _FIXTURE), is_country)]
    certain = [span for span in persons if not _has_word_of(_NO_NAMES, text, span)]
    certain += [span for span in teams if not _has_word_of(_NO_NAMES | _MONTHS, text, span)]  # a person may be called Jan
    return without_overlaps(span for span in certain if span.end - span.start > 1)


def _has_word_of(words: frozenset[str], text: str, span: Span) -> bool:
    return any(word.capitalize() in words for word in text[span.start : span.end].split())


def _persons(text: str, notations: tuple[re.Pattern[str], ...]) -> Iterator[Span]:
    for notation in notations:
        for found in notation.finditer(text):
            yield Span(*found.span(1), "PERSON")


def _teams(text: str, notations: tuple[re.Pattern[str], ...], is_country: Callable[[str], bool]) -> Iterator[Span]:
    for notation in notations:
        for found in notation.finditer(text):
            for group in range(1, (notation.groups or 0) + 1):
                yield Span(*found.span(group), "GPE" if is_country(found[group]) else "ORG")


def _rows(text: str, is_country: Callable[[str], bool]) -> Iterator[Span]:
    for found in _ROW.finditer(text):
        if _ROUNDS.match(text, found.end(1)):
            yield Span(*found.span(1), "PERSON")  # a golfer's rounds
        else:
            yield Span(*found.span(1), "GPE" if is_country(found[1]) else "ORG")
