"""Finds countries and cities by their names, in every script: what is left to readers whose language no model knows.

The names come from GeoNames (CC BY 4.0) and from Unicode CLDR, built once into a table by the shell.
"""

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


class PlaceFinder(Protocol):
    """What finds names of places, gives each as a number, and knows what the numbers mean."""

    def find(self, text: str, /) -> Iterable[tuple[int, int, int]]:
        """Where names stand as words of their own, as far as their script tells: start, end and number of each.

        They are in order of the text; of those that begin together the longest is first.
        """

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


class PossiblePlace(NamedTuple):
    """A name in a text, and the places that are called so."""

    start: int
    end: int
    candidates: tuple[Place, ...]


def find_possible_places(text: str, finder: PlaceFinder) -> list[PossiblePlace]:
    """Every name of places in a text, in its order, the first and longest one where names overlap."""
    chosen: list[PossiblePlace] = []
    for start, end, number in finder.find(text):
        if not chosen or start >= chosen[-1].end:
            chosen.append(PossiblePlace(start, end, finder.meanings(number)))
    return chosen


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
