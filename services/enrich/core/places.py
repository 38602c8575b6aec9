"""Finds countries and cities by their names, in every script: what is left to readers whose language no model knows.

The names come from GeoNames (CC BY 4.0) and from Unicode CLDR, built once into an Aho-Corasick automaton by the shell.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Literal, NamedTuple, Protocol

#: A nation is a country within a state, as Scotland is.
PlaceKind = Literal["country", "nation", "region", "city", "people"]


class Place(NamedTuple):
    """What a name may stand for. A `sure` name stands for it anywhere, the others only where their country is named too.

    `country` is an ISO 3166-1 code; `coordinates` are latitude and longitude in degrees.
    """

    kind: PlaceKind
    country: str | None
    geonames_id: int | None
    sure: bool = True
    coordinates: tuple[float, float] | None = None

    @property
    def is_country(self) -> bool:
        """Whether news speaks of it as of a country."""
        return self.kind in ("country", "nation")


class NamedPlace(NamedTuple):
    """Where a text names a place: code-point offsets, `end` exclusive; `sure` if nothing else in the text must say so."""

    start: int
    end: int
    place: Place
    sure: bool


class PlaceAutomaton(Protocol):
    """What finds names of places: an Aho-Corasick automaton, which gives each name as a number, and what the numbers mean."""

    def iter(self, text: str, /) -> Iterable[tuple[int, int]]:
        """The last offset of every match, also of overlapping ones and those inside of a word, and the number of its name."""

    def length(self, number: int, /) -> int:
        """The length of a name in characters."""

    def meanings(self, number: int, /) -> tuple[Place, ...]:
        """What a name may mean, the likeliest first; at least one place."""

    def exists(self, name: str, /) -> bool:
        """Whether a name is one of those that are looked for."""


#: Cities that are common words, months, first names or surnames when written with a capital: only beside their country.
COMMON_WORDS = frozenset([
    "Aberdeen", "Advance", "Alexandria", "Alice", "Anderson", "Angel", "Antony", "Apple", "April", "Asia", "Augusta",
    "Aurora", "Austin", "Badger", "Ball", "Bar", "Bath", "Beaver", "Bell", "Benson", "Best", "Bird", "Boom", "Bridge",
    "Bright", "Brook", "Buckeye", "Bury", "Camp", "Carson", "Central", "Chad", "Chester", "Church", "Clay", "Clifton",
    "Clinton", "Columbus", "Cork", "Corner", "Creek", "Crewe", "Crosby", "Crystal", "Dallas", "Darwin", "Date", "Davis",
    "Deal", "Derby", "Diamond", "Douglas", "Dover", "Ely", "Enterprise", "Essen", "Euclid", "Eugene", "Florence", "Forest",
    "Franklin", "Friendly", "Garden", "Gary", "George", "Georgia", "Golden", "Grant", "Grays", "Green", "Hale", "Hall", "Ham",
    "Harper", "Harrison", "Harvey", "Henderson", "Hercules", "Hill", "Hilton", "Holland", "Hope", "Houston", "Howard", "Hull",
    "Hurst", "Independence", "Irving", "Jackson", "Jena", "Johnson", "Johnston", "Jordan", "Kent", "Kerry", "Kingston",
    "Lagos", "Lake", "Lancaster", "Laurel", "Lebanon", "Lee", "Liberty", "Lima", "Lincoln", "Logan", "Long", "Love", "Lucky",
    "Madison", "Major", "Male", "Man", "Mandy", "March", "Marion", "Martin", "Mason", "Maxwell", "May", "Merced", "Mercedes",
    "Merit", "Mesa", "Midland", "Milan", "Miller", "Mobile", "Montgomery", "Moore", "Most", "Mount", "Nancy", "Nelson",
    "Nice", "Normal", "Norman", "Of", "Opportunity", "Orange", "Oxford", "Palm", "Paradise", "Parker", "Parole", "Patterson",
    "Pearl", "Pemberton", "Perry", "Plano", "Police", "Poole", "Progress", "Protection", "Providence", "Reading", "Regina",
    "Rhodes", "Richmond", "Riga", "River", "Roman", "Rome", "Roy", "Sale", "Same", "Sanford", "Santa", "Sidney", "Sidon",
    "Sing", "Sky", "Spencer", "Split", "Spring", "Springs", "Stafford", "Star", "Stone", "Strand", "Sun", "Sunrise",
    "Surprise", "Taylor", "Temple", "Tours", "Troy", "Union", "Van", "Vernon", "Victor", "Victoria", "Vincent", "Vista",
    "Wade", "Warren", "Washington", "Waterloo", "Wayne", "Webster", "Wells", "Wesley", "West", "Wilson", "Wood", "Worth",
    "York",
])  # fmt: skip


# Written without blanks between words: what stands next to a name says nothing.
_SCRIPTS_WITHOUT_BLANKS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
# Prepositions and articles that Arabic and Hebrew write as one letter of the next word.
_ATTACHED_BEFORE = frozenset("ولبفكבלמהושכ")
_LETTER_OR_MARK = re.compile(r"\w")


def _has_no_blanks(character: str) -> bool:
    return character > "\u0dff" and unicodedata.name(character, "").startswith(_SCRIPTS_WITHOUT_BLANKS)


def _is_hangul(character: str) -> bool:
    return "\uac00" <= character <= "\ud7a3"


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a name is a word of its own, as far as its script tells."""
    if _has_no_blanks(text[start]):
        return True
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    begins = not _LETTER_OR_MARK.match(before) or (
        before in _ATTACHED_BEFORE and (start == 1 or not _LETTER_OR_MARK.match(text[start - 2]))
    )
    # Korean writes its particles behind the name without a blank.
    ends = not _LETTER_OR_MARK.match(after) or _is_hangul(text[end - 1])
    return begins and ends


