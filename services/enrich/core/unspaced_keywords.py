"""Keywords of scripts that write no blanks between words: the pieces of text that an article repeats.

Candidates are strings of syllables between stop words, in Japanese between kana. Where words begin and end nothing says, so a
string is believed to be one or several when ever other syllables stand before it and behind it (Feng, Chen, Deng and Zheng,
Accessor variety criteria for Chinese word extraction, 2004). They are ranked by the C-value (Frantzi, Ananiadou and Mima, Automatic
recognition of multi-word terms, 2000), which does not count what only stands inside of a longer candidate.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from typing import NamedTuple

from services.enrich.core.keyword_words import READ_CHARACTERS

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KATAKANA = "\u30a1-\u30fa\u30fc"
_SOUTH_EAST = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_UNSPACED = re.compile(f"[{_HAN}\u3040-\u30ff{_SOUTH_EAST}]")
_KATAKANA_PIECE = re.compile(f"[{_KATAKANA}]+")
_JAPANESE_PIECE = re.compile(f"[{_HAN}]+|[{_KATAKANA}]+")
_RUN = re.compile(f"[{_HAN}]+|[{_SOUTH_EAST}]+")
_FIRST_HAN = re.compile(f"[{_HAN}]")
# Thai and Lao: vowels that are written before their consonant, and signs that hang on the one before them.
_LEADING = frozenset("เแโใไເແໂໃໄ")
_SIGNS = "\u0e30-\u0e3a\u0e45-\u0e4e\u0eb0-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3"
_HANGING = re.compile(f"[{_SIGNS}]")
_SILENT = "[\u0e01-\u0e2e][\u0e34\u0e38]?\u0e4c"  # a consonant with the sign that it is not spoken, behind the syllable before it
_SILENT_NEXT = re.compile(_SILENT)
_RARE_VOWEL = "ใ"  # only twenty words of Thai have it
# What hardly ever is parted: a consonant with its vowels and tones; in Khmer and Burmese with the consonants below it, and in
# Burmese with the one that closes the syllable.
_SYLLABLE = re.compile(
    f"[{''.join(sorted(_LEADING))}]*.(?:\u17d2.|\u1039.|[{_SIGNS}]|[\u1000-\u1021](?=\u1037?[\u103a\u1039])|{_SILENT})*", re.DOTALL
)
_SHORTEST_HAN, _SHORTEST_SOUTH_EAST, _LONGEST_SOUTH_EAST = 2, 3, 24
#: A candidate has so many syllables, or ideographs.
_FEWEST_SYLLABLES, _MOST_SYLLABLES, _MOST_IDEOGRAPHS = 2, 12, 6
#: So many different neighbours a word has on each side.
_LEAST_VARIETY = 2
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


@dataclass(frozen=True, slots=True)
class _Piece:
    """A string between stop words, with the offsets between its syllables, its begin and its end."""

    text: str
    borders: Sequence[int]
    in_headline: bool
    is_han: bool

    def cut(self, first: int, syllables: int) -> str:
        return self.text[self.borders[first] : self.borders[first + syllables]]


class _Candidate(NamedTuple):
    """A string that may be a keyword: of how many syllables, and the pieces with the number of the syllable at which it begins."""

    syllables: int
    places: Sequence[tuple[_Piece, int]]


def find_unspaced_keywords(headline: str, body: str, language: str, stop_words: Collection[str], most: int) -> list[Piece]:
    """The best keywords of an article, best first."""
    stops = frozenset(stop_words)
    pieces = [
        _Piece(piece, _syllable_borders(piece), in_headline, _is_han(piece))
        for text, in_headline in ((headline, True), (body[:READ_CHARACTERS], False))
        for piece in _pieces(text, language, stops)
    ]
    candidates = _find_candidates(pieces)
    inside = _count_inside(candidates)
    found = []
    for name, candidate in candidates.items():
        count = len(candidate.places)
        alone = count - inside.get(name, 0)
        if alone < 1 or _variety(candidate) < _LEAST_VARIETY:
            continue
        in_headline = any(piece.in_headline for piece, _ in candidate.places)
        value = log2(1 + candidate.syllables) * (alone + _HEADLINE_COUNT * (in_headline and count > 1))
        parts = {"count": count, "in headline": float(in_headline), "C-value": round(value, 3)}
        found.append(Piece(name, round(1 / value, 6), parts))
    return _without_repetition(sorted(found, key=lambda piece: (piece.score, piece.name)), most)


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
            is_long = end - position >= (_SHORTEST_HAN if run[position] == _RARE_VOWEL else shortest)
            is_stop = is_long and run[position:end] in stops
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
    return position in (0, len(run)) or not (
        run[position - 1] in _LEADING or _HANGING.match(run[position]) or _SILENT_NEXT.match(run, position)
    )


def _syllable_borders(piece: str) -> Sequence[int]:
    """Of ideographs each is a syllable; katakana write one word of another language, which is not parted."""
    if _is_han(piece):
        return range(len(piece) + 1)
    if _KATAKANA_PIECE.fullmatch(piece):
        return (0, len(piece))
    return (0, *(found.end() for found in _SYLLABLE.finditer(piece)))


def _find_candidates(pieces: Sequence[_Piece]) -> dict[str, _Candidate]:
    """What is repeated, and what the headline says between two stop words if it is short.

    Strings grow by a syllable at a time, and only where they are repeated as far as they go.
    """
    found: dict[str, _Candidate] = {}
    whole: defaultdict[str, list[tuple[_Piece, int]]] = defaultdict(list)
    for piece in pieces:
        if not _is_han(piece.text) and _SHORTEST_SOUTH_EAST <= len(piece.text) <= _LONGEST_SOUTH_EAST:
            whole[piece.text].append((piece, 0))
    for name, places in whole.items():
        if len(places) > 1 or places[0][0].in_headline:
            found[name] = _Candidate(max(_FEWEST_SYLLABLES, len(places[0][0].borders) - 1), places)
    repeated: Iterable[tuple[_Piece, int]] = [(piece, first) for piece in pieces for first in range(len(piece.borders))]
    for syllables in range(_FEWEST_SYLLABLES, _MOST_SYLLABLES + 1):
        growing: defaultdict[str, list[tuple[_Piece, int]]] = defaultdict(list)
        for piece, first in repeated:
            if first + syllables < len(piece.borders) and (syllables <= _MOST_IDEOGRAPHS or not piece.is_han):
                growing[piece.cut(first, syllables)].append((piece, first))
        growing = defaultdict(list, {name: places for name, places in growing.items() if len(places) > 1})
        found |= {name: _Candidate(syllables, places) for name, places in growing.items() if _may_be_keyword(name)}
        repeated = [place for places in growing.values() for place in places]
    return found


def _may_be_keyword(name: str) -> bool:
    return _is_han(name) or _SHORTEST_SOUTH_EAST <= len(name) <= _LONGEST_SOUTH_EAST


def _variety(candidate: _Candidate) -> int:
    """How many different syllables stand next to a string, on the side with fewer; where there is nothing, that is another one."""
    before: set[object] = set()
    behind: set[object] = set()
    for number, (piece, first) in enumerate(candidate.places):
        last = first + candidate.syllables
        before.add(piece.cut(first - 1, 1) if first else number)
        behind.add(piece.cut(last, 1) if last < len(piece.borders) - 1 else number)
        if len(before) >= _LEAST_VARIETY <= len(behind):
            break
    alone = len(candidate.places) == 1  # in the headline, between two stop words
    return _LEAST_VARIETY if alone else min(len(before), len(behind))


def _count_inside(candidates: Mapping[str, _Candidate]) -> dict[str, int]:
    """How often each candidate stands inside of one that is a syllable longer, at most."""
    inside: dict[str, int] = {}
    for syllables, places in candidates.values():
        piece, first = places[0]
        if syllables > _FEWEST_SYLLABLES:
            for part in (piece.cut(first + 1, syllables - 1), piece.cut(first, syllables - 1)):
                if part in candidates:
                    inside[part] = max(inside.get(part, 0), len(places))
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
