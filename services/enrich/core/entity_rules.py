"""From what a recogniser saw in one text to the names in it: each rule stands in a module of its own, here is their order."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from services.enrich.core.borders import part, tighten
from services.enrich.core.compounds import find_acronyms, find_elections, join_bodies
from services.enrich.core.places import NamedPlace
from services.enrich.core.results import find_results
from services.enrich.core.spans import KEPT_TYPES, PLACE_TYPES, Span, without_overlaps
from services.enrich.core.types import is_name, judge_type


def refine_spans(text: str, raw: Sequence[Span], places: Sequence[NamedPlace]) -> list[Span]:
    """The names in an English text, in their order.

    Args:
        text: As it was published.
        raw: What a recogniser of English found in it.
        places: What the gazetteer found in it.

    Returns:
        First what notation makes certain (elections, results), then what the recogniser saw, corrected, then the places that
        it overlooked, if their name alone is enough; where they overlap, the earlier kind stays.
    """
    countries = {text[named.start : named.end] for named in places if named.place.is_country}
    certain = [*find_elections(text), *find_guests(text, places), *find_results(text, countries.__contains__)]
    overlooked = _spans_of(named for named in places if named.place.sure)
    spans = without_overlaps([*certain, *_correct(text, raw, places), *overlooked])
    spans = join_bodies(text, spans)
    spans = without_overlaps([*find_acronyms(text, spans), *spans])
    return [span for span in spans if not _is_compound(text, span)]


def _correct(text: str, raw: Iterable[Span], places: Sequence[NamedPlace]) -> list[Span]:
    """The recogniser's spans with the right borders and types, without those that are no names."""
    known = {(named.start, named.end): named for named in places}
    parts = (piece for span in raw if span.type in KEPT_TYPES for piece in part(text, span))
    tight = (span if (span.start, span.end) in known else tighten(text, span) for span in parts)
    return [judge_type(text, span, known.get((span.start, span.end))) for span in tight if span and is_name(text, span)]


def find_places_only(text: str, places: Sequence[NamedPlace]) -> list[Span]:
    """The names in a text of a language without a model: sure places, but no city that seems to be a first name.

    `Владимир` before another word with a capital is a person more often than the city.
    """
    begins = {named.start for named in places}
    return _spans_of(
        named
        for named in places
        if named.sure
        and (named.place.kind != "city" or named.end + 1 in begins or not text[named.end + 1 : named.end + 2].isupper())
    )


def _spans_of(places: Iterable[NamedPlace]) -> list[Span]:
    return [Span(named.start, named.end, "GPE") for named in places if named.place.kind != "people"]


def find_guests(text: str, places: Sequence[NamedPlace]) -> list[Span]:
    """The teams of a list of fixtures, `BOSTON AT OAKLAND`: the first is a team, the second is where it plays."""
    pairs = [pair for pair in pairwise(places) if text[pair[0].end : pair[1].start] == " AT "]
    guests = [Span(guest.start, guest.end, "ORG") for guest, _ in pairs]
    return guests + [Span(host.start, host.end, "GPE") for _, host in pairs]


def _is_compound(text: str, span: Span) -> bool:
    """Whether a place is only the first part of an adjective, such as `Boston-based`."""
    return span.type in PLACE_TYPES and bool(re.match(r"-[a-z]", text[span.end : span.end + 2]))
