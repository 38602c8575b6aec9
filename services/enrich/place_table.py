"""All places that names may stand for, and where a text has these names: sorted arrays instead of objects, some 3 MB in all.

An Aho-Corasick automaton of these names takes 50 MB.
"""

import re
import unicodedata
from array import array
from collections.abc import Iterable
from math import isnan, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.enrich.core.places import Place, PlaceKind

#: A place, and what it is called: each name with a rank. Of all that a name may mean the lowest rank is the likeliest, of equal
#: ranks the first that was given.
Called = tuple[Place, Iterable[tuple[int, str]]]

_LONGEST_NAME: Final = 255
_KINDS: tuple[PlaceKind, ...] = ("country", "nation", "region", "city", "people")
_NO_ID: Final = 0
_CODE_POINTS: Final = 0x110000
_BITS: Final = 21  # of a code point
_BEGINNING: Final = 3  # by so many characters a name is looked for first
_SHORT_KATAKANA: Final = 3  # a name in katakana that is no longer may stand inside of another word
_NOTHING = "\0"

# What stands next to a name tells nothing in scripts that are written without blanks between words.
_SCRIPTS_WITHOUT_BLANKS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
# Prepositions and articles that Arabic and Hebrew write as one letter of the next word.
_ATTACHED_BEFORE = "ولبفكבלמהושכ"
_FIRST_HANGUL, _LAST_HANGUL = 0xAC00, 0xD7A3

_Codes = NDArray[np.uint32]


# What a character may be, as bits.
_IN_WORDS, _BEGINS_NAMES, _WITHOUT_BLANKS, _ATTACHED, _HANGUL, _KATAKANA = (np.uint8(1 << bit) for bit in range(6))


def _know_characters(first_characters: Iterable[str]) -> NDArray[np.uint8]:
    """What characters are, by their code points; `first_characters` are those that names begin with."""
    known = np.zeros(_CODE_POINTS, np.uint8)
    everything = np.arange(_CODE_POINTS, dtype=np.uint32).tobytes().decode("utf-32-le", "surrogatepass")
    for found in re.finditer(r"\w+", everything):
        known[found.start() : found.end()] |= _IN_WORDS
    for character in first_characters:
        known[ord(character)] |= _BEGINS_NAMES
        if unicodedata.name(character, "").startswith(_SCRIPTS_WITHOUT_BLANKS):
            known[ord(character)] |= _WITHOUT_BLANKS
    known[list(map(ord, _ATTACHED_BEFORE))] |= _ATTACHED
    known[_FIRST_HANGUL : _LAST_HANGUL + 1] |= _HANGUL
    known[[*range(0x30A1, 0x30FB), 0x30FC]] |= _KATAKANA
    return known


