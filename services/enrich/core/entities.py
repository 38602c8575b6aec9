"""From raw spans to the entities of an article, with every mention where the published text has it."""

from collections.abc import Mapping, Sequence

from services.enrich.core.capitals import title_capitals
from services.enrich.core.entity_rules import find_places_only, refine_spans
from services.enrich.core.folding import NamedMention, fold_mentions, full_name
from services.enrich.core.known_names import spread_names
from services.enrich.core.places import NamedPlace, Place, PlaceAutomaton, countries_of, find_possible_places, locate
from services.enrich.core.spans import Field, Span
from shared.articles import Entity, Mention


def build_entities(
    texts: Mapping[Field, str], raw: Mapping[Field, Sequence[Span]] | None, gazetteer: PlaceAutomaton
) -> tuple[Entity, ...]:
    """Who, what and where an article names.

    Args:
        texts: The text of each field.
        raw: What a recogniser found in each field; None if there is none for the language, then only places are found.
        gazetteer: Names of places.

    Returns:
        Those named most often first; equally often, those named first.
    """
    places = _places_of(texts, gazetteer)
    mentions: list[NamedMention] = []
    located: dict[tuple[Field, int, int], NamedPlace] = {}
    spans: Mapping[Field, Sequence[Span]]
    if raw:
        spans = spread_names(texts, {field: refine_spans(text, raw[field], places[field]) for field, text in texts.items()})
    else:
        spans = {field: find_places_only(text, places[field]) for field, text in texts.items()}
    for field, text in texts.items():
        mentions += [NamedMention(field, start, end, text[start:end], kind) for start, end, kind in spans[field]]
        located.update({(field, place.start, place.end): place for place in places[field]})
    entities = [_entity(kind, group, located) for kind, group in fold_mentions(mentions)]
    return tuple(sorted(entities, key=lambda entity: -entity.count))


def _places_of(texts: Mapping[Field, str], gazetteer: PlaceAutomaton) -> dict[Field, list[NamedPlace]]:
    """The places of each field; a country that one field names tells the cities of the other apart."""
    names = {field: find_possible_places(title_capitals(text), gazetteer) for field, text in texts.items()}
    countries = countries_of(name for found in names.values() for name in found)
    return {field: [locate(name, countries) for name in found] for field, found in names.items()}


def _entity(kind: str, group: Sequence[NamedMention], located: Mapping[tuple[Field, int, int], NamedPlace]) -> Entity:
    found = (located.get((mention.field, mention.start, mention.end)) for mention in group)
    place = next((named.place for named in found if named and _suits(named.place, kind)), None)
    return Entity(
        type=kind,
        name=full_name(group),
        count=len(group),
        mentions=tuple(Mention(field=m.field, start=m.start, end=m.end) for m in group),
        country=place.country if place else None,
        geonames_id=place.geonames_id if place else None,
    )


def _suits(place: Place, kind: str) -> bool:
    """Whether an entity of this type can be that place: a landscape is no town of its name."""
    return place.kind != "people" and (kind == "GPE" or (kind == "LOC" and place.kind == "region"))
