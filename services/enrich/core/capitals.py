"""Writes text in capitals as running text, because a recogniser that learnt from running text sees names nowhere in it."""

import re
from collections.abc import Callable, Iterator

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019&-][^\W\d_]+)*")
_CAPITALS_SIDE_BY_SIDE = re.compile(r"[^\W\d_a-z]{2}\W+[^\W\d_a-z]{2}")
_LONG_WORD = re.compile(r"(?<![\w.])[^\W\d_a-z]{4,}(?:[-'\u2019][^\W\d_a-z]+)*(?!\w)")
_SHORTEST_NAME = 3
_SHORTEST_STRETCH = 3


def lower_capitals(text: str, is_common: Callable[[str], bool]) -> str:
    """The text as a recogniser should read it; its length stays the same.

    Only stretches of at least three words in capitals change: fewer in running text are acronyms. A word is a name unless
    `is_common` says of its lower case that it is an ordinary word.
    """
    if not _CAPITALS_SIDE_BY_SIDE.search(text):
        return text
    parts = list(text)
    for stretch in _stretches(text):
        for start, end in stretch:
            parts[start:end] = _lowered(text[start:end], is_common)
    return "".join(parts)


def _stretches(text: str) -> Iterator[list[tuple[int, int]]]:
    """The words of every stretch of text that is all in capitals, figures and punctuation left out."""
    stretch: list[tuple[int, int]] = []
    for found in _WORD.finditer(text):
        if found[0] == found[0].upper():
            stretch.append(found.span())
            continue
        if len(stretch) >= _SHORTEST_STRETCH:
            yield stretch
        stretch = []
    if len(stretch) >= _SHORTEST_STRETCH:
        yield stretch


def _lowered(word: str, is_common: Callable[[str], bool]) -> str:
    if len(word) == 1 and word != "A":
        return word  # an initial, or a part of U.S.
    if is_common(word.lower()):
        return _same_length(word, word.lower())
    return word if len(word) < _SHORTEST_NAME else _same_length(word, word.title())


def title_capitals(text: str) -> str:
    """The text with every longer word in capitals written as a name would be, for looking names up; its length stays."""
    return _LONG_WORD.sub(lambda found: _same_length(found[0], found[0].title()), text)


def _same_length(word: str, written: str) -> str:
    return written if len(written) == len(word) else word
