"""Corrects what a recogniser of English names gets wrong: borders, titles, and types that a word or a list knows better."""

import re
from collections.abc import Iterable, Sequence

from services.enrich.core.compounds import find_acronyms, find_elections, is_acronym, join_bodies
from services.enrich.core.places import NamedPlace
from services.enrich.core.results import find_results
from services.enrich.core.spans import KEPT_TYPES, PLACE_TYPES, Span, without_overlaps
from services.enrich.core.titles import title_length

_ARTICLE = re.compile(r"(?:the|a|an)\s+", re.IGNORECASE)
_POSSESSIVE = re.compile(r"\s?['’]s?$")
_OUTER = " \t\n\"'“”‘’«»()[],;:-–—"
# Scores, dates and telephone numbers that a table puts behind a name.
_NUMBERS = re.compile(r"(?:\s+[+(]?\d[\d.,:/%-]*(?:st|nd|rd|th)?\)?)+$")
_NUMBERED = re.compile(r"^(?:Channel|Radio|Route|Highway|Formula|Group|Area|Studio|Unit|Flight|Apollo|Article|Section)\b", re.IGNORECASE)
# What parts two names that were taken for one: a score, a dash, a bracket.
_PARTING = re.compile(r"\s+(?:\d[\d-]*|[-–—(/]|v|vs\.?|VS\.?)\s+")
_SMALL_ENDS = re.compile(r"(?:\s+(?!(?:de|al|el|bin|von|van|der|den|da|di|la|le|du)\b)[^\W\d_A-Z]+)+$")
# Ideologies, fears and sciences are written like names, and name nobody.
_ABSTRACT = re.compile(r"\w+(?:isms?|phobia|ology)$", re.IGNORECASE)
_GENERIC = frozenset(
    ["army", "navy", "ministry", "government", "parliament", "cabinet", "court", "senate", "police", "council", "committee"]
)
_LAST_WORD = re.compile(r"\w+(?=\.?$)")
_ORGANISATION_ENDS = frozenset(
    """academy agency airlines airways alliance assembly association authority bank board brothers bureau cables center-right
    club co college commission committee company confederation congress consortium corp corporation council court daily
    department federation fc force forces foundation front fund group guardian herald holdings inc industries institute
    insurance international journal league llc ltd media ministry motors movement network news newspapers newsroom office
    organisation organization partners party plc police post press rovers sa school securities senate services society
    systems team telegraph times tribune trust unicef union united university wanderers""".split()
)
_PLACE_ENDS = frozenset(
    """airport avenue basin bay beach boulevard bridge canal canyon cape cathedral cemetery coast county creek desert
    district falls forest gulf harbor harbour heights highway hill hills hospital hotel island islands lake mount mountain
    mountains mosque motel ocean palace peninsula plateau port prison province ridge river road sea square stadium station
    strait straits street valley village""".split()
)

# The town of Chatelet; the capital Dushanbe; "St Petersburg region".
_SAID_TO_BE_A_PLACE = re.compile(
    r"\b(?:(?:town|city|village|province|state|district|port|region|island|suburb|county|capital) of"
    r"|(?:town|village|capital|island|port|capital city|province|suburb))(?: of)? $"
)
_LONGEST_CUE = 24


def tighten(text: str, span: Span) -> Span | None:
    """The span without article, title, possessive, numbers, quotation marks and blanks; nothing if no name is left."""
    start, end = span.start, span.end
    while start < end and text[start] in _OUTER:
        start += 1
    article = _ARTICLE.match(text, start, end)
    if article:
        start = article.end()
    trimmed = 0
    while trimmed != end:
        trimmed = end
        while start < end and text[end - 1] in _OUTER:
            end -= 1
        for pattern in (_POSSESSIVE, _SMALL_ENDS, _NUMBERS):
            found = pattern.search(text[start:end])
            if found and not (pattern is _NUMBERS and _NUMBERED.match(text, start)):
                end = start + found.start()
    if span.type == "PERSON":
        start += title_length(text[start:end])
    return Span(start, end, span.type) if any(character.isalpha() for character in text[start:end]) else None