class PlaceTable:
    """Names of places and what each may mean; a `services.enrich.core.places.PlaceFinder`.

    Of names it keeps their hashes, which have 64 bits: none is mistaken for another. Where the first three characters of any name
    stand in a text, all lengths of names that begin so are tried.
    """

    def __init__(self, places: Iterable[Called]) -> None:
        """Names of more than 255 characters are left out."""
        self._kinds, self._sure = bytearray(), bytearray()
        self._countries: list[str | None] = []
        self._country_numbers, self._geonames_ids = array("H"), array("I")
        self._latitudes, self._longitudes = array("f"), array("f")
        countries: dict[str | None, int] = {}
        numbers: dict[Place, int] = {}
        hashes, ranks, members = array("q"), array("H"), array("I")
        beginnings, lengths = array("Q"), array("B")
        for place, names in places:
            number = numbers[place] if place in numbers else self._add(place, countries)
            if place.kind != "city":  # of which there are 34,000, each given once
                numbers[place] = number
            for rank, name in names:
                if 0 < len(name) <= _LONGEST_NAME:
                    hashes.append(hash(name))
                    ranks.append(rank)
                    members.append(number)
                    beginnings.append(_beginning(name))
                    lengths.append(len(name))
        self._countries = list(countries)
        self._beginnings, self._lengths, self._first_lengths = _gather_lengths(np.array(beginnings), np.array(lengths))
        first_characters = np.unique(self._beginnings[:-1] & np.uint64((1 << _BITS) - 1)) - np.uint64(1)
        self._characters = _know_characters(map(chr, first_characters.tolist()))
        self._names, self._starts, self._members = self._group(np.array(hashes), np.array(ranks), np.array(members))

    def _add(self, place: Place, countries: dict[str | None, int]) -> int:
        self._kinds.append(_KINDS.index(place.kind))
        self._sure.append(place.sure)
        self._country_numbers.append(countries.setdefault(place.country, len(countries)))
        self._geonames_ids.append(place.geonames_id or _NO_ID)
        latitude, longitude = place.coordinates or (nan, nan)
        self._latitudes.append(latitude)
        self._longitudes.append(longitude)
        return len(self._kinds) - 1

    def _group(
        self, hashes: NDArray[np.int64], ranks: NDArray[np.uint16], members: NDArray[np.uint32]
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32]]:
        """Names in the order of their hashes, where the meanings of each begin, and these: none is the same place of GeoNames."""
        order = np.lexsort((ranks, hashes))
        names, starts, kept = array("q"), array("I"), array("I")
        ids: set[int] = set()
        for name, member in zip(array("q", hashes[order].tobytes()), array("I", members[order].tobytes()), strict=True):
            if not names or names[-1] != name:
                names.append(name)
                starts.append(len(kept))
                ids.clear()
            its_id = self._geonames_ids[member]
            if its_id == _NO_ID or its_id not in ids:
                ids.add(its_id)
                kept.append(member)
        starts.append(len(kept))
        return np.array(names), np.array(starts), np.array(kept)

    def find(self, text: str, /) -> list[tuple[int, int, int]]:
        """Where names stand as words of their own: start, end and number of each, in order of the text, longer ones first."""
        codes = np.frombuffer((text + _NOTHING * _BEGINNING).encode("utf-32-le", "surrogatepass"), np.uint32)
        characters = self._characters[codes]
        starts, groups = self._find_beginnings(codes, characters)
        may_end = characters & _IN_WORDS == 0
        may_end[1:] |= characters[:-1] & _HANGUL != 0  # its particles are written behind the name without a blank
        ends = may_end.tobytes()
        is_katakana = characters & _KATAKANA != 0
        goes_on = np.concatenate(([False], is_katakana[:-1] & is_katakana[1:])).tobytes()  # グル in グループ
        is_free = (characters[starts] & _WITHOUT_BLANKS).tolist()
        lengths, firsts = self._lengths, self._first_lengths
        spans = [
            (start, end)
            for start, group, free in zip(starts.tolist(), groups.tolist(), is_free, strict=True)
            for length in lengths[firsts[group] : firsts[group + 1]]
            if (end := start + length) <= len(text)
            and (ends[end] if not free else length > _SHORT_KATAKANA or not (goes_on[start] or goes_on[end]))
        ]
        numbers = self._numbers([text[start:end] for start, end in spans])
        return [(*span, number) for span, number in zip(spans, numbers, strict=True) if number >= 0]

    def _find_beginnings(self, codes: _Codes, characters: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where names may begin, and of which lengths these are, by their place in `_lengths`; a start may be there twice."""
        before = np.concatenate((np.zeros(2, np.uint8), characters))  # at `start` what stands two before it, at `start + 1` one
        starts = np.flatnonzero(characters[:-_BEGINNING] & _BEGINS_NAMES)
        begins = before[starts + 1] & _IN_WORDS == 0
        begins |= (before[starts + 1] & _ATTACHED != 0) & (before[starts] & _IN_WORDS == 0)
        begins |= characters[starts] & _WITHOUT_BLANKS != 0
        starts = starts[begins]
        beginning = np.zeros(starts.size, np.uint64)
        found: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
        for place in range(_BEGINNING):
            beginning |= (codes[starts + place].astype(np.uint64) + np.uint64(1)) << np.uint64(_BITS * place)
            at = np.searchsorted(self._beginnings, beginning)
            hits = np.flatnonzero(self._beginnings[at] == beginning)
            found.append((starts[hits], at[hits]))
        starts, groups = (np.concatenate(column) for column in zip(*reversed(found), strict=True))
        order = np.argsort(starts, kind="stable")
        return starts[order], groups[order]

    def _numbers(self, names: list[str]) -> list[int]:
        """The number of each name, -1 for what is none."""
        if not (names and self._names.size):
            return [-1] * len(names)
        hashes = np.array(list(map(hash, names)))
        at = np.searchsorted(self._names, hashes)
        at[at == self._names.size] = 0
        numbers: list[int] = np.where(self._names[at] == hashes, at, -1).tolist()
        return numbers

    def exists(self, name: str, /) -> bool:
        """Whether a name is one of those that are looked for."""
        return self._numbers([name])[0] >= 0

    def meanings(self, number: int, /) -> tuple[Place, ...]:
        """What a name may mean, the likeliest first."""
        return tuple(map(self._place, self._members[self._starts[number] : self._starts[number + 1]].tolist()))

    def _place(self, number: int) -> Place:
        latitude, longitude = self._latitudes[number], self._longitudes[number]
        return Place(
            _KINDS[self._kinds[number]],
            self._countries[self._country_numbers[number]],
            self._geonames_ids[number] or None,
            bool(self._sure[number]),
            None if isnan(latitude) else (round(latitude, 4), round(longitude, 4)),
        )


def _beginning(name: str) -> int:
    """The first characters as one number."""
    return sum(ord(character) + 1 << _BITS * place for place, character in enumerate(name[:_BEGINNING]))


def _gather_lengths(
    beginnings: NDArray[np.uint64], lengths: NDArray[np.uint8]
) -> tuple[NDArray[np.uint64], bytes, NDArray[np.uint32]]:
    """The different beginnings in order, with one behind all; the lengths of the names with each, longest first; where these start.

    Args:
        beginnings: Of each name.
        lengths: Of each name.
    """
    order = np.lexsort((~lengths, beginnings))
    beginnings, lengths = beginnings[order], lengths[order]
    is_new_beginning = np.concatenate(([True], beginnings[1:] != beginnings[:-1]))[: beginnings.size]
    is_new = is_new_beginning | np.concatenate(([True], lengths[1:] != lengths[:-1]))[: lengths.size]
    firsts = np.append(np.flatnonzero(is_new_beginning[is_new]), np.count_nonzero(is_new)).astype(np.uint32)
    different = np.append(beginnings[is_new_beginning], np.uint64((1 << 64) - 1))
    return different, lengths[is_new].tobytes(), firsts
