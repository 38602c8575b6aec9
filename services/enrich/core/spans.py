"""A stretch of text that names something: what recognisers give and what the rules of this core pass on."""

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple


class Span(NamedTuple):
    """Code-point offsets into one text, `end` exclusive, and a type as in OntoNotes."""

    start: int
    end: int
    type: str


#: Which text of an article.
Field = Literal["headline", "body"]
#: Texts in, the raw spans of each out, in the same order.
SpanRecogniser = Callable[[Sequence[str]], Sequence[Sequence[Span]]]

#: The types that a reader searches for. Dates, numbers and sums are not kept.
KEPT_TYPES = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "PRODUCT", "WORK_OF_ART", "LAW"})
PLACE_TYPES = frozenset({"GPE", "LOC", "FAC"})

_WORD = re.compile(r"\w+(?:[-'\u2019.&]\w+)*")


def words_of(name: str) -> list[str]:
    """The words of a name: `Qamar Javed Bajwa` gives three, punctuation gives none."""
    return _WORD.findall(name)


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """In order of the text; of spans that share a character the one given first stays."""
    kept: list[Span] = []
    for span in spans:
        place = bisect(kept, span)
        clear_of_next = place == len(kept) or span.end <= kept[place].start
        if clear_of_next and (place == 0 or kept[place - 1].end <= span.start):
            kept.insert(place, span)
    return kept
