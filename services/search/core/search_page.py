"""What stands on the search page beside the hits: filters to choose from, and links that keep everything else that was asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from services.search.core.answers import Facets, FacetValue
from services.search.core.languages import language_name
from services.search.core.parameters import SearchParameters

_TITLES = {"language": "Language", "section": "Section", "publisher": "Publisher", "entity": "People, places, organisations"}
_MOST_OPTIONS = 8


@dataclass(frozen=True)
class Option:
    """One value of a filter: following the link chooses it, or drops it when it is chosen."""

    label: str
    count: int
    chosen: bool
    href: str


@dataclass(frozen=True)
class Filter:
    """The values that a search can be narrowed down to."""

    title: str
    options: tuple[Option, ...]


def build_filters(parameters: SearchParameters, facets: Facets) -> tuple[Filter, ...]:
    """Filters with the values most often found; those that are chosen are always among them."""
    return tuple(
        Filter(title, options) for name, title in _TITLES.items() if (options := _options(parameters, name, getattr(facets, name)))
    )


def _options(parameters: SearchParameters, name: str, values: tuple[FacetValue, ...]) -> tuple[Option, ...]:
    chosen: tuple[str, ...] = getattr(parameters, name)
    counts = {facet.value: facet.count for facet in values}
    shown = (*chosen, *(value for value in counts if value not in chosen))[: max(_MOST_OPTIONS, len(chosen))]
    return tuple(
        Option(
            label=language_name(value) if name == "language" else value,
            count=counts.get(value, 0),
            chosen=value in chosen,
            href=build_link(parameters, {name: _toggle(chosen, value)}),
        )
        for value in shown
    )


def _toggle(chosen: tuple[str, ...], value: str) -> list[str]:
    return [each for each in chosen if each != value] if value in chosen else [*chosen, value]


def build_link(parameters: SearchParameters, changes: Mapping[str, Any]) -> str:
    """The address of the search page with some parameters changed; from its first page on, unless `cursor` is among them."""
    return f"/search?{urlencode(_asked(parameters) | dict(changes), doseq=True)}"


def build_hidden_fields(parameters: SearchParameters) -> tuple[tuple[str, str], ...]:
    """What the search form must send along that has no field of its own in it: the chosen filters."""
    asked = _asked(parameters)
    return tuple((name, value) for name in _TITLES for value in asked.get(name, ()))


def _asked(parameters: SearchParameters) -> dict[str, Any]:
    return parameters.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"cursor"})
