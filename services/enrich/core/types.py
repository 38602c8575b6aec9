"""What kind of thing a name is, where a word of it, the words before it or the gazetteer know better than a recogniser."""

import re

from services.enrich.core.compounds import is_acronym
from services.enrich.core.places import NamedPlace
from services.enrich.core.reading_limits import LONGEST_NAME
from services.enrich.core.spans import PLACE_TYPES, Span

# Ideologies, fears and sciences are written like names, and name nobody.
_ABSTRACT = re.compile(r"\w+(?:isms?|phobia|ology)", re.IGNORECASE)
# A common noun with a capital: which of them it is, the text does not say.
_GENERIC = frozenset(
    ["army", "cabinet", "committee", "council", "court", "government", "ministry", "navy", "parliament", "police", "senate"]
)
_LAST_WORD = re.compile(r"\w+(?=\.?$)")
_ENDS_OF_ORGANISATIONS = frozenset([
    "academy", "agency", "airlines", "airways", "alliance", "assembly", "association", "authority", "bank", "board",
    "brothers", "bureau", "club", "co", "college", "commission", "committee", "company", "confederation", "congress",
    "consortium", "corp", "corporation", "council", "court", "daily", "department", "fc", "federation", "force", "forces",
    "foundation", "front", "fund", "group", "guardian", "herald", "holdings", "inc", "industries", "institute", "insurance",
    "international", "journal", "league", "llc", "ltd", "media", "ministry", "motors", "movement", "network", "news",
    "newspapers", "newsroom", "office", "organisation", "organization", "partners", "party", "plc", "police", "post", "press",
    "rovers", "sa", "school", "securities", "senate", "services", "society", "systems", "team", "telegraph", "times",
    "tribune", "trust", "union", "united", "university", "wanderers",
])  # fmt: skip
_ENDS_OF_PLACES = frozenset([
    "airport", "avenue", "basin", "bay", "beach", "boulevard", "bridge", "canal", "canyon", "cape", "cathedral", "cemetery",
    "coast", "county", "creek", "desert", "district", "falls", "forest", "gulf", "harbor", "harbour", "heights", "highway",
    "hill", "hills", "hospital", "hotel", "island", "islands", "lake", "mosque", "motel", "mount", "mountain", "mountains",
    "ocean", "palace", "peninsula", "plateau", "port", "prison", "province", "ridge", "river", "road", "sea", "square",
    "stadium", "station", "strait", "straits", "street", "valley", "village",
])  # fmt: skip
# The town of Chatelet; the capital Dushanbe.
_SAID_TO_BE_A_PLACE = re.compile(
    r"\b(?:(?:town|city|village|province|state|district|port|region|island|suburb|county|capital) of"
    r"|town|village|capital|island|port|province|suburb) $"
)
_LONGEST_CUE = 16


def is_name(text: str, span: Span) -> bool:
    """Whether a span is more than a common noun with a capital, and no more than a name."""
    if span.end - span.start > LONGEST_NAME:
        return False
    name = text[span.start : span.end]
    if span.type == "ORG" and (_ABSTRACT.fullmatch(name) or name.lower() in _GENERIC):
        return False
    return not name.islower() or text.islower()


def judge_type(text: str, span: Span, named: NamedPlace | None) -> Span:
    """The span with the type that its words show; `named` is what the gazetteer knows by exactly this name."""
    if named:
        return span._replace(type=_type_of_place(span.type, named))
    if span.type in ("PERSON", "ORG") and _SAID_TO_BE_A_PLACE.search(text[max(0, span.start - _LONGEST_CUE) : span.start]):
        return span._replace(type="GPE")
    if span.type in ("PERSON", "PRODUCT", *PLACE_TYPES) and is_acronym(text[span.start : span.end]):
        return span._replace(type="ORG")
    last = _LAST_WORD.search(text, span.start, span.end)
    if last and last.start() > span.start:
        return span._replace(type=_type_by_last_word(span.type, last[0].lower()))
    return span


def _type_of_place(found: str, named: NamedPlace) -> str:
    """A person may be called like a city or a people, and an organisation like a small town, but nobody like a country."""
    if named.place.kind == "people":
        return found if found == "PERSON" else "NORP"
    is_meant = named.place.is_country or (named.sure and found != "PERSON")
    return "GPE" if is_meant and found not in PLACE_TYPES else found


def _type_by_last_word(found: str, last: str) -> str:
    if last in _ENDS_OF_ORGANISATIONS and (found == "PERSON" or found in PLACE_TYPES):
        return "ORG"
    return "FAC" if last in _ENDS_OF_PLACES and found in ("PERSON", "ORG") else found
