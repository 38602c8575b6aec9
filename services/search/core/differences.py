"""What changed between two texts, word by word, in bounded time.

A diff of words is quadratic where the texts are unlike; an article's body may have 80,000 words. So the texts are parted at what
they surely share: a common beginning and end, then words that occur once in each (patience diff, Bram Cohen 2003), and only the
small gaps between these are compared by difflib. What is not decided within the budget counts as replaced: the result is always
true (it rebuilds both texts), it may only name more than was touched.
"""

import bisect
import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

# Scripts without blanks are compared character by character; marks belong to the word that they stand in.
_SINGLES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SIGNS = "!-/:-@\\[-`{-~\u00a1-\u00bf\u060c\u061b\u061f\u06d4\u0964\u0965\u2010-\u205e\u3000-\u303f\uff01-\uff0f"
_TOKENS = re.compile(rf"\s+|[{_SINGLES}][\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*|[{_SIGNS}]|[^\s{_SINGLES}{_SIGNS}]+")
#: Gaps of at most so many comparisons (words times words) go to difflib, and all of one diff together have so many.
_SMALL_GAP = 10_000
_BUDGET = 500_000
#: Words that are not unique in the whole may be so in a gap; each round finds the unique words of the gaps of the one before.
_MOST_ROUNDS = 12

#: Beginning and end of what stands in the old and in the new text: (old begin, old end, new begin, new end), ends exclusive.
_Gap: TypeAlias = tuple[int, int, int, int]


class Op(StrEnum):
    """What became of a part of a text."""

    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a text. The equal and deleted parts together are the old text, the equal and inserted ones the new one."""

    op: Op
    text: str


def compare_texts(old: str, new: str) -> tuple[Difference, ...]:
    """The parts of two texts in their order; a deleted part stands before what was inserted for it.

    500 kB without anything in common take about a tenth of a second, and what difflib would need minutes for not much more.
    """
    if old == new:
        return (Difference(Op.EQUAL, old),) if old else ()
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    return tuple(_join(_cover_blanks(list(_parts(before, after)))))


def _parts(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Op, str]]:
    seen_before = seen_after = 0
    for old_start, old_end, new_start, new_end in _find_replaced(before, after):
        yield Op.EQUAL, "".join(before[seen_before:old_start])
        yield Op.DELETE, "".join(before[old_start:old_end])
        yield Op.INSERT, "".join(after[new_start:new_end])
        seen_before, seen_after = old_end, new_end
    yield Op.EQUAL, "".join(after[seen_after:])


def _find_replaced(before: Sequence[str], after: Sequence[str]) -> list[_Gap]:
    """The gaps between what both share, in order; empty on one side where something was only inserted or only deleted."""
    gaps = [_trim(before, after, (0, len(before), 0, len(after)))]
    for _ in range(_MOST_ROUNDS):
        parted = [part for gap in gaps for part in _part(before, after, gap)]
        if len(parted) == len(gaps):
            break
        gaps = parted
    budget = _BUDGET
    replaced: list[_Gap] = []
    for gap in gaps:
        size = (gap[1] - gap[0]) * (gap[3] - gap[2])
        if 0 < size <= min(_SMALL_GAP, budget):
            budget -= size
            replaced += _compare_gap(before, after, gap)
        elif gap[0] < gap[1] or gap[2] < gap[3]:
            replaced.append(gap)
    return replaced


def _trim(before: Sequence[str], after: Sequence[str], gap: _Gap) -> _Gap:
    """The gap without what both sides begin and end with."""
    old_start, old_end, new_start, new_end = gap
    while old_start < old_end and new_start < new_end and before[old_start] == after[new_start]:
        old_start, new_start = old_start + 1, new_start + 1
    while old_start < old_end and new_start < new_end and before[old_end - 1] == after[new_end - 1]:
        old_end, new_end = old_end - 1, new_end - 1
    return old_start, old_end, new_start, new_end


def _part(before: Sequence[str], after: Sequence[str], gap: _Gap) -> list[_Gap]:
    """The gaps between the words that stand in both sides exactly once, in the same order."""
    old_start, old_end, new_start, new_end = gap
    if (old_end - old_start) * (new_end - new_start) <= _SMALL_GAP:
        return [gap]
    places = [(-1 + old_start, -1 + new_start), *_anchors(before, after, gap), (old_end, new_end)]
    return [_trim(before, after, (a + 1, b, c + 1, d)) for (a, c), (b, d) in pairwise(places)]


def _anchors(before: Sequence[str], after: Sequence[str], gap: _Gap) -> list[tuple[int, int]]:
    old_start, old_end, new_start, new_end = gap
    once_before = _once(before, old_start, old_end)
    once_after = _once(after, new_start, new_end)
    pairs = [(place, once_after[word]) for word, place in once_before.items() if word in once_after]
    return _longest_rise(pairs)


def _once(words: Sequence[str], start: int, end: int) -> dict[str, int]:
    """The words that occur once from start to end, in their order, with their places."""
    counts = Counter(words[start:end])
    return {words[place]: place for place in range(start, end) if counts[words[place]] == 1}


def _longest_rise(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs that rise in the first number the most that rise in the second too (patience sorting)."""
    tops: list[int] = []
    last: list[int] = []  # for each length, the index of the pair that a rise of this length ends with
    previous: list[int] = []
    for index, (_, place) in enumerate(pairs):
        pile = bisect.bisect_left(tops, place)
        previous.append(last[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [place]
        last[pile : pile + 1] = [index]
    rise: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        rise.append(pairs[index])
        index = previous[index]
    return rise[::-1]


def _compare_gap(before: Sequence[str], after: Sequence[str], gap: _Gap) -> Iterator[_Gap]:
    old_start, old_end, new_start, new_end = gap
    matcher = difflib.SequenceMatcher(None, before[old_start:old_end], after[new_start:new_end], autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        if op != "equal":
            yield old_start + a, old_start + b, new_start + c, new_start + d


def _cover_blanks(parts: list[tuple[Op, str]]) -> Iterator[tuple[Op, str]]:
    """Replaced words with nothing but blanks between them are replaced together: they are read as one change."""
    for index, (op, text) in enumerate(parts):
        if op is Op.EQUAL and text.isspace() and 0 < index < len(parts) - 1 and _is_replacement(parts, index):
            yield Op.DELETE, text
            yield Op.INSERT, text
        else:
            yield op, text


def _is_replacement(parts: list[tuple[Op, str]], index: int) -> bool:
    """Whether on one of both sides words gave way to others; the parts around an equal one are one deleted and one inserted."""
    sides = parts[index - 2 : index], parts[index + 1 : index + 3]
    return all(len(side) == 2 for side in sides) and any(all(text for _, text in side) for side in sides)


def _join(parts: Iterator[tuple[Op, str]]) -> Iterator[Difference]:
    """Neighbouring changes as one deleted and one inserted part, empty parts dropped."""
    texts = dict.fromkeys(Op, "")
    for op, text in parts:
        if op is Op.EQUAL and text:
            if texts[Op.DELETE] or texts[Op.INSERT]:
                yield from _flush(texts)
            texts[Op.EQUAL] += text
        elif text:
            if texts[Op.EQUAL]:
                yield Difference(Op.EQUAL, texts[Op.EQUAL])
                texts[Op.EQUAL] = ""
            texts[op] += text
    yield from _flush(texts)


def _flush(texts: dict[Op, str]) -> Iterator[Difference]:
    """At any time there are either equal parts or changed ones."""
    for op in (Op.EQUAL, Op.DELETE, Op.INSERT):
        if texts[op]:
            yield Difference(op, texts[op])
            texts[op] = ""