def split(text: str, span: Span) -> Iterable[Span]:
    """The one or more names in a span: `Borac 1 Mladost`, `SOCCER - BARATELLI` and `Quigley ( USA` are two."""
    if span.type not in ("PERSON", "ORG", "GPE", "LOC"):
        yield span
        return
    start = span.start
    for found in _PARTING.finditer(text, span.start, span.end):
        slug = "-" in found[0] and text[start : found.start()].isupper() and text[found.end() : span.end].isupper()
        if not slug:  # "CRICKET - ENGLAND BEAT ..."
            yield Span(start, found.start(), span.type)
        start = found.end()
    yield Span(start, span.end, span.type)


def is_name(text: str, span: Span) -> bool:
    """Whether a span is more than a common noun with a capital."""
    name = text[span.start : span.end]
    if span.type != "ORG":
        return not name.islower() or text.islower()
    return not (_ABSTRACT.fullmatch(name) or name.lower() in _GENERIC)


def refine_spans(text: str, raw: Sequence[Span], places: Sequence[NamedPlace]) -> list[Span]:
    """The names in a text: the recogniser's, corrected, and the sure places that it overlooked."""
    known = {(place.start, place.end): place for place in places}
    countries = {text[place.start : place.end] for place in places if place.place.kind == "country"}
    results = [*_guests(text, places), *find_results(text, countries.__contains__)]
    parts = (part for span in raw if span.type in KEPT_TYPES for part in split(text, span))
    tight = (span if (span.start, span.end) in known else tighten(text, span) for span in parts)
    spans = [_retyped(text, span, known.get((span.start, span.end))) for span in tight if span and is_name(text, span)]
    found = find_sure_places(places)
    spans = without_overlaps([*find_elections(text), *results, *spans, *found])
    spans = join_bodies(text, spans)
    spans = without_overlaps([*find_acronyms(text, spans), *spans])
    return [span for span in spans if not _is_compound(text, span)]


def find_sure_places(places: Sequence[NamedPlace]) -> list[Span]:
    """The places that are meant, whatever else the text says."""
    return [Span(place.start, place.end, "GPE") for place in places if place.sure and place.place.kind != "people"]


def find_places_only(text: str, places: Sequence[NamedPlace]) -> list[Span]:
    """The names in a text of a language without a model: sure places, but no city that seems to be a first name.

    `Владимир` before another word with a capital is a person more often than the city.
    """
    cities = {(place.start, place.end) for place in places if place.place.kind == "city"}
    places_begin = {place.start for place in places}
    return [
        span
        for span in find_sure_places(places)
        if (span.start, span.end) not in cities
        or not text[span.end + 1 : span.end + 2].isupper()
        or span.end + 1 in places_begin
    ]


def _guests(text: str, places: Sequence[NamedPlace]) -> list[Span]:
    """The teams of a fixture list, `BOSTON AT OAKLAND`: the first is a team, the second where it plays."""
    pairs = zip(places, places[1:], strict=False)
    guests = [pair for pair in pairs if text[pair[0].end : pair[1].start] == " AT "]
    return [
        span
        for guest, host in guests
        for span in (Span(guest.start, guest.end, "ORG"), Span(host.start, host.end, "GPE"))
    ]


def _is_compound(text: str, span: Span) -> bool:
    """Whether a place is only the first part of an adjective, such as `Boston-based`."""
    return span.type in PLACE_TYPES and bool(re.match(r"-[a-z]", text[span.end : span.end + 2]))


def _retyped(text: str, span: Span, named: NamedPlace | None) -> Span:
    if named:
        if named.place.kind == "people":
            return span if span.type == "PERSON" else span._replace(type="NORP")
        if span.type not in PLACE_TYPES and (named.place.kind == "country" or (named.sure and span.type != "PERSON")):
            return span._replace(type="GPE")
        return span
    if is_acronym(text[span.start : span.end]) and not text.isupper() and span.type in ("PERSON", "GPE", "LOC", "PRODUCT", "FAC"):
        return span._replace(type="ORG")
    if span.type in ("PERSON", "ORG") and _SAID_TO_BE_A_PLACE.search(text[max(0, span.start - _LONGEST_CUE) : span.start]):
        return span._replace(type="GPE")
    last = _LAST_WORD.search(text, span.start, span.end)
    if last and last.start() > span.start:
        if last[0].lower() in _ORGANISATION_ENDS and span.type in ("PERSON", "GPE", "LOC", "FAC"):
            return span._replace(type="ORG")
        if last[0].lower() in _PLACE_ENDS and span.type in ("PERSON", "ORG"):
            return span._replace(type="FAC")
    return span
