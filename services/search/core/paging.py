"""Where in an answer a page begins, and the cursor that says so.

All pages of a search are of one moment (`as_of_seconds`): scores, in which the age of articles counts, agree from page to page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from services.search.core.cursors import Place
from services.search.core.signed_cursors import build_signed_cursor, parse_signed_cursor

#: Moments are whole minutes: a search that is repeated within one has the same answer.
_MOMENT_SECONDS = 60


@dataclass(frozen=True)
class Page:
    """The first page, or the one behind a `place`: that of the last hit of the page before."""

    as_of_seconds: int
    place: Place | None = None
    is_relaxed: bool = False


def first_page(now_seconds: float) -> Page:
    """The first page of a search that begins now."""
    return Page(int(now_seconds) // _MOMENT_SECONDS * _MOMENT_SECONDS)


def build_page_cursor(key: bytes, fingerprint: str, page: Page) -> str:
    """The cursor to a page."""
    return build_signed_cursor(key, fingerprint, page.as_of_seconds, page.place, page.is_relaxed)


def parse_page_cursor(key: bytes, fingerprint: str, text: str) -> Page:
    """The page that a cursor leads to. Raises InvalidCursor."""
    as_of_seconds, place, is_relaxed = cast("Any", parse_signed_cursor(key, fingerprint, text))
    return Page(as_of_seconds, None if place is None else tuple(place), is_relaxed)


def next_page(page: Page, size: int, hits: list[Mapping[str, Any]], looked_until: Place | None = None) -> Page | None:
    """The page after this one, of whose hits (as Elasticsearch answered them) there may be one more than `size`.

    `looked_until`: where looking for hits was given up before there were enough of them, if it was.
    """
    if len(hits) > size:
        return replace(page, place=tuple(hits[size - 1]["sort"]))
    return None if looked_until is None else replace(page, place=looked_until)
