"""Sentences of our own with the names in them, for tests and the bench: `[PERSON Ada Lund] came to [PLACE Oslo].` and the like."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from services.enrich.core.spans import Span

_MARK = re.compile(r"\[(PERSON|ORG|PLACE) ([^\]]+)\]")
#: What each of the types of our entities is in the sentences; others do not count.
KINDS = {"PERSON": "PERSON", "ORG": "ORG", "GPE": "PLACE", "LOC": "PLACE", "FAC": "PLACE"}

Names = set[tuple[int, int, str]]


class MarkedSentence(NamedTuple):
    """A sentence, and the names in it with their borders and kinds."""

    text: str
    names: Names


def read_marked(language: str) -> list[MarkedSentence]:
    """The sentences in a language."""
    lines = (Path(__file__).parent / f"names_{language}.txt").read_text(encoding="utf-8").splitlines()
    return [_parse(line) for line in lines]


def _parse(line: str) -> MarkedSentence:
    text, position = "", 0
    names: Names = set()
    for found in _MARK.finditer(line):
        text += line[position : found.start()]
        names.add((len(text), len(text) + len(found[2]), found[1]))
        text += found[2]
        position = found.end()
    return MarkedSentence(text + line[position:], names)


def kinds_of(spans: Sequence[Span]) -> Names:
    """Of names that were found those of the three kinds."""
    return {(span.start, span.end, KINDS[span.type]) for span in spans if span.type in KINDS}


def measure_f1(expected: Sequence[Names], found: Sequence[Names]) -> float:
    """Micro F1 over exact spans with their kind."""
    right = sum(len(one & other) for one, other in zip(expected, found, strict=True))
    return 2 * right / (sum(map(len, expected)) + sum(map(len, found)))
