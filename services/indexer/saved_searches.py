"""The saved searches as this process knows them: every record of `searches.saved`, kept in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from services.indexer.core.condition_parsing import parse_condition
from services.indexer.core.conditions import Condition
from shared.events import Event, Record, decode_event
from shared.logs import get_logger
from shared.saved_searches import SearchSaved

#: Beyond so many, further ones are not kept: some 2 kB each.
MOST_SEARCHES = 50_000

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that articles are compared with: `condition` for this process, `query` the same for Elasticsearch, JSON."""

    search_id: str
    revision: int
    created_seconds: float
    condition: Condition
    query: str


class SavedSearches:
    """All that are not deleted, by id. `learn` is called by one thread; all others read."""

    def __init__(self) -> None:
        self._searches: dict[str, SavedSearch] = {}
        #: Ids in the order of learning; those of deleted ones stay.
        self.learnt: list[str] = []

    def __len__(self) -> int:
        return len(self._searches)

    def get(self, search_id: str) -> SavedSearch | None:
        """A search, unless it is deleted."""
        return self._searches.get(search_id)

    def learn(self, records: Sequence[Record]) -> None:
        """Take in what was saved or deleted; what cannot be read is passed over, as the indexer dead-letters it."""
        for record in records:
            event = decode_event(record)
            if isinstance(event, Event) and isinstance(event.body, SearchSaved):
                self._learn_one(event.body)

    def _learn_one(self, saved: SearchSaved) -> None:
        if saved.is_deleted:
            self._searches.pop(saved.search_id, None)
            return
        if saved.search_id in self._searches:  # a search does not change, and a record may be read again
            return
        if len(self._searches) >= MOST_SEARCHES:
            _log.error("a saved search is not matched: there are too many", search=saved.search_id, most=MOST_SEARCHES)
            return
        try:
            condition = parse_condition(orjson.loads(saved.condition))
        except orjson.JSONDecodeError:
            _log.error("a saved search is not matched: its condition is no JSON", search=saved.search_id)
            return
        created = saved.created.timestamp()
        self._searches[saved.search_id] = SavedSearch(saved.search_id, saved.revision, created, condition, saved.condition)
        self.learnt.append(saved.search_id)

    def drop(self, search_id: str, reason: str) -> None:
        """No longer match a search, which Elasticsearch refuses."""
        _log.error("a saved search is not matched: Elasticsearch refuses it", search=search_id, reason=reason)
        self._searches.pop(search_id, None)
