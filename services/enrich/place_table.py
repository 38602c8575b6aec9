"""All places that names may stand for, in arrays instead of objects: a tenth of the memory, and nothing for a collector to walk."""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from math import isnan, nan
from typing import Final

import ahocorasick

from services.enrich.core.places import Place, PlaceKind

#: What the length of a name may be, in characters: it shares a number with the name's meaning.
_LENGTH_BITS: Final = 8
_LONGEST_NAME: Final = (1 << _LENGTH_BITS) - 1
_KINDS: tuple[PlaceKind, ...] = ("country", "nation", "region", "city", "people")
_NO_ID: Final = 0


# The scripts that names are kept apart by: an automaton looks for the next character one after the other among all with which
# names begin, and of all scripts together these are some thousands.
_SCRIPTS = tuple(
    re.compile(f"[{characters}]")
    for characters in (
        "\u0370-\u05ff\u1f00-\u1fff",
        "\u0600-\u1eff\u2c00-\u2e7f",
        "\u2e80-\uabff\uf900-\uffff\U00010000-\U0010ffff",
        "\uac00-\uf8ff",
    )
)


class PlaceTable:
    """Names of places and what each may mean; a `services.enrich.core.places.PlaceAutomaton`.

    Aho-Corasick automata find the names, one for each script. With each name they keep a number: its length and where its
    meanings begin.
    """

    def __init__(self, names: Iterable[tuple[str, Sequence[Place]]]) -> None:
        """What each name may mean, the likeliest first. Names of more than 255 characters are left out."""
        self._kinds, self._sure = bytearray(), bytearray()
        self._countries: list[str | None] = []
        self._country_numbers, self._geonames_ids = array("H"), array("I")
        self._latitudes, self._longitudes = array("f"), array("f")
        self._starts, self._members = array("I", [0]), array("I")
        numbers: dict[Place, int] = {}
        countries: dict[str | None, int] = {}
        groups: dict[tuple[int, ...], int] = {}
        automata = [ahocorasick.Automaton(ahocorasick.STORE_INTS) for _ in range(len(_SCRIPTS) + 1)]
        for name, places in names:
            members = tuple(self._number(place, numbers, countries) for place in places)
            if members not in groups:
                groups[members] = len(groups)
                self._members.extend(members)
                self._starts.append(len(self._members))
            if 0 < len(name) <= _LONGEST_NAME:
                automata[_script_of(name[0])].add_word(name, groups[members] << _LENGTH_BITS | len(name))
        for automaton in automata:
            automaton.make_automaton()
        self._latin, self._others = automata[-1], [pair for pair in zip(_SCRIPTS, automata, strict=False) if len(pair[1])]
        self._countries = list(countries)

    def _number(self, place: Place, numbers: dict[Place, int], countries: dict[str | None, int]) -> int:
        number = numbers.get(place)
        if number is None:
            number = numbers[place] = len(numbers)
            self._kinds.append(_KINDS.index(place.kind))
            self._sure.append(place.sure)
            self._country_numbers.append(countries.setdefault(place.country, len(countries)))
            self._geonames_ids.append(place.geonames_id or _NO_ID)
            latitude, longitude = place.coordinates or (nan, nan)
            self._latitudes.append(latitude)
            self._longitudes.append(longitude)
        return number

    def iter(self, text: str, /) -> Iterator[tuple[int, int]]:
        """The last offset of every match, also of overlapping ones and those inside of a word, and the number of its name."""
        if len(self._latin):
            yield from self._latin.iter(text)
        if not text.isascii():
            for script, automaton in self._others:
                if script.search(text):
                    yield from automaton.iter(text)

    def exists(self, name: str, /) -> bool:
        """Whether a name is one of those that are looked for."""
        return any(automaton.exists(name) for automaton in (self._latin, *(other for _, other in self._others)))

    def length(self, number: int, /) -> int:
        """The length of a name in characters."""
        return number & _LONGEST_NAME

    def meanings(self, number: int, /) -> tuple[Place, ...]:
        """What a name may mean, the likeliest first."""
        group = number >> _LENGTH_BITS
        return tuple(self._place(member) for member in self._members[self._starts[group] : self._starts[group + 1]])

    def _place(self, number: int) -> Place:
        latitude, longitude = self._latitudes[number], self._longitudes[number]
        return Place(
            _KINDS[self._kinds[number]],
            self._countries[self._country_numbers[number]],
            self._geonames_ids[number] or None,
            bool(self._sure[number]),
            None if isnan(latitude) else (round(latitude, 4), round(longitude, 4)),
        )


def _script_of(character: str) -> int:
    """The place of a character's script in `_SCRIPTS`; behind them stands Latin, with what belongs to no script."""
    return next((number for number, script in enumerate(_SCRIPTS) if script.match(character)), len(_SCRIPTS))
