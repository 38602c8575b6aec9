"""Where what a page shows is to be had in other forms: as a feed, as a file, as a stream."""

from dataclasses import dataclass
from urllib.parse import urlencode

from services.search.core.parameters import SearchFilters, SearchParameters
from services.search.core.search_page import build_link

_FEEDS = (("RSS", "rss"), ("Atom", "atom"), ("JSON Feed", "json"))
_FILES = (("CSV", "csv"), ("NDJSON", "ndjson"))


@dataclass(frozen=True)
class Link:
    """A name and an address of this site."""

    name: str
    href: str


@dataclass(frozen=True)
class TakeAlong:
    """The other forms of a search; `query` is what is asked of each, without how the page shows it."""

    query: str
    feeds: tuple[Link, ...]
    files: tuple[Link, ...]
    stream: str
    save: str


def build_filter_query(filters: SearchFilters) -> str:
    """The words and filters of a search as they stand in an address, without its order, its page and how it is shown."""
    names = set(SearchFilters.model_fields)
    return urlencode(filters.model_dump(mode="json", by_alias=True, exclude_defaults=True, include=names), doseq=True)


def build_take_along(parameters: SearchParameters) -> TakeAlong:
    """Where to follow a search, save it, or get all of it."""
    query = build_filter_query(parameters)
    as_shown = build_link(parameters, {}).partition("?")[2]
    return TakeAlong(
        query=query,
        feeds=tuple(Link(name, _address(f"/feeds/search.{form}", as_shown)) for name, form in _FEEDS),
        files=tuple(Link(name, _address("/v1/export", f"format={form}&{query}".rstrip("&"))) for name, form in _FILES),
        stream=_address("/v1/stream/search", query),
        save=_address("/saved", query),
    )


def _address(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
