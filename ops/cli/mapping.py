"""An index's mapping beside the one that new indices get: what can be added to it in place, and whether the rest differs (pure)."""

from collections.abc import Iterator, Mapping
from typing import Any

Properties = Mapping[str, Any]

#: What of a field only a new index can change.
_FIXED = ("type", "analyzer", "index_options")


def new_fields(wanted: Properties, there: Properties) -> dict[str, Any]:
    """The fields of `wanted` that are not `there`, which Elasticsearch adds in place; others may be refused."""
    missing: dict[str, Any] = {}
    for name, field in wanted.items():
        if name not in there:
            missing[name] = field
        elif "properties" in field:
            below = new_fields(field["properties"], there[name].get("properties", {}))
            if below:
                missing[name] = {**({"type": field["type"]} if "type" in field else {}), "properties": below}
    return missing


def is_mapped_otherwise(wanted: Properties, there: Properties) -> bool:
    """Whether a field that is in both is not indexed in the same way."""
    return any(
        any(field.get(what) != there_too.get(what) for what in _FIXED) for field, there_too in _leaves_of_both(wanted, there)
    )


def _leaves_of_both(wanted: Properties, there: Properties) -> Iterator[tuple[Properties, Properties]]:
    for name, field in wanted.items():
        other = there.get(name)
        if other is None:
            continue
        if "properties" in field:
            yield from _leaves_of_both(field["properties"], other.get("properties", {}))
        else:
            yield field, other
