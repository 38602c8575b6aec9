"""Names that are longer than a recogniser saw them, or explain each other: `Bank of England`, `Democratic Party ( KDP )`."""

import re
from collections.abc import Sequence

from services.enrich.core.spans import PLACE_TYPES, Span, words_of

_OF = re.compile(r" of (?:the )?")
# The 2018 Russian presidential election: an event, whichever place it names.
_NAME = r"[^\W\d_a-z][\w.'-]*"
_ELECTION = re.compile(
    rf"\b(?:1[89]|20)\d\d (?:{_NAME},? ){{1,4}}(?:[a-z]+ ){{0,2}}(?:by-)?elections?(?: in {_NAME}(?: {_NAME})*)?(?!\w)"
)
_DEFINITION = re.compile(r" ?\( ?([^\W\d_a-z][A-Za-z]{1,7}) ?\)")
_ACRONYM = re.compile(r"[A-Z][A-Z&-]{1,6}")


def find_elections(text: str) -> list[Span]:
    """Elections that are named by their year."""
    return [Span(found.start(), found.end(), "EVENT") for found in _ELECTION.finditer(text)]


def join_bodies(text: str, spans: Sequence[Span]) -> list[Span]:
    """An organisation of a place is one name with it: `Communist Party` + `China` is `Communist Party of China`."""
    joined: list[Span] = []
    for span in spans:
        before = joined[-1] if joined else None
        if before and before.type == "ORG" and span.type in PLACE_TYPES and _OF.fullmatch(text, before.end, span.start):
            joined[-1] = Span(before.start, span.end, "ORG")
        else:
            joined.append(span)
    return joined


def find_acronyms(text: str, spans: Sequence[Span]) -> list[Span]:
    """The short forms that stand in brackets behind the organisations they are of."""
    found: list[Span] = []
    for span in spans:
        short = _DEFINITION.match(text, span.end)
        if short and span.type == "ORG" and len(words_of(text[span.start : span.end])) > 1 and sum(map(str.isupper, short[1])) > 1:
            found.append(Span(*short.span(1), "ORG"))
    return found


def is_acronym(name: str) -> bool:
    """Whether a name is written as the initials of a longer one: KDP, UEFA, AT&T."""
    return bool(_ACRONYM.fullmatch(name))
