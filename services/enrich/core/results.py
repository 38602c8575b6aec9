"""Names in tables of results: notation instead of sentences, in which a recogniser that knows sentences sees numbers only.

The notations are those that news agencies write for every match, whatever the names: a score, a row of a table, a line-up,
a goal, a cricket card. Each says by its form whether a team or a person is named.
"""

import re
from collections.abc import Callable, Iterator

from services.enrich.core.spans import Span

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
# Robbie Fowler ( 21st minute ) ; Kevin Tapani ( 12-8 )
_GOAL = re.compile(rf"{_BEGIN}({_NAME})(?= ?\( ?(?:\d+(?:st|nd|rd|th)\b|\d+-\d+ ?\)))")
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

_NO_NAMES = frozenset([
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sept", "Sep", "Oct", "Nov", "Dec", "Monday", "Tuesday", "Wednesday",
    "Thursday", "Friday", "Saturday", "Sunday", "Total", "Extras", "Under", "Group", "Division", "League", "Round", "Week",
])  # fmt: skip


def find_results(text: str, is_country: Callable[[str], bool]) -> list[Span]:
    """The teams and persons that tables of results in a text name; earlier ones are surer."""
    spans = [
        *_persons(text, (_WICKET, _BATSMAN, _BOWLER, _GOAL, _LINE_UP, _AGED)),
        *(Span(*found.span(1), "PERSON") for found in _OF_COUNTRY.finditer(text) if is_country(found[2])),
        *_rows(text, is_country),
        *_teams(text, (_MATCH, _FIXTURE), is_country),
    ]
    return [span for span in spans if _is_name(text[span.start : span.end])]


def _is_name(words: str) -> bool:
    first, *_ = words.split()
    return first.capitalize() not in _NO_NAMES and len(words) > 1


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
