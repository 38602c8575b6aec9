"""Names in French: of what a recogniser saw where they begin and end, what they are, and the office before a person's name.

The recogniser's types are those of WikiNER (Nothman and others, Learning multilingual named entity recognition from Wikipedia,
2013): PER, LOC, ORG, and MISC, which is anything from a people to a film and so is left out.
"""

import re
from collections.abc import Mapping

from services.enrich.core.places import NamedPlace
from services.enrich.core.reading_limits import LONGEST_NAME
from services.enrich.core.spans import PLACE_TYPES, Span
from services.enrich.core.types import is_name

#: Ours by those of the recogniser.
TYPES = {"PER": "PERSON", "LOC": "LOC", "ORG": "ORG"}
_OUTER = " \t\n\"'“”‘’«»()[],;:-–—"  # noqa: RUF001 - these very characters
_ARTICLE = re.compile(r"(?:(?:les?|la|une?|du|des?|aux?|en|à|sur|chez)\s+|[ldLD]['’])")  # noqa: RUF001
_GREAT_ARTICLE = re.compile(r"(?:(?:Les?|La|Une?|Du|Des?|Aux?|En|À|Sur|Chez|Selon|Pour|Avec|Dans)\s+|[LD]['’])")  # noqa: RUF001
# Athènes le Premier ministre: where a person's or a place's name ends; but not Val de la Loire.
_TAIL = re.compile(
    r"(?<!\bde)(?<!\bsur)(?<!\ben)(?<!\bà)(?<!\bsous)(?<!\blès)\s+(?:les?|la|une?|qui|que|dans|pour|avec|selon|est|et|a|ont|où)\b"
)
_SMALL_WORDS = re.compile(r"(?:\s+(?!(?:de|du|des|la|le|van|von|der|den|da|di|al|el|bin|ben)\b)[^\W\d_A-ZÀ-Þ][\w'’-]*)+$")  # noqa: RUF001
_FACILITIES = frozenset([
    "aéroport", "ambassade", "autoroute", "avenue", "barrage", "basilique", "boulevard", "cathédrale", "centrale", "château",
    "cimetière", "gare", "hôpital", "hôtel", "mosquée", "musée", "palais", "parc", "pont", "port", "prison", "quai", "rue", "stade",
    "théâtre", "tour", "tunnel", "vélodrome", "zoo", "arena", "opéra", "place", "canal", "camp",
])  # fmt: skip
_ORGANISATIONS = frozenset([
    "agence", "assemblée", "association", "banque", "commission", "conseil", "comité", "cour", "fédération", "fondation",
    "institut", "ministère", "parti", "parlement", "sénat", "syndicat", "tribunal", "union", "université", "olympique", "compagnie",
    "groupe",
])  # fmt: skip
# Ministre des Finances du Sénégal: what follows is a part of the office.
_MINISTER_OF = re.compile(r"\bministre (?:[a-zà-ÿ]+ )?(?:des |de la |de l['’]|du )$")  # noqa: RUF001
_LONGEST_CUE = 40
_FIRST_WORD = re.compile(r"[^\W\d_]+")

