"""Tells for a person where each name of an article came from, and what became of what is no name: a second look at the first one.

The rules say what they make of a text, not why; so each is asked again here, and the answers are compared. Nothing of this runs
for an article of the stream.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.enrich.core.borders import part, tighten
from services.enrich.core.compounds import find_acronyms, find_elections
from services.enrich.core.entities import PlacesOf, SpansOf
from services.enrich.core.entity_rules import find_guests
from services.enrich.core.name_customs import Customs
from services.enrich.core.places import NamedPlace
from services.enrich.core.results import find_results
from services.enrich.core.spans import KEPT_TYPES, PLACE_TYPES, Field, Span
from services.enrich.core.types import is_name, judge_type


@dataclass(frozen=True, slots=True)
class Origin:
    """A stretch of text, the type it was given (None if it is no name) and the reason."""

    field: Field
    start: int
    end: int
    text: str
    type: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks of one field: rules with what they find, the recogniser's names (None where there is none) with what it saw."""

    text: str
    rules: Mapping[str, Container[Span]]
    seen: Sequence[tuple[Span | None, Span, NamedPlace | None]]
    known: Mapping[tuple[int, int], NamedPlace]


def trace_names(
    texts: Mapping[Field, str], raw: SpansOf | None, places: PlacesOf, final: SpansOf, customs: Customs | None = None
) -> list[Origin]:
    """Every name with what found it, in order of the text.

    Args:
        texts: The text of each field.
        raw: What the recogniser saw; None where there is none for the language.
        places: What the gazetteer knows.
        final: The names that came out of these.
        customs: How the recogniser's language writes names; None for English.
    """
    origins: list[Origin] = []
    for field, text in texts.items():
        evidence = _gather(text, raw[field] if raw else None, places[field], final[field], customs)
        origins += [
            Origin(field, span.start, span.end, text[span.start : span.end], span.type, _reason(span, evidence))
            for span in final[field]
        ]
    return origins


def _gather(
    text: str, raw: Sequence[Span] | None, places: Sequence[NamedPlace], final: Sequence[Span], customs: Customs | None
) -> _Evidence:
    known = {(named.start, named.end): named for named in places}
    if raw is None:
        return _Evidence(text, {}, (), known)
    if customs:
        return _Evidence(text, {}, list(_corrected(text, raw, known, customs)), known)
    countries = {text[named.start : named.end] for named in places if named.place.is_country}
    rules = {
        "rule: an election is named by its year": frozenset(find_elections(text)),
        "rule: a list of fixtures": frozenset(find_guests(text, places)),
        "rule: the notation of results": frozenset(find_results(text, countries.__contains__)),
        "rule: the short form, in brackets, of the organisation before it": frozenset(find_acronyms(text, final)),
    }
    return _Evidence(text, rules, list(_corrected(text, raw, known, None)), known)


def _reason(span: Span, evidence: _Evidence) -> str:
    for rule, found in evidence.rules.items():
        if span in found:
            return rule
    text, borders = evidence.text, (span.start, span.end)
    for piece, seen, named in evidence.seen:
        if piece and (piece.start, piece.end) == borders:
            return _seen_by_model(text, seen, piece, named, span)
    if borders in evidence.known:
        return f"gazetteer: {describe_place(evidence.known[borders])}"
    inside = [seen for piece, seen, _ in evidence.seen if piece and span.start <= piece.start and piece.end <= span.end]
    if inside:
        return f"rule: one body of {' and '.join(repr(text[seen.start : seen.end]) for seen in inside)}"
    return "known by this name elsewhere in the article"


