"""Every feed that Dateline knows, as `feeds.state` has it: each process of ingest holds them all, and polls those that are its own.

Before it: `tailing` reads the topic. After it: `polling` polls, the API lists.
"""

import threading
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from services.ingest.core.feed_records import FeedDefinition, FeedRecord, FeedState, WebSubLease, parse_feed_record
from services.ingest.hosts import host_of
from shared.events import Record
from shared.outcomes import NewRecord
from shared.producing import partition_of


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """A feed with all that is known of it."""

    definition: FeedDefinition
    state: FeedState | None = None
    lease: WebSubLease | None = None


@dataclass(frozen=True, slots=True)
class DueFeed:
    """A feed that is to be polled, since when, and the host that is asked."""

    feed_id: str
    host: str
    since: datetime


@dataclass(slots=True)
class _Entry:
    """What the records of one feed said last; `partition` and `host` are the definition's.

    The state stays JSON until somebody asks for it: a third of the memory, and reading it takes 10 microseconds.
    """

    definition: FeedDefinition | None = None
    lease: WebSubLease | None = None
    partition: int = -1
    host: str = ""
    state: bytes | None = None
    next_poll: datetime | None = None
    last_poll: datetime | None = None

    def known(self) -> KnownFeed | None:
        if self.definition is None:
            return None
        state = FeedState.model_validate_json(self.state) if self.state is not None else None
        return KnownFeed(self.definition, state, self.lease)


class FeedTable:
    """Safe between threads. It changes with the records that it learns, its own process's as well as others'."""

    def __init__(self, partitions: int) -> None:
        """An empty table; `partitions` is how many `feeds.state` has."""
        self._partitions = partitions
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}

    def partition_of(self, url: str) -> int:
        """The partition of the feed at an address: that of its host, so that one poller alone asks a host."""
        return partition_of((urlsplit(url).hostname or "").lower(), self._partitions)

    def learn(self, records: Sequence[Record] | Sequence[NewRecord]) -> None:
        """Take over what records say; the writer of a record may show it at once, after Kafka has acknowledged it."""
        parsed = [(each, record.value) for record in records if (each := parse_feed_record(record.key, record.value)) is not None]
        with self._lock:
            for (kind, own_id, body), value in parsed:
                self._put(kind, own_id, body, value)

    def all(self) -> list[KnownFeed]:
        """Every feed, in the order of their ids."""
        with self._lock:
            entries = [replace(self._entries[own_id]) for own_id in sorted(self._entries)]
        return [feed for entry in entries if (feed := entry.known()) is not None]

    def get(self, own_id: str) -> KnownFeed | None:
        """The feed of an id."""
        with self._lock:
            entry = self._entries.get(own_id)
            return entry.known() if entry is not None else None

    def definition(self, own_id: str) -> FeedDefinition | None:
        """The definition of the feed of an id."""
        with self._lock:
            entry = self._entries.get(own_id)
            return entry.definition if entry is not None else None

    def of(self, partitions: Container[int]) -> list[KnownFeed]:
        """The feeds of these partitions."""
        with self._lock:
            entries = [replace(entry) for entry in self._entries.values() if entry.partition in partitions]
        return [feed for entry in entries if (feed := entry.known()) is not None]

    def due(self, partitions: Container[int], now: datetime, passing: Container[str]) -> list[DueFeed]:
        """The feeds of these partitions that are to be polled now, the longest due first, but for the ids in `passing`.

        It looks at every feed, which takes some 3 ms for 10,000: cheaper than keeping an order that every record could change.
        """
        found = []
        with self._lock:
            for own_id, entry in self._entries.items():
                definition = entry.definition
                if definition is None or definition.paused or entry.partition not in partitions:
                    continue
                since = entry.next_poll or definition.added
                if since <= now and own_id not in passing:
                    found.append(DueFeed(own_id, entry.host, since))
        return sorted(found, key=lambda feed: feed.since)

    def _put(self, kind: type[FeedRecord], own_id: str, body: FeedRecord | None, value: bytes | None) -> None:
        entry = self._entries.setdefault(own_id, _Entry())
        if kind is FeedState:
            state = body if isinstance(body, FeedState) else None
            if state is None or not _is_later(entry.last_poll, state.last_poll):
                entry.state = value
                entry.next_poll, entry.last_poll = (state.next_poll, state.last_poll) if state is not None else (None, None)
        elif kind is FeedDefinition:
            definition = body if isinstance(body, FeedDefinition) else None
            entry.definition = definition
            entry.partition = self.partition_of(definition.url) if definition is not None else -1
            entry.host = host_of(definition.url) if definition is not None else ""
        else:
            entry.lease = body if isinstance(body, WebSubLease) else None
        if entry.definition is None and entry.state is None and entry.lease is None:
            del self._entries[own_id]


def _is_later(known: datetime | None, other: datetime | None) -> bool:
    """Whether the poll that is known is later: what was learnt at once comes again, in the midst of what came before it."""
    return known is not None and (other is None or other < known)