_COURTESY = r"M\.|MM\.|Mme|Mmes|Mlle|Me|Dr|Pr|Mgr|Monsieur|Madame|Maître|Docteur|Professeure?|Monseigneur"
_OFFICE = (
    r"(?:vice-|ex-|co)?(?:présidente?|ministre|secrétaire (?:d['’]État|générale?)|chanceli(?:er|ère)|roi|reine|prince|princesse|"  # noqa: RUF001
    r"pape|cardinal|archevêque|évêque|imam|rabbin|maire|préf(?:et|ète)|députée?|eurodéputée?|sénateur|sénatrice|juge|procureure?|"
    r"avocate?|générale?|colonel|commandant|capitaine|lieutenant|amiral|maréchal|directeur|directrice|patronn?e?|gouverneure?|"
    r"commissaire|ambassadeur|ambassadrice|porte-parole|entraîneure?|sélectionneur|professeure?|docteure?|écrivaine?|cheffe?)"
)
_QUALIFIER = r"(?:(?:[Aa]ncien(?:ne)?|[Pp]remi(?:er|ère)|[Hh]aut|[Ff]utur|[Ff]uture) )*"
# Ministre français des Affaires étrangères, président de la région: an office with at most six words, and no comma between.
_ROLE = re.compile(
    rf"({_QUALIFIER}{_OFFICE}(?: [^\W\d_][\w'’-]*){{0,6}}|{_COURTESY})(?:, | )$",  # noqa: RUF001
    re.IGNORECASE,
)
_ROLE_BEGINS = re.compile(rf"(?<![\w-])(?:{_QUALIFIER}{_OFFICE}\b|{_COURTESY})", re.IGNORECASE)
_COURTESY_BEFORE = re.compile(rf"(?<!\w)(?:{_COURTESY}) $")
_KIND_OF_PLACE = re.compile(
    r"(?:ville|région|commune|province|capitale|département|quartier|village|banlieue|tribunal) (?:de la |de l['’]|de |du |d['’])"  # noqa: RUF001
)
_TITLE = re.compile(rf"(?:(?:{_COURTESY})\s+|{_QUALIFIER}{_OFFICE}\s+)+", re.IGNORECASE)
#: So far before a name an office is looked for, in characters.
_LONGEST_ROLE = 80
# A verb between an office and a name says that they are two persons: le maire a reçu Ada Lund.
_NO_COMPLEMENT = re.compile(
    r" (?:a|ont|est|sont|et|ou|que|qui|où|dit|avait|était|par|avec|pour|dans|contre|selon|sera|va|vers|chez|reçoit|accueille|"
    r"rencontre)\b"
)


def correct_french(text: str, seen: Span, known: Mapping[tuple[int, int], NamedPlace]) -> Span | None:
    """The name in what a recogniser saw, without article, title and what follows, with one of our types; None if there is none."""
    kind = TYPES.get(seen.type)
    before = text[max(0, seen.start - _LONGEST_CUE) : seen.start]
    if kind is None or _MINISTER_OF.search(before) or (text[seen.start].islower() and _ROLE_BEGINS.match(text, seen.start)):
        return None
    if _COURTESY_BEFORE.search(before):
        kind = "PERSON"
    borders = (seen.start, seen.end) if (seen.start, seen.end) in known else _tighten(text, seen, kind, known)
    span = Span(*borders, kind)
    if span.end - span.start > LONGEST_NAME or not any(map(str.isalpha, text[span.start : span.end])) or not is_name(text, span):
        return None
    named = known.get(borders)
    if named is None:
        return span._replace(type=_type_by_first_word(text, span))
    if named.place.kind == "people":
        return span if kind == "PERSON" else None
    return span._replace(type="GPE" if kind in PLACE_TYPES or named.place.is_country else kind)


def _tighten(text: str, seen: Span, kind: str, known: Mapping[tuple[int, int], NamedPlace]) -> tuple[int, int]:
    start, end = seen.start, seen.end
    while start < end and text[start] in _OUTER:
        start += 1
    if kind == "LOC" and (called := _KIND_OF_PLACE.match(text, start, end)):
        start = called.end()
    small_article, article = _ARTICLE.match(text, start, end), _GREAT_ARTICLE.match(text, start, end)
    if small_article:
        start = small_article.end()
    elif article and (kind == "PERSON" or (article.end(), end) in known):  # but Le Monde, La Poste
        start = article.end()
    if kind == "PERSON" and (title := _TITLE.match(text, start, end)) and title.end() < end:
        start = title.end()
    if kind != "ORG" and (tail := _TAIL.search(text, start + 1, end)):
        end = tail.start()
    if kind == "PERSON" and (small := _SMALL_WORDS.search(text[start:end])):
        end = start + small.start()
    while start < end and text[end - 1] in _OUTER:
        end -= 1
    return start, end


def _type_by_first_word(text: str, span: Span) -> str:
    """Of a name that the gazetteer does not know: French puts what a thing is first, as in `gare du Nord`."""
    first = _FIRST_WORD.match(text, span.start, span.end)
    word = first[0].lower() if first and first.end() < span.end else ""
    if span.type == "LOC" and word in _FACILITIES:
        return "FAC"
    return "ORG" if word in _ORGANISATIONS else span.type


def french_role(text: str, start: int, _end: int) -> str | None:
    """The office or courtesy before a name: `Premier ministre grec`, `présidente de la région`, `M.`; None without one."""
    before = text[max(0, start - _LONGEST_ROLE) : start]
    for begin in _ROLE_BEGINS.finditer(before):
        found = _ROLE.match(before, begin.start())
        if found and not _NO_COMPLEMENT.search(found[1]):
            return found[1]
    return None