def _corrected(
    text: str, raw: Sequence[Span], known: Mapping[tuple[int, int], NamedPlace], customs: Customs | None
) -> Iterator[tuple[Span | None, Span, NamedPlace | None]]:
    """Each name in what the recogniser saw (None if there is none), what it saw, and what the gazetteer knows by that name."""
    for seen in raw:
        if customs:
            name = customs.correct(text, seen, known)
            yield name, seen, known.get((name.start, name.end)) if name else None
            continue
        if seen.type not in KEPT_TYPES:
            continue
        for piece in part(text, seen):
            tight = piece if (piece.start, piece.end) in known else tighten(text, piece)
            if tight is None or not is_name(text, tight):
                yield None, seen, None
                continue
            named = known.get((tight.start, tight.end))
            yield judge_type(text, tight, named), seen, named


def _seen_by_model(text: str, seen: Span, piece: Span, named: NamedPlace | None, span: Span) -> str:
    steps = [f"model: saw {text[seen.start : seen.end]!r} as {seen.type}"]
    if (seen.start, seen.end) != (piece.start, piece.end):
        steps.append("borders: no article, title, possessive, number or second name belongs to it")
    if piece.type != seen.type:
        steps.append(f"type: {piece.type} because {_cause_of_type(seen, piece, named)}")
    if span.type != piece.type:
        steps.append(f"type: {span.type} because that is what its other mentions are")
    return "; ".join(steps)


def _cause_of_type(seen: Span, piece: Span, named: NamedPlace | None) -> str:
    is_own_type = seen.type not in KEPT_TYPES  # as PER and Corporation_Other are
    if named and not (is_own_type and piece.type not in PLACE_TYPES):
        return f"the gazetteer knows it: {describe_place(named)}"
    if is_own_type:
        return "that is what the model's type says, or the first or last word of the name"
    return "of its last word, its capitals or the words before it"


def describe_place(named: NamedPlace) -> str:
    """What a place is, in words: `city in PK, GeoNames 1176615`."""
    place = named.place
    where = f" in {place.country}" if place.country and place.kind != "country" else f" {place.country}" if place.country else ""
    return f"{place.kind}{where}" + (f", GeoNames {place.geonames_id}" if place.geonames_id else "")


def trace_dropped(
    texts: Mapping[Field, str], raw: SpansOf | None, places: PlacesOf, final: SpansOf, customs: Customs | None = None
) -> list[Origin]:
    """What the recogniser saw or the gazetteer knows, and is no name of the article after all."""
    dropped = []
    for field, text in texts.items():
        known = {(named.start, named.end): named for named in places[field]}
        for span in raw[field] if raw else ():
            if not _touches(span, final[field]):
                reason = f"model: saw {span.type}; {_why_no_name(text, span, known, customs)}"
                dropped.append(Origin(field, span.start, span.end, text[span.start : span.end], None, reason))
        for named in places[field]:
            if not any(span.start <= named.start and named.end <= span.end for span in final[field]):
                reason = f"gazetteer: {describe_place(named)}; {_why_no_place(text, named, has_model=bool(raw))}"
                dropped.append(Origin(field, named.start, named.end, text[named.start : named.end], None, reason))
    return dropped


def _touches(span: Span, others: Sequence[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def _why_no_name(text: str, span: Span, known: Mapping[tuple[int, int], NamedPlace], customs: Customs | None) -> str:
    if customs:
        return "types of this kind are not kept, or nothing is left of it without article, title and brackets"
    if span.type not in KEPT_TYPES:
        return "dates, numbers and sums are not kept"
    if any(piece for piece, _, _ in _corrected(text, [span], known, None)):
        return "only a part of a compound such as 'Vienna-based'"
    return "no name: a common noun, an idea, or nothing is left of it without title and numbers"


def _why_no_place(text: str, named: NamedPlace, *, has_model: bool) -> str:
    if named.place.kind == "people":
        return "a people is no place, and no model saw a name in it"
    if text[named.end : named.end + 1] == "-":
        return "only a part of a compound such as 'Vienna-based'"
    if not named.sure:
        return "a small place or a common word, and no country of its name is in the article"
    if has_model:
        return "a small place or a common word, and the model saw no name in it"
    return "it seems to be a first name, since another word with a capital follows"
