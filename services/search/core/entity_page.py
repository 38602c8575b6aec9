"""What is known of somebody or something that articles name: the articles, its names, who else is named in them.

Before this: `services.search.entity_pages`, which asks. After it: `entity.html`, which shows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.search.core.answers import ArticleSummary, Hit
from services.search.core.cursors import Place, build_cursor, parse_cursor
from services.search.core.queries import BY_DATE, IS_PUBLISHED, MOST_COUNTED, SUMMARY_FIELDS, Body, build_highlight
from services.search.core.results import Json, parse_hits, parse_summaries

LONGEST_ENTITY_ID = 64
_PLACE = (int, str)
_NAMES = 6
_TOGETHER = 14
_POPULAR = 5
_ROLES = 3
_VALUES = 8
#: The types of OntoNotes as readers call them; what is not here is called nothing.
_TYPES = {
    "PERSON": "Person",
    "ORG": "Organisation",
    "GPE": "Place",
    "LOC": "Region or landscape",
    "FAC": "Building or site",
    "NORP": "People or group",
    "EVENT": "Event",
    "PRODUCT": "Product",
    "WORK_OF_ART": "Work",
    "LAW": "Law",
    "LANGUAGE": "Language",
}
_PER_NAME: Body = {
    "names": {"terms": {"field": "entities.name", "size": 1}},
    "types": {"terms": {"field": "entities.type", "size": 1}},
}


@dataclass(frozen=True)
class Named:
    """Somebody or something by the name that most articles use, and how many articles name it."""

    entity_id: str
    name: str
    kind: str | None
    count: int


@dataclass(frozen=True)
class Locator:
    """Where a place is, in degrees; north and east are positive."""

    latitude: float
    longitude: float

    def __str__(self) -> str:
        north, east = "N" if self.latitude >= 0 else "S", "E" if self.longitude >= 0 else "W"
        return f"{abs(self.latitude):.2f}° {north}, {abs(self.longitude):.2f}° {east}"


@dataclass(frozen=True)
class EntityPage:
    """A page of the articles that name it, newest first; `names` most used first, `span` in ms of Unix time."""

    entity_id: str
    names: tuple[str, ...]
    kind: str | None
    roles: tuple[str, ...]
    country: str | None
    locator: Locator | None
    total: int
    total_is_exact: bool
    hits: tuple[Hit, ...]
    together: tuple[Named, ...]
    publishers: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    span: tuple[float, float]
    cursor: str | None

    @property
    def name(self) -> str:
        """The name that most articles use."""
        return self.names[0]

    @property
    def country_id(self) -> str | None:
        """The id of the country that a place is in; None of a country itself."""
        country_id = f"country:{self.country}"
        return country_id if self.country and country_id != self.entity_id else None


def parse_entity_cursor(entity_id: str, cursor: str) -> Place:
    """Behind which article a page begins. Raises InvalidCursor."""
    return parse_cursor(cursor, _fingerprint(entity_id), _PLACE)


def _fingerprint(entity_id: str) -> str:
    return f"entity:{entity_id}"


def build_entity(entity_id: str, size: int, after: Place | None) -> Body:
    """The articles that name it, one more than a page has, and what is counted of them all."""
    body: Body = {
        "query": _naming(entity_id),
        "sort": BY_DATE,
        "size": size + 1,
        "track_total_hits": MOST_COUNTED,
        "_source": list(SUMMARY_FIELDS),
        "highlight": build_highlight(1),
        "aggs": {
            "named": {"nested": {"path": "entities"}, "aggs": {"own": _own(entity_id), "together": build_together(entity_id)}},
            "publishers": {"terms": {"field": "publisher", "size": _VALUES}},
            "languages": {"terms": {"field": "language", "size": _VALUES}},
            "first": {"min": {"field": "date"}},
            "last": {"max": {"field": "date"}},
        },
    }
    return body if after is None else body | {"search_after": list(after)}


def _naming(entity_id: str) -> Body:
    nested = {"path": "entities", "query": {"term": {"entities.entity_id": entity_id}}}
    return {"bool": {"filter": [IS_PUBLISHED, {"nested": nested}]}}


def _own(entity_id: str) -> Body:
    counted = {"names": ("name", _NAMES), "types": ("type", 1), "roles": ("role", _ROLES), "countries": ("country", 1)}
    terms: Body = {name: {"terms": {"field": f"entities.{field}", "size": size}} for name, (field, size) in counted.items()}
    degrees: Body = {name: {"max": {"field": f"entities.{name}"}} for name in ("latitude", "longitude")}
    return {"filter": {"term": {"entities.entity_id": entity_id}}, "aggs": terms | degrees}


def build_together(entity_id: str | None = None, size: int = _TOGETHER) -> Body:
    """Who is named most in the found articles, but this one; to stand inside of a nested aggregation over `entities`."""
    terms: Body = {"field": "entities.entity_id", "size": size}
    if entity_id is not None:
        terms["exclude"] = [entity_id]
    return {"terms": terms, "aggs": _PER_NAME}


def build_entity_histogram(entity_id: str, interval: str) -> Body:
    """The articles that name it by time; `interval` as `search_body.choose_interval` chose it."""
    is_fixed = interval.endswith("d") and interval != "1d"
    by_time = {"field": "date", "fixed_interval" if is_fixed else "calendar_interval": interval}
    return {
        "query": _naming(entity_id),
        "size": 0,
        "track_total_hits": False,
        "aggs": {"time": {"date_histogram": by_time}},
    }


def build_entity_popular(entity_id: str) -> Body:
    """Those that were read most of all time; articles that hardly anybody read are not among them."""
    query = _naming(entity_id)
    query["bool"]["filter"].append({"range": {"views": {"gte": 1}}})
    return {
        "query": query,
        "sort": [{"views": {"order": "desc", "missing": 0, "unmapped_type": "integer"}}, *BY_DATE],
        "size": _POPULAR,
        "track_total_hits": False,
        "_source": list(SUMMARY_FIELDS),
    }


def build_name_of(entity_id: str) -> Body:
    """The name that most articles use."""
    own = {"filter": {"term": {"entities.entity_id": entity_id}}, "aggs": _PER_NAME}
    return _counting(_naming(entity_id), {"own": own})


def build_named_lately(days: int) -> Body:
    """Who is named most in the articles of the last days."""
    query = {"bool": {"filter": [IS_PUBLISHED, {"range": {"date": {"gte": f"now-{days}d/d"}}}]}}
    return _counting(query, {"together": build_together()})


def _counting(query: Body, aggs: Body) -> Body:
    named = {"nested": {"path": "entities"}, "aggs": aggs}
    return {"query": query, "size": 0, "track_total_hits": False, "aggs": {"named": named}}


def parse_entity(answer: Json, entity_id: str, size: int) -> EntityPage | None:
    """What was found; None where no article names it."""
    aggregations = answer["aggregations"]
    own = aggregations["named"]["own"]
    names = _keys(own["names"])
    if not names:
        return None
    found, total = answer["hits"]["hits"], answer["hits"]["total"]
    following = build_cursor(_fingerprint(entity_id), tuple(found[size - 1]["sort"])) if len(found) > size else None
    return EntityPage(
        entity_id=entity_id,
        names=names,
        kind=_kind(entity_id, own["types"]),
        roles=_keys(own["roles"]),
        country=next(iter(_keys(own["countries"])), None),
        locator=_locator(own["latitude"]["value"], own["longitude"]["value"]),
        total=min(total["value"], MOST_COUNTED),
        total_is_exact=total["relation"] == "eq",
        hits=parse_hits(answer)[:size],
        together=parse_together(aggregations["named"]["together"]),
        publishers=_counts(aggregations["publishers"]),
        languages=_counts(aggregations["languages"]),
        span=(aggregations["first"]["value"] or 0.0, aggregations["last"]["value"] or 0.0),
        cursor=following,
    )


def _locator(latitude: float | None, longitude: float | None) -> Locator | None:
    return None if latitude is None or longitude is None else Locator(latitude, longitude)


def parse_together(terms: Json) -> tuple[Named, ...]:
    """Who is named most, and in how many articles."""
    return tuple(
        Named(bucket["key"], names[0], _kind(bucket["key"], bucket["types"]), bucket["doc_count"])
        for bucket in terms["buckets"]
        if (names := _keys(bucket["names"]))
    )


def parse_named_lately(answer: Json) -> tuple[Named, ...]:
    """Who is named most in the articles that were asked for."""
    return parse_together(answer["aggregations"]["named"]["together"])


def parse_name_of(answer: Json) -> str | None:
    """The name that most articles use; None where none names it."""
    return next(iter(_keys(answer["aggregations"]["named"]["own"]["names"])), None)


def parse_popular(answer: Json) -> tuple[ArticleSummary, ...]:
    """What was read most."""
    return parse_summaries(answer)


def _kind(entity_id: str, types: Json) -> str | None:
    if entity_id.startswith("country:"):
        return "Country"
    return next((_TYPES.get(key) for key in _keys(types)), None)


def _keys(terms: Json) -> tuple[str, ...]:
    return tuple(key for key, _ in _counts(terms))


def _counts(terms: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    buckets: Sequence[Mapping[str, Any]] = terms["buckets"]
    return tuple((bucket["key"], bucket["doc_count"]) for bucket in buckets)
