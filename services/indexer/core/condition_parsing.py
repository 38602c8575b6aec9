"""The query of Elasticsearch that a saved search stands for → a condition that this process can judge by itself.

Conditions are what `services.search` compiles: a small part of what Elasticsearch knows. Whatever else stands in one is `Unknown`.

Before this: `searches.saved`. After it: `conditions`, which judges articles by it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from math import floor, inf
from typing import Any

from services.indexer.core.conditions import (
    NAMES,
    NO,
    YES,
    All,
    Condition,
    Dated,
    Either,
    HasLanguage,
    Named,
    Text,
    Unknown,
    Unless,
)
from shared.events import parse_seconds
from shared.saved_searches import ANY_LANGUAGE

_FOLDED = "folded."
_IN_LANGUAGE = f"headline.{ANY_LANGUAGE}"
_UNKNOWN = Unknown()
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY_SECONDS = 86_400
#: Behind a day that is the last one: all of it.
_ROUNDED_UP = "||/d"


def parse_condition(query: Any) -> Condition:
    """The condition that a query of Elasticsearch stands for; never an error."""
    if not isinstance(query, dict) or len(query) != 1:
        return _UNKNOWN
    ((kind, body),) = query.items()
    parse = _PARSERS.get(kind)
    try:
        return _UNKNOWN if parse is None else parse(body)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
        return _UNKNOWN


def _parse_bool(body: Mapping[str, Any]) -> Condition:
    if not body.keys() <= {"must", "filter", "should", "must_not", "minimum_should_match"}:
        return _UNKNOWN
    required = [*_clauses(body, "must"), *_clauses(body, "filter")]
    should = _clauses(body, "should")
    least = body.get("minimum_should_match", 0 if required else 1)
    if should and least not in (0, 1):
        return _UNKNOWN
    parts = [parse_condition(each) for each in required]
    if should and least:
        parts.append(Either(tuple(parse_condition(each) for each in should)))
    parts += [Unless(parse_condition(each)) for each in _clauses(body, "must_not")]
    return parts[0] if len(parts) == 1 else All(_flat(parts))


def _flat(parts: Iterable[Condition]) -> tuple[Condition, ...]:
    """Without conjunctions in conjunctions."""
    return tuple(inner for part in parts for inner in (part.parts if isinstance(part, All) else (part,)))


def _clauses(body: Mapping[str, Any], name: str) -> list[Any]:
    clauses = body.get(name, [])
    return list(clauses) if isinstance(clauses, list) else [clauses]


def _parse_text(body: Mapping[str, Any]) -> Condition:
    if body.keys() != {"query", "type", "fields", "zero_terms_query"} or body["type"] != "phrase":
        return _UNKNOWN
    own, folded = [], []
    for weighted in body["fields"]:
        name = weighted.partition("^")[0]
        if name.startswith(_FOLDED):
            folded.append(name.removeprefix(_FOLDED))
        elif name.endswith(f".{ANY_LANGUAGE}"):
            own.append(name.partition(".")[0])
        else:
            return _UNKNOWN
    return Text(body["query"], tuple(own), tuple(folded), YES if body["zero_terms_query"] == "all" else NO)


def _parse_term(body: Mapping[str, Any]) -> Condition:
    ((name, value),) = body.items()
    if name not in NAMES:
        return _UNKNOWN
    if isinstance(value, dict):
        if not value.keys() <= {"value", "case_insensitive"}:
            return _UNKNOWN
        return Named(name, frozenset({str(value["value"])}), bool(value.get("case_insensitive", False)))
    return Named(name, frozenset({str(value)}))


def _parse_terms(body: Mapping[str, Any]) -> Condition:
    ((name, values),) = body.items()
    return Named(name, frozenset(map(str, values))) if name in NAMES and isinstance(values, list) else _UNKNOWN


def _parse_either(body: Mapping[str, Any]) -> Condition:
    return Either(tuple(parse_condition(each) for each in body["queries"]))


def _parse_exists(body: Mapping[str, Any]) -> Condition:
    return HasLanguage() if body == {"field": _IN_LANGUAGE} else _UNKNOWN


def _parse_range(body: Mapping[str, Any]) -> Condition:
    """Days are sure. Of times it is not: to Elasticsearch the last second ends where its fraction says, or with itself."""
    bounds = body["date"] if body.keys() == {"date"} else {}
    if not bounds or not bounds.keys() <= {"gte", "lte"}:
        return _UNKNOWN
    sure_from = possible_from = -inf
    sure_until = possible_until = inf
    if "gte" in bounds:
        is_day = _DAY.fullmatch(bounds["gte"]) is not None
        possible_from = _day(bounds["gte"]) if is_day else floor(_time(bounds["gte"]))
        sure_from = possible_from if is_day else possible_from + 1
    if "lte" in bounds:
        is_day = bounds["lte"].endswith(_ROUNDED_UP)
        last = bounds["lte"].removesuffix(_ROUNDED_UP)
        sure_until = _day(last) + _DAY_SECONDS if is_day else floor(_time(last))
        possible_until = sure_until if is_day else sure_until + 1
    return Dated((sure_from, sure_until), (possible_from, possible_until))


def _day(text: str) -> float:
    """When it begins, in UTC."""
    return _time(f"{text}T00:00:00Z")


def _time(text: str) -> float:
    seconds = parse_seconds(text)
    if seconds is None:  # among others, where it has no offset
        raise ValueError(text)
    return seconds


_PARSERS: Mapping[str, Callable[[Any], Condition]] = {
    "bool": _parse_bool,
    "dis_max": _parse_either,
    "constant_score": lambda body: parse_condition(body["filter"]),
    "multi_match": _parse_text,
    "term": _parse_term,
    "terms": _parse_terms,
    "exists": _parse_exists,
    "range": _parse_range,
    "match_all": lambda _: All(()),
    "match_none": lambda _: Either(()),
}
