"""Keywords of scripts that write no blanks between words: the pieces of text that an article repeats.

Candidates are strings between stop words, in Japanese between kana; they are ranked by the C-value (Frantzi, Ananiadou and Mima,
Automatic recognition of multi-word terms, 2000), which does not count what only stands inside of a longer candidate.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from math import log2
from typing import NamedTuple

from services.enrich.core.keyword_words import READ_CHARACTERS

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KATAKANA = "\u30a1-\u30fa\u30fc"
_SOUTH_EAST = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_UNSPACED = re.compile(f"[{_HAN}\u3040-\u30ff{_SOUTH_EAST}]")
_JAPANESE_PIECE = re.compile(f"[{_HAN}]+|[{_KATAKANA}]+")
_RUN = re.compile(f"[{_HAN}]+|[{_SOUTH_EAST}]+")
_FIRST_HAN = re.compile(f"[{_HAN}]")
# Thai and Lao: vowels that are written before their consonant, and signs that hang on the one before them.
_LEADING = frozenset("เแโใไເແໂໃໄ")
_HANGING = re.compile("[\u0e30-\u0e3a\u0e45-\u0e4e\u0eb0-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3]")
_SHORTEST_HAN, _LONGEST_HAN = 2, 6
_SHORTEST_SOUTH_EAST, _LONGEST_SOUTH_EAST = 3, 24
_LONGEST_STOP_WORD = 12
# Characters that hardly ever stand in a longer word.
_CHINESE_PARTICLES = frozenset("的了是在与及也而但被把这那很吗呢们")
_HEADLINE_COUNT = 1  # what a place in the headline counts above any other


class Piece(NamedTuple):
    """A keyword, its score (the lower, the better) and what that is made of."""

    name: str
    score: float
    parts: Mapping[str, float]


def is_unspaced(text: str) -> bool:
    """Whether a text is mostly written in a script without blanks."""
    if text.isascii():
        return False
    text = text[:READ_CHARACTERS]
    return 2 * len(_UNSPACED.findall(text)) > sum(map(str.isalpha, text))


def find_unspaced_keywords(headline: str, body: str, language: str, stop_words: Collection[str], most: int) -> list[Piece]:
    """The best keywords of an article, best first."""
    stops = frozenset(stop_words)
    of_headline, of_body = (list(_pieces(text, language, stops)) for text in (headline, body[:READ_CHARACTERS]))
    pairs = Counter(chain.from_iterable(map(_pairs, of_headline + of_body)))
    in_headline = {name for piece in of_headline for name in _candidates(piece, pairs)}
    counts = Counter(name for piece in of_headline + of_body for name in _candidates(piece, pairs))
    repeated = {name: count for name, count in counts.items() if count > 1 or (name in in_headline and not _is_han(name))}
    inside = _longest_around(repeated)
    pieces = []
    for name, count in repeated.items():
        alone = count - inside.get(name, 0)
        if alone > 0:
            value = log2(1 + len(name)) * (alone + _HEADLINE_COUNT * (name in in_headline))
            parts = {"count": count, "in headline": float(name in in_headline), "C-value": round(value, 3)}
            pieces.append(Piece(name, round(1 / value, 6), parts))
    return _without_repetition(sorted(pieces, key=lambda piece: (piece.score, piece.name)), most)


def _pieces(text: str, language: str, stops: frozenset[str]) -> Iterator[str]:
    """Strings between stop words, punctuation and other scripts."""
    if language == "ja":
        yield from (found[0] for found in _JAPANESE_PIECE.finditer(text) if found[0] not in stops)
        return
    for run in _RUN.finditer(text):
        yield from _between_stop_words(run[0], stops)


def _between_stop_words(run: str, stops: frozenset[str]) -> Iterator[str]:
    shortest = _SHORTEST_HAN if _is_han(run) else _SHORTEST_SOUTH_EAST  # shorter ones stand inside of other words, too
    longest_by_first = _longest_stop_words(stops)
    start = position = 0
    while position < len(run):
        longest = longest_by_first.get(run[position], 0)
        for end in range(min(position + longest, len(run)), position, -1):
            is_stop = end - position >= shortest and run[position:end] in stops
            is_stop = is_stop or (end - position == 1 and run[position] in _CHINESE_PARTICLES)
            if is_stop and _is_border(run, position) and _is_border(run, end):
                if start < position:
                    yield run[start:position]
                start = position = end
                break
        else:
            position += 1
    if start < len(run):
        yield run[start:]


@lru_cache(maxsize=8)
def _longest_stop_words(stops: frozenset[str]) -> dict[str, int]:
    """By their first character how long stop words are at most."""
    longest = dict.fromkeys(_CHINESE_PARTICLES, 1)
    for word in stops:
        longest[word[:1]] = max(longest.get(word[:1], 0), min(len(word), _LONGEST_STOP_WORD))
    return longest


def _is_han(run: str) -> bool:
    return _FIRST_HAN.match(run) is not None


def _is_border(run: str, position: int) -> bool:
    """Whether a syllable may end before a position."""
    return position in (0, len(run)) or (run[position - 1] not in _LEADING and not _HANGING.match(run[position]))


def _pairs(piece: str) -> Iterator[str]:
    return (piece[start : start + _SHORTEST_HAN] for start in range(len(piece) - _SHORTEST_HAN + 1))


def _candidates(piece: str, pairs: Mapping[str, int]) -> Iterator[str]:
    """Of ideographs every string of two to six of which each pair of neighbours is repeated; of other scripts the whole piece."""
    if not _is_han(piece):
        if _SHORTEST_SOUTH_EAST <= len(piece) <= _LONGEST_SOUTH_EAST:
            yield piece
        return
    for start in range(len(piece) - _SHORTEST_HAN + 1):
        for end in range(start + _SHORTEST_HAN, min(start + _LONGEST_HAN, len(piece)) + 1):
            if pairs[piece[end - _SHORTEST_HAN : end]] < 2:
                break
            yield piece[start:end]


def _longest_around(counts: Mapping[str, int]) -> dict[str, int]:
    """How often each candidate stands inside of one that is a character longer, at most."""
    inside: dict[str, int] = {}
    for name, count in counts.items():
        for part in (name[1:], name[:-1]):
            if part in counts:
                inside[part] = max(inside.get(part, 0), count)
    return inside


def _without_repetition(pieces: list[Piece], most: int) -> list[Piece]:
    """The first pieces that have no two characters in a row in common: of a long repeated string one part is enough."""
    chosen: list[Piece] = []
    taken: set[str] = set()
    for piece in pieces:
        if len(chosen) == most:
            break
        pairs = {piece.name[start : start + 2] for start in range(len(piece.name) - 1)}
        if taken.isdisjoint(pairs) or not (_is_han(piece.name) or any(_holds(piece, other) for other in chosen)):
            taken |= pairs
            chosen.append(piece)
    return chosen


def _holds(one: Piece, other: Piece) -> bool:
    return one.name in other.name or other.name in one.name
