"""How a language other than English writes names: what becomes there of what its recogniser saw, and where roles stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.enrich.core.entity_rules import find_places_only
from services.enrich.core.french_names import correct_french, french_role
from services.enrich.core.japanese_names import correct_japanese, japanese_role, stands_alone, widen_japanese
from services.enrich.core.places import NamedPlace
from services.enrich.core.spans import Field, Span, without_overlaps

#: What the gazetteer knows of a text, by borders.
KnownPlaces = Mapping[tuple[int, int], NamedPlace]


def _as_they_are(_text: str, places: Sequence[NamedPlace]) -> Sequence[NamedPlace]:
    return places


def _always(_text: str, _named: NamedPlace) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Customs:
    """The rules of one language.

    `correct` makes of a stretch as the recogniser saw it, with a type of the recogniser's own, the name in it with one of ours;
    None where there is none. `role` tells by a name's borders what the person is said to be. `widen` gives places the borders that
    names have there; `stands_alone` tells of a place that the recogniser did not see whether it is more than a part of a word.
    `has_blanks` says whether words are parted by blanks.
    """

    correct: Callable[[str, Span, KnownPlaces], Span | None]
    role: Callable[[str, int, int], str | None]
    widen: Callable[[str, Sequence[NamedPlace]], Sequence[NamedPlace]] = _as_they_are
    stands_alone: Callable[[str, NamedPlace], bool] = _always
    has_blanks: bool = True


def retype_surnames(texts: Mapping[Field, str], spans: Mapping[Field, Sequence[Span]]) -> dict[Field, list[Span]]:
    """The spans, in which the surname of a person of the article is a person, also where the recogniser saw something else."""
    persons = [texts[field][span.start : span.end].split() for field in spans for span in spans[field] if span.type == "PERSON"]
    surnames = {words[-1] for words in persons if len(words) > 1}
    return {
        field: [
            s._replace(type="PERSON") if s.type in ("LOC", "ORG") and texts[field][s.start : s.end] in surnames else s
            for s in found
        ]
        for field, found in spans.items()
    }


CUSTOMS: Mapping[str, Customs] = {
    "fr": Customs(correct_french, french_role),
    "ja": Customs(correct_japanese, japanese_role, widen_japanese, stands_alone, has_blanks=False),
}


def refine_by_customs(text: str, raw: Sequence[Span], places: Sequence[NamedPlace], customs: Customs) -> list[Span]:
    """The names in a text, in their order: what the recogniser saw, corrected, then the places that it overlooked.

    Args:
        text: As it was published.
        raw: What a recogniser of the language found in it.
        places: What the gazetteer found in it.
        customs: Of the language.
    """
    known = {(named.start, named.end): named for named in places}
    alone = [named for named in places if customs.stands_alone(text, named)]
    corrected = (customs.correct(text, seen, known) for seen in raw)
    return without_overlaps([*filter(None, corrected), *find_places_only(text, alone)])
