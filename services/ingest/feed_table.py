"""Every feed that Dateline knows, as `feeds.state` has it: each process of ingest holds them all, and polls those that are its own.

Before it: `tailing` reads the topic. After it: `polling` polls, the API lists.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.ingest.core.feed_records import FeedDefinition, FeedRecord, FeedState, WebSubLease, parse_feed_record
from shared.events import Record
from shared.outcomes import NewRecord
from shared.producing import partition_of


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """A feed with all that is known of it."""

    definition: FeedDefinition
    state: FeedState | None = None
    lease: WebSubLease | None = None


class FeedTable:
    """Safe between threads. It changes with the records that it learns, its own process's as well as others'."""

    def __init__(self, partitions: int) -> None:
        """An empty table; `partitions` is how many `feeds.state` has."""
        self._partitions = partitions
        self._lock = threading.Lock()
        self._parts: dict[str, dict[type[FeedRecord], FeedRecord]] = {}

    def partition_of(self, url: str) -> int:
        """The partition of the feed at an address: that of its host, so that one poller alone asks a host."""
        return partition_of((urlsplit(url).hostname or "").lower(), self._partitions)

    def learn(self, records: Sequence[Record] | Sequence[NewRecord]) -> None:
        """Take over what records say; the writer of a record may show it at once, after Kafka has acknowledged it."""
        with self._lock:
            for record in records:
                parsed = parse_feed_record(record.key, record.value)
                if parsed is not None:
                    kind, own_id, body = parsed
                    self._put(kind, own_id, body)

    def all(self) -> list[KnownFeed]:
        """Every feed, in the order of their ids."""
        with self._lock:
            return [feed for own_id in sorted(self._parts) if (feed := _whole(self._parts[own_id])) is not None]

    def get(self, own_id: str) -> KnownFeed | None:
        """The feed of an id."""
        with self._lock:
            return _whole(self._parts.get(own_id, {}))

    def _put(self, kind: type[FeedRecord], own_id: str, body: FeedRecord | None) -> None:
        parts = self._parts.setdefault(own_id, {})
        if body is not None:
            parts[kind] = body
        else:
            parts.pop(kind, None)
        if not parts:
            del self._parts[own_id]


def _whole(parts: dict[type[FeedRecord], FeedRecord]) -> KnownFeed | None:
    definition, state, lease = parts.get(FeedDefinition), parts.get(FeedState), parts.get(WebSubLease)
    if not isinstance(definition, FeedDefinition):
        return None
    return KnownFeed(definition, state if isinstance(state, FeedState) else None, lease if isinstance(lease, WebSubLease) else None)
