"""What stands on the search page beside the hits: filters, a histogram, and links that keep everything else that was asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from math import ceil
from typing import Any
from urllib.parse import urlencode

from services.search.core.answers import Facets, FacetValue, Histogram
from services.search.core.languages import language_name
from services.search.core.parameters import SearchParameters
from services.search.core.query_errors import QueryError

_TITLES = {
    "language": "Language",
    "section": "Section",
    "publisher": "Publisher",
    "entity": "People, places, organisations",
    "keyword": "What it is about",
    "author": "Author",
}
_MOST_OPTIONS = 8
#: What the page decides for itself, and never an address.
_PRESENTATION = {"cursor", "fields", "facets", "highlight", "histogram", "explain"}
#: The fields of the form that readers see.
_IN_FORM = {"q", "from", "to", "sort", "collapse", "size"}
#: As many heights of bars as the style sheet knows.
_TALLEST = 20
_DATE_FORMATS = {"1h": "%-d %b %Y, %H:00", "1M": "%B %Y", "1q": "%B %Y", "1y": "%Y"}


@dataclass(frozen=True)
class Option:
    """One value of a filter: following the link chooses it, or drops it when it is chosen."""

    label: str
    count: int
    chosen: bool
    href: str


@dataclass(frozen=True)
class Bar:
    """How many articles are from one span of time: the link shows only those. `height` is in 20ths of the tallest, rounded up."""

    label: str
    count: int
    height: int
    href: str


@dataclass(frozen=True)
class WrongQuery:
    """What is wrong with a query, and the query in three parts, the second of which is the character that is meant."""

    detail: str
    before: str
    character: str
    after: str


@dataclass(frozen=True)
class Filter:
    """The values that a search can be narrowed down to."""

    title: str
    options: tuple[Option, ...]


def build_filters(parameters: SearchParameters, facets: Facets | None) -> tuple[Filter, ...]:
    """Filters with the values most often found; those that are chosen are always among them."""
    facets = facets or Facets()
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


def build_bars(parameters: SearchParameters, histogram: Histogram | None) -> tuple[Bar, ...]:
    """The found articles by time; none where a single span holds them all."""
    buckets = () if histogram is None else histogram.buckets
    if histogram is None or len(buckets) < 2:
        return ()
    most = max(bucket.count for bucket in buckets)
    ends = [bucket.start for bucket in buckets[1:]]
    return tuple(
        Bar(
            label=bucket.start.strftime(_DATE_FORMATS.get(histogram.interval, "%-d %B %Y")),
            count=bucket.count,
            height=ceil(_TALLEST * bucket.count / most),
            href=build_link(parameters, _between(bucket.start, end)),
        )
        for bucket, end in zip_longest(buckets, ends)
    )


def _between(start: datetime, end: datetime | None) -> dict[str, str]:
    """The first and the last second of a span of time."""
    last = {} if end is None else {"to": (end - timedelta(seconds=1)).isoformat()}
    return {"from": start.isoformat(), **last}


def build_wrong_query(q: str, error: QueryError) -> WrongQuery:
    """What the page says of a query that cannot be read."""
    return WrongQuery(error.detail, q[: error.position], q[error.position : error.position + 1], q[error.position + 1 :])


def build_link(parameters: SearchParameters, changes: Mapping[str, Any]) -> str:
    """The address of the search page with some parameters changed; from its first page on, unless `cursor` is among them."""
    return f"/search?{urlencode(_asked(parameters) | dict(changes), doseq=True)}"


def build_hidden_fields(parameters: SearchParameters) -> tuple[tuple[str, str], ...]:
    """What the search form must send along that has no field of its own in it: the chosen filters."""
    asked = {name: value for name, value in _asked(parameters).items() if name not in _IN_FORM}
    return tuple((name, str(each)) for name, value in asked.items() for each in (value if isinstance(value, list) else [value]))


def _asked(parameters: SearchParameters) -> dict[str, Any]:
    return parameters.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=_PRESENTATION)