class PossiblePlace(NamedTuple):
    """A name in a text, and the places that are called so."""

    start: int
    end: int
    candidates: tuple[Place, ...]


def find_possible_places(text: str, automaton: PlaceAutomaton) -> list[PossiblePlace]:
    """Every name of places in a text, in its order, the longest one where names overlap."""
    matches = [(last + 1 - automaton.length(number), -last, number) for last, number in automaton.iter(text)]
    longest: list[PossiblePlace] = []
    for start, minus_last, number in sorted(matches):
        end = 1 - minus_last
        if (not longest or start >= longest[-1].end) and _stands_alone(text, start, end):
            longest.append(PossiblePlace(start, end, automaton.meanings(number)))
    return longest


def countries_of(names: Iterable[PossiblePlace]) -> frozenset[str]:
    """The ISO codes of the countries that are named."""
    first = (name.candidates[0] for name in names)
    return frozenset(place.country for place in first if place.is_country and place.country)


def locate(name: PossiblePlace, countries: frozenset[str]) -> NamedPlace:
    """Which place of several is meant: the one in a country that the article names, else the first, which is the largest."""
    for place in name.candidates:
        if place.country in countries and place.kind != "people":
            return NamedPlace(name.start, name.end, place, sure=True)
    return NamedPlace(name.start, name.end, name.candidates[0], name.candidates[0].sure)


def locate_all(text: str, names: Sequence[PossiblePlace], countries: frozenset[str]) -> list[NamedPlace]:
    """Which place each name means; `Paris, Texas` lies in the country of Texas, whatever other countries are named."""
    return [
        locate(name, _country_behind(text, name, following) or countries)
        for name, following in zip_longest(names, names[1:])
        if name
    ]


def _country_behind(text: str, name: PossiblePlace, following: PossiblePlace | None) -> frozenset[str]:
    """The country that a name is followed by after a comma, if there is a place of the name in it."""
    if following is None or text[name.end : following.start] != ", ":
        return frozenset()
    area = following.candidates[0]
    is_there = area.kind in ("country", "nation", "region") and any(place.country == area.country for place in name.candidates)
    return frozenset({area.country}) if is_there and area.country else frozenset()


def find_places(text: str, automaton: PlaceAutomaton) -> list[NamedPlace]:
    """Every place that a text may name, in its order, each told apart by the countries that the text names."""
    names = find_possible_places(text, automaton)
    countries = countries_of(names)
    return locate_all(text, names, countries)
