"""Names in tables of results: notation instead of sentences, in which a recogniser that knows sentences sees numbers only.

The notations are those that news agencies write for every match, whatever the names: a score, a row of a table, a line-up,
a goal, a cricket card. Each says by its form whether a team or a person is named.
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from services.enrich.core.spans import Span, without_overlaps

_CAPITALISED = r"(?:[A-Z]\.)+|[^\W\d_a-z]\w*(?:['\u2019.-](?!s\b)\w+)*\.?"
_PARTICLES = r"(?:(?:de|da|di|do|dos|del|van|von|den|der|ten|la|le|el|al|bin|of|and|&) ){1,2}"
_NAME = rf"(?:{_CAPITALISED})(?: (?:{_PARTICLES})?(?:{_CAPITALISED})){{0,4}}"
_BEGIN = r"(?<![\w.'\u2019-])"


class Notation(NamedTuple):
    """How results are written: a cheap cue without which the form cannot be there, and the form with the names in groups."""

    cue: re.Pattern[str]
    form: re.Pattern[str]

    def find(self, text: str) -> Iterable[re.Match[str]]:
        """Where a text has this form."""
        return self.form.finditer(text) if self.cue.search(text) else ()


def _notation(cue: str, form: str) -> Notation:
    return Notation(re.compile(cue), re.compile(form))


# Leeds 2 Hansa Rostock 0
_MATCH = _notation(r"\w \d{1,3} [^\W\d_]", rf"{_BEGIN}({_NAME}) \d{{1,3}} ({_NAME}) \d{{1,3}}(?![\w.,:/%-]*\d)")
# Hull 4 2 2 0 4 2 8; HOUSTON 72 63 .533 -
_ROW = _notation(r"\d \.?\d\S* \.?\d", rf"{_BEGIN}({_NAME})(?: \.?\d{{1,3}}(?:\.\d+)?(?!\S)){{3,}}")
# The four rounds of a golfer: Ola Berg 71 77 70 71
_ROUNDS = re.compile(r"(?: [5-9]\d){3,5}(?! \d)")
# Birmingham v Barnsley
_FIXTURE = _notation(r" vs?\.? ", rf"{_BEGIN}({_NAME}) vs?\.? ({_NAME})")
# Robbie Fowler ( 21st minute )
_GOAL = _notation(r"\( ?\d", rf"{_BEGIN}({_NAME})(?= ?\( ?\d+(?:st|nd|rd|th)\b)")
# 15 - Andre Joubert , 14 - Justin Swart
_LINE_UP = _notation(r"\d - ", rf"(?<![\w-])\d{{1,2}} - ({_NAME})(?= ?[,;(]|$)")
# D. Lehmann st Kaluwitharana b Chandana 2 ; M. Waugh c & b Vaas ; S. Jayasuriya not out 12
_CRICKET = r" (?:c|b|st|lbw|not out|run out)\b"
_WICKET = _notation(_CRICKET, rf"(?:\b(?:c|b|st|lbw b|c and b|c & b)) ({_NAME})(?= (?:b\b|\d|not out))")
_BATSMAN = _notation(_CRICKET, rf"{_BEGIN}({_NAME})(?= (?:(?:c|b|st|lbw b) [A-Z]|c and b|not out\b|run out\b))")
_BOWLER = _notation(r"\d-\d+-\d+-\d", rf"{_BEGIN}({_NAME})(?= \d+(?:\.\d)?-\d+-\d+-\d+)")
# Steffi Graf ( Germany )
_OF_COUNTRY = _notation(r"\( ?[^\W\d_]", rf"{_BEGIN}({_NAME}) ?\( ?({_NAME}) ?\)")
# Duran , 45 ,
_AGED = _notation(r", [1-9]\d ?,", rf"{_BEGIN}({_NAME}) ?, [1-9]\d ?,(?! \d)")

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
        *(found for notation in (_WICKET, _BATSMAN, _BOWLER, _GOAL, _LINE_UP) for found in notation.find(text)),
        *(found for found in _OF_COUNTRY.find(text) if is_country(found[2])),
        *(found for found in _AGED.find(text) if not is_country(found[1])),
    ]
    teams: list[tuple[int, int]] = []
    for row in _ROW.find(text):
        if _ROUNDS.match(text, row.end(1)):
            persons.append(row)
        else:
            teams.append(row.span(1))
    teams += [team for notation in (_MATCH, _FIXTURE) for found in notation.find(text) for team in (found.span(1), found.span(2))]
    spans = [Span(*found.span(1), "PERSON") for found in persons]
    spans = [span for span in spans if not _has_word_of(_NO_NAMES, text, span)]
    for start, end in teams:
        span = Span(start, end, "GPE" if is_country(text[start:end]) else "ORG")
        if not _has_word_of(_NO_NAMES | _MONTHS, text, span):  # a person may be called Jan, a team not
            spans.append(span)
    return without_overlaps(span for span in spans if span.end - span.start > 1)


def _has_word_of(words: frozenset[str], text: str, span: Span) -> bool:
    return any(word.capitalize() in words for word in text[span.start : span.end].split())
