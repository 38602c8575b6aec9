"""What stands on the search page beside the hits: filters, a histogram, and links that keep everything else that was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from urllib.parse import urlencode

from services.search.core.answers import Facets, FacetValue, Histogram, HistogramBucket
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
    "story": "Told by several",
}
_MOST_OPTIONS = 8
#: What the page decides for itself, and never an address.
_PRESENTATION = {"cursor", "fields", "facets", "highlight", "histogram", "explain"}
#: The fields of the form that readers see.
_IN_FORM = {"q", "from", "to", "sort", "collapse", "size"}
#: As many heights of bars as the style sheet knows.
_TALLEST = 20
#: As many bars are wide enough for a finger on a screen of 44 rem.
_MOST_BARS = 28
_DATE_FORMATS = {"1h": "%-d %b %Y, %H:00", "1M": "%B %Y", "1q": "%B %Y", "1y": "%Y"}
#: How much of a moment is written to name the span that begins with it: `2026-11-24T12`, `2026-11`, `2026`; else the day.
_NAMED = {"1h": 13, "1M": 7, "1q": 7, "1y": 4}
_A_DAY = 10


@dataclass(frozen=True)
class Option:
    """One value of a filter: following the link chooses it, or drops it when it is chosen."""

    label: str
    count: int
    chosen: bool
    href: str


@dataclass(frozen=True)
class Chip:
    """Something that was chosen: following the link drops it."""

    title: str
    label: str
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


def build_filters(
    parameters: SearchParameters, facets: Facets | None, headlines: Mapping[str, str] | None = None
) -> tuple[Filter, ...]:
    """Filters with the values most often found; those that are chosen are always among them.

    `headlines` of stories by their ids: those without one are not offered.
    """
    facets, headlines = facets or Facets(), headlines or {}
    filters = [
        Filter(title, options)
        for name, title in _TITLES.items()
        if (options := _options(parameters, name, getattr(facets, name), headlines))
    ]
    if facets.has_comments or parameters.has_comments:
        filters.append(Filter("Comments", (_commented(parameters, facets.has_comments),)))
    return tuple(filters)


def _options(
    parameters: SearchParameters, name: str, values: tuple[FacetValue, ...], headlines: Mapping[str, str]
) -> tuple[Option, ...]:
    chosen: tuple[str, ...] = getattr(parameters, name)
    counts = {facet.value: facet.count for facet in values if name != "story" or facet.value in headlines}
    shown = (*chosen, *(value for value in counts if value not in chosen))[: max(_MOST_OPTIONS, len(chosen))]
    return tuple(
        Option(
            label=_label(name, value, headlines),
            count=counts.get(value, 0),
            chosen=value in chosen,
            href=build_link(parameters, {name: _toggle(chosen, value)}),
        )
        for value in shown
    )


def _label(name: str, value: str, headlines: Mapping[str, str]) -> str:
    if name == "language":
        return language_name(value)
    return headlines.get(value, "One story") if name == "story" else value


def _commented(parameters: SearchParameters, count: int) -> Option:
    is_chosen = parameters.has_comments is True
    return Option("With comments of readers", count, is_chosen, build_link(parameters, {"has_comments": [] if is_chosen else True}))


def _toggle(chosen: tuple[str, ...], value: str) -> list[str]:
    return [each for each in chosen if each != value] if value in chosen else [*chosen, value]


def build_chips(parameters: SearchParameters, headlines: Mapping[str, str] | None = None) -> tuple[Chip, ...]:
    """All that narrows a search down, each to be dropped by itself. `headlines` of stories by their ids."""
    chips = [
        Chip(title, _label(name, value, headlines or {}), build_link(parameters, {name: _toggle(getattr(parameters, name), value)}))
        for name, title in _TITLES.items()
        for value in getattr(parameters, name)
    ]
    for name, bound in (("from", parameters.date_from), ("to", parameters.date_to)):
        if bound is not None:
            chips.append(Chip("Date", f"{name} {bound}".replace("T", ", "), build_link(parameters, {name: []})))
    if parameters.has_comments is not None:
        label = "With comments of readers" if parameters.has_comments else "Without comments of readers"
        chips.append(Chip("Comments", label, build_link(parameters, {"has_comments": []})))
    return tuple(chips)


def build_bars(parameters: SearchParameters, histogram: Histogram | None) -> tuple[Bar, ...]:
    """The found articles by time; none where a single span holds them all. Many spans are drawn together, equally many to a bar."""
    if histogram is None or len(histogram.buckets) < 2:
        return ()
    together = ceil(len(histogram.buckets) / _MOST_BARS)
    spans = [histogram.buckets[first : first + together] for first in range(0, len(histogram.buckets), together)]
    ends = [*(span[0].start for span in spans[1:]), None]
    counts = [sum(bucket.count for bucket in span) for span in spans]
    most = max(counts)
    return tuple(
        Bar(
            label=_span_label(span, histogram.interval),
            count=count,
            height=ceil(_TALLEST * count / most) if most else 0,
            href=build_link(parameters, _between(span[0].start, end, histogram.interval)),
        )
        for span, end, count in zip(spans, ends, counts, strict=True)
    )


def _span_label(span: Sequence[HistogramBucket], interval: str) -> str:
    form = _DATE_FORMATS.get(interval, "%-d %B %Y")
    first, last = span[0].start.strftime(form), span[-1].start.strftime(form)
    return first if first == last else f"{first} to {last}"


def _between(start: datetime, end: datetime | None, interval: str) -> dict[str, str]:
    """The first and the last moment of a span of time; the last span has no end."""
    length = _NAMED.get(interval, _A_DAY)
    last = {} if end is None else {"to": (end - timedelta(seconds=1)).isoformat()[:length]}
    return {"from": start.isoformat()[:length], **last}


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
