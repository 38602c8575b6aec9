"""The best articles of every group, of many groups at once.

A group is a number made of three, one for each of section, language and publisher: `pack` puts them together, and a mask takes the
ones that a kind of list does not look at away. So 0 is the group of all articles.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.popularity.core.columns import Codes, Numbers, Rows

#: Bits that each of the three numbers may take: 16 million sections, 16 thousand languages, 16 million publishers.
_SECTION_BITS, _LANGUAGE_BITS, _PUBLISHER_BITS = 24, 14, 24
_PUBLISHER = (1 << _PUBLISHER_BITS) - 1
_LANGUAGE = ((1 << _LANGUAGE_BITS) - 1) << _PUBLISHER_BITS
_SECTION = ((1 << _SECTION_BITS) - 1) << (_PUBLISHER_BITS + _LANGUAGE_BITS)
_DIMENSIONS = (_SECTION, _LANGUAGE, _PUBLISHER)

#: What lists look at: nothing, one of the three, two of them, all. The first four are also made of recent articles alone.
MASKS = (
    0,
    *_DIMENSIONS,
    _SECTION | _LANGUAGE,
    _SECTION | _PUBLISHER,
    _LANGUAGE | _PUBLISHER,
    _SECTION | _LANGUAGE | _PUBLISHER,
)
PLAIN_MASKS = MASKS[:4]
#: The most groups that can be chosen, so that 16 bits tell which one is meant.
MOST_CHOSEN = (1 << 16) - 2
Members = npt.NDArray[np.uint16]
Kinds = npt.NDArray[np.uint32]
#: So many lists full of the best are looked at first.
_SOME_LISTS = 20
_PLACE_BITS = 31
_WHOLE = 1 << 32


def pack(section: int, language: int, publisher: int) -> int:
    """The finest group of an article; 0 stands for what it does not have."""
    return section << (_PUBLISHER_BITS + _LANGUAGE_BITS) | language << _PUBLISHER_BITS | publisher


def unpack(code: int) -> tuple[int, int, int]:
    """The reverse of `pack`."""
    return code >> (_PUBLISHER_BITS + _LANGUAGE_BITS), (code & _LANGUAGE) >> _PUBLISHER_BITS, code & _PUBLISHER


def groups_of(code: int) -> list[int]:
    """The groups whose lists an article of this finest group may stand in: those whose values it has."""
    return [code & mask for mask in MASKS if all(code & part for part in _DIMENSIONS if mask & part)]


def number_groups(codes: Codes, chosen: Codes, mask: int) -> Members:
    """Which of the groups in `chosen` (in order) each article is in, by one mask: its place from 1 on, 0 for none."""
    groups = codes & mask
    places = np.searchsorted(chosen, groups).clip(max=len(chosen) - 1)
    is_chosen = chosen[places] == groups
    for part in _DIMENSIONS:
        if mask & part:
            is_chosen &= (codes & part) != 0
    return np.where(is_chosen, places + 1, 0).astype(np.uint16)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Articles by row, each once, with scores, the higher the better.

    What follows is of all articles: by row the place of each in the order of the ids, and its kind (of the same finest group); by
    mask the group that each kind is in, as `number_groups` has it.
    """

    rows: Rows
    scores: Numbers
    places: Rows
    kinds: Kinds
    members: tuple[Members, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The best of one group, best first."""

    rows: Rows
    scores: Numbers


def rank_groups(candidates: Candidates, chosen: Codes, longest: int) -> dict[int, Places]:
    """The best `longest` of each group in `chosen` that has any, best first; equal ones in the order of their ids."""
    kept = _narrow(candidates, len(chosen), longest)
    rows, scores = candidates.rows[kept], candidates.scores[kept]
    order = _order(scores, candidates.places[rows])
    rows, scores = rows[order], scores[order]
    kinds = candidates.kinds[rows]
    found: dict[int, Places] = {}
    for members in candidates.members:
        best, groups = _cut(members[kinds], longest)
        starts = _starts(groups)
        names = chosen[groups[starts].astype(np.int64) - 1].tolist()
        best_rows, best_scores = rows[best], scores[best]
        for name, (start, end) in zip(names, itertools.pairwise([*starts.tolist(), len(best)]), strict=True):
            found[name] = Places(best_rows[start:end], best_scores[start:end])
    return found


def _narrow(candidates: Candidates, groups: int, longest: int) -> "npt.NDArray[np.int64]":
    """Who may be in a list: those with the best scores, and of the others those of groups of which these are not enough."""
    scores = candidates.scores
    some = _SOME_LISTS * longest
    if len(scores) <= some + some:
        return np.arange(len(scores))
    is_best = scores >= np.partition(scores, -some)[-some]
    kinds = candidates.kinds[candidates.rows]
    numbers = np.bincount(kinds[is_best], minlength=len(candidates.members[0]))
    is_wanted = np.zeros(len(numbers), np.bool_)
    for members in candidates.members:
        is_full = np.bincount(members, numbers, groups + 1) >= longest
        is_full[0] = True  # stands for none
        is_wanted |= ~is_full[members]
    return np.flatnonzero(is_best | is_wanted[kinds])


def _order(scores: Numbers, places: Rows) -> "npt.NDArray[np.int64]":
    """Highest first, equal ones by their places. Whole numbers are sorted together with the places, which is faster."""
    whole = scores.astype(np.int64)
    if len(scores) and (whole == scores).all() and whole.min() >= 0 and whole.max() < _WHOLE:
        return np.argsort((_WHOLE - 1 - whole) << _PLACE_BITS | places)
    return np.lexsort((places, -scores))


def _cut(members: Members, longest: int) -> "tuple[npt.NDArray[np.int64], Members]":
    """The places of the first `longest` of every group, group by group, and the number of the group of each."""
    inside = np.flatnonzero(members)
    order = inside[np.argsort(members[inside], kind="stable")]
    groups = members[order]
    starts = _starts(groups)
    if not len(starts):
        return order, groups
    lengths = np.empty_like(starts)
    lengths[:-1], lengths[-1] = starts[1:] - starts[:-1], len(order) - starts[-1]
    if lengths.max() <= longest:
        return order, groups
    kept = np.arange(len(order)) - np.repeat(starts, lengths) < longest
    return order[kept], groups[kept]


def _starts(groups: Members) -> "npt.NDArray[np.int64]":
    """Where each run of the same number begins."""
    if not len(groups):
        return np.zeros(0, np.int64)
    begins = np.empty(len(groups), np.bool_)
    begins[0] = True
    np.not_equal(groups[1:], groups[:-1], out=begins[1:])
    return np.flatnonzero(begins)


def section_of(codes: Codes) -> Codes:
    """The section of each finest group."""
    return codes & _SECTION
