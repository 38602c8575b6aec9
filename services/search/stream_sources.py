"""What streams tell: articles that newly fit a search, retractions, and a Most Popular list whenever it has changed."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from typing import Any

from services.search.archive import Archive
from services.search.core.changes import Change, ChangesPage, Kind, Place, build_place_cursor, place_before
from services.search.core.events_out import StreamEvent
from services.search.core.matching import build_following
from services.search.core.parameters import PopularParameters, SearchFilters
from services.search.reading import Reading

_PAGE = 100
#: Articles that are remembered so that the same state of one is not told twice.
_REMEMBERED = 5_000
_DIGEST_BYTES = 12


class NewMatches:
    """Articles that fit a search, and whatever was retracted, in the order of indexing, from a place on."""

    def __init__(self, reading: Reading, archive: Archive, filters: SearchFilters) -> None:
        self._reading = reading
        self._archive = archive
        self._filters = filters
        self._told: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self.reached: Place = place_before(archive.horizon_ms())
        self.has_more = False

    @property
    def place(self) -> str:
        """Behind everything that was told."""
        return build_place_cursor(self.reached)

    async def poll(self) -> Sequence[StreamEvent]:
        """The matches that were indexed since the last time, one page at most. Raises also QueryError and TooComplex."""
        page = await self._fetch(self.reached)
        self.reached, self.has_more = page.reached, not page.is_end
        return [_event(place, change) for place, change in page.changes if self._is_new(change)]

    async def catch_up(self, after: Place, until: Place) -> AsyncIterator[StreamEvent]:
        """The matches that were indexed after one place and not after another."""
        while after < until:
            page = await self._fetch(after)
            for place, change in page.changes:
                if place <= until:
                    yield _event(place, change)
            after = page.reached

    async def _fetch(self, after: Place) -> ChangesPage:
        fields = (await self._reading.fetch_overview()).language_fields
        conditions: dict[str, Any] = build_following(self._filters, fields, time.time())
        return await self._archive.fetch_changes(after, _PAGE, conditions)

    def _is_new(self, change: Change) -> bool:
        state = (change.revision, change.enrichment)
        is_new = self._told.get(change.article_id) != state
        self._told[change.article_id] = state
        self._told.move_to_end(change.article_id)
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return is_new


def _event(place: Place, change: Change) -> StreamEvent:
    name = "retracted" if change.kind == Kind.RETRACTED else "article"
    return StreamEvent(build_place_cursor(place), name, change.model_dump_json())


class ListChanges:
    """A Most Popular list, whenever its articles, their order or their counts have changed."""

    has_more = False

    def __init__(self, reading: Reading, parameters: PopularParameters) -> None:
        self._reading = reading
        self._parameters = parameters
        self.newest: StreamEvent | None = None

    @property
    def place(self) -> str:
        """Which list was told last."""
        return self.newest.id if self.newest else "none"

    async def poll(self) -> Sequence[StreamEvent]:
        """The list, where it is another than the last time."""
        popular = await self._reading.fetch_most_popular(self._parameters)
        seen = popular.model_dump_json(exclude={"as_of": True, "entries": {"__all__": {"explanation"}}})
        digest = hashlib.blake2b(seen.encode(), digest_size=_DIGEST_BYTES).hexdigest()
        if self.newest is not None and self.newest.id == digest:
            return ()
        self.newest = StreamEvent(digest, "most-popular", popular.model_dump_json())
        return (self.newest,)
