"""Where the matches of each saved search are sent, as `searches.saved` says; kept in memory."""

from collections.abc import Sequence

from shared.events import Event, Record, decode_event
from shared.saved_searches import SearchSaved


class Endpoints:
    """The webhooks of saved searches. `learn` is called by one thread; others read."""

    def __init__(self) -> None:
        self._urls: dict[str, str | None] = {}

    def learn(self, records: Sequence[Record]) -> None:
        """Take in what was saved or deleted."""
        for record in records:
            event = decode_event(record)
            if isinstance(event, Event) and isinstance(event.body, SearchSaved):
                self._urls[event.body.search_id] = None if event.body.is_deleted else event.body.webhook

    def is_known(self, search_id: str) -> bool:
        """Whether anything is known of a search: one that was saved this moment is not, for a moment."""
        return search_id in self._urls

    def find(self, search_id: str) -> str | None:
        """Where its matches are sent; None when they are not, or no longer."""
        return self._urls.get(search_id)
