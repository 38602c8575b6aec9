"""From raw spans to the entities of an article, with every mention where the published text has it."""

from collections.abc import Callable, Mapping, Sequence

from services.enrich.core.capitals import title_capitals
from services.enrich.core.entity_rules import find_places_only, refine_spans
from services.enrich.core.folding import NamedMention, fold_mentions, full_name
from services.enrich.core.identity import identify
from services.enrich.core.known_names import spread_names
from services.enrich.core.name_customs import Customs, refine_by_customs, retype_surnames
from services.enrich.core.places import NamedPlace, Place, PlaceFinder, countries_of, find_possible_places, locate_all
from services.enrich.core.roles import choose_role, role_before
from services.enrich.core.salience import measure_salience
from services.enrich.core.spans import Field, Span
from shared.articles import Entity, Mention

#: What the gazetteer found in each field, and what was made of a recogniser's spans.
PlacesOf = Mapping[Field, Sequence[NamedPlace]]
SpansOf = Mapping[Field, Sequence[Span]]


def build_entities(
    texts: Mapping[Field, str], raw: SpansOf | None, gazetteer: PlaceFinder, customs: Customs | None = None
) -> tuple[Entity, ...]:
    """Who, what and where an article names.

    Args:
        texts: The text of each field.
        raw: What a recogniser found in each field; None if there is none for the language, then only places are found.
        gazetteer: Names of places.
        customs: How the recogniser's language writes names; None for English, and where there is no recogniser.

    Returns:
        Those named most often first; equally often, those named first.
    """
    places = locate_places(texts, gazetteer, customs)
    return describe_entities(texts, find_names(texts, raw, places, customs), places, customs)


def locate_places(
    texts: Mapping[Field, str], gazetteer: PlaceFinder, customs: Customs | None = None
) -> dict[Field, Sequence[NamedPlace]]:
    """The places of each field; a country that one field names tells the cities of the other apart."""
    names = {field: find_possible_places(title_capitals(text), gazetteer) for field, text in texts.items()}
    countries = frozenset[str]().union(*(countries_of(found) for found in names.values()))
    located = {field: locate_all(texts[field], found, countries) for field, found in names.items()}
    return {field: customs.widen(texts[field], found) if customs else found for field, found in located.items()}


def find_names(
    texts: Mapping[Field, str], raw: SpansOf | None, places: PlacesOf, customs: Customs | None = None
) -> dict[Field, list[Span]]:
    """The names in each field: what a recogniser found, corrected, and what is known besides; without one, places only."""
    if raw and customs:
        refined = {field: refine_by_customs(text, raw[field], places[field], customs) for field, text in texts.items()}
        refined = retype_surnames(texts, refined)
        return spread_names(texts, refined, has_blanks=customs.has_blanks)
    if raw:
        return spread_names(texts, {field: refine_spans(text, raw[field], places[field]) for field, text in texts.items()})
    return {field: find_places_only(text, places[field]) for field, text in texts.items()}


def describe_entities(
    texts: Mapping[Field, str], spans: SpansOf, places: PlacesOf, customs: Customs | None = None
) -> tuple[Entity, ...]:
    """The entities that names stand for; names of one person, and of one place of GeoNames, are of one entity."""
    mentions = [
        NamedMention(field, start, end, texts[field][start:end], kind) for field in texts for start, end, kind in spans[field]
    ]
    located = {(field, place.start, place.end): place for field in texts for place in places[field]}
    groups: dict[str, tuple[str, list[NamedMention], Place | None]] = {}
    for number, (kind, group) in enumerate(fold_mentions(mentions)):
        place = _place_of(kind, group, located)
        key = f"{kind} {identify(kind, '', place)}" if place and place.geonames_id else str(number)
        groups.setdefault(key, (kind, [], place))[1].extend(group)
    most = max((len(group) for _, group, _ in groups.values()), default=0)
    role_of = customs.role if customs else _english_role
    entities = [_entity((kind, group, place), texts, most, role_of) for kind, group, place in groups.values()]
    return tuple(sorted(entities, key=lambda entity: -entity.count))


def _place_of(kind: str, group: Sequence[NamedMention], located: Mapping[tuple[Field, int, int], NamedPlace]) -> Place | None:
    found = (located.get((mention.field, mention.start, mention.end)) for mention in group)
    return next((named.place for named in found if named and _suits(named.place, kind)), None)


def _english_role(text: str, start: int, _end: int) -> str | None:
    return role_before(text, start)


def _entity(
    named: tuple[str, list[NamedMention], Place | None],
    texts: Mapping[Field, str],
    most: int,
    role_of: Callable[[str, int, int], str | None],
) -> Entity:
    kind, group, place = named
    group.sort(key=lambda mention: (mention.field != "headline", mention.start))
    name = full_name(group)
    roles = (role_of(texts[m.field], m.start, m.end) for m in group) if kind == "PERSON" else ()
    latitude, longitude = (place and place.geonames_id and place.coordinates) or (None, None)
    return Entity(
        type=kind,
        name=name,
        count=len(group),
        mentions=tuple(Mention(field=m.field, start=m.start, end=m.end) for m in group),
        country=place.country if place else None,
        geonames_id=place.geonames_id if place else None,
        entity_id=identify(kind, name, place),
        role=choose_role(filter(None, roles)),
        salience=measure_salience([(m.field, m.start) for m in group], {f: len(text) for f, text in texts.items()}, most),
        latitude=latitude,
        longitude=longitude,
    )


def _suits(place: Place, kind: str) -> bool:
    """Whether an entity of this type can be that place: a landscape is no town of its name."""
    return place.kind != "people" and (kind == "GPE" or (kind == "LOC" and place.kind == "region"))
