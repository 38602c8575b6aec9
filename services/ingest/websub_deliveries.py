"""What hubs push, taken as if it had been polled. Before it: `websub`, which checked the signature. After it: `door`."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from services.ingest.core.after_poll import as_defined, entry_hash, seen_hashes
from services.ingest.core.feeds import NoFeed
from services.ingest.door import Door, EntriesTaken, now_utc
from services.ingest.feed_parser import FeedParser
from services.ingest.feed_table import KnownFeed
from services.ingest.full_text import Extract, FetchPage, PageLimits, complete_entries, needs_page
from services.ingest.hosts import Stopping
from shared.failures import Unavailable
from shared.logs import get_logger

_log = get_logger(__name__)
#: Deliveries that wait; a hub whose delivery is answered 503 sends it again.
_MOST_WAITING = 20
#: A hub waits for the answer, so it is given less than a poll: the rest keep their teasers until the next poll.
_LIMITS = PageLimits(most_pages=10, most_seconds=8.0)
#: Entries that were taken with their pages and are not fetched again when the hub pushes them again, beside new ones.
_MOST_TAKEN = 20_000


@dataclass(frozen=True, slots=True)
class Reading:
    """How what was pushed is read: the parser is for these deliveries alone, and so is what `fetch_page` fetches with."""

    parser: FeedParser
    fetch_page: FetchPage
    extract: Extract


class Deliveries:
    """One thread takes them, one after the other. Used as a context manager."""

    def __init__(self, door: Door, reading: Reading) -> None:
        self._door = door
        self._reading = reading
        self._executor = ThreadPoolExecutor(1, "websub")
        self._waiting = 0
        self._taken: OrderedDict[str, None] = OrderedDict()

    async def take(self, feed: KnownFeed, document: bytes) -> EntriesTaken:
        """Publish what is new or changed in a document; returns when Kafka has acknowledged, Unavailable when it does not."""
        if self._waiting >= _MOST_WAITING:
            raise Unavailable(f"{self._waiting} deliveries wait already")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, self._take, feed, document)
        finally:
            self._waiting -= 1

    def _take(self, feed: KnownFeed, document: bytes) -> EntriesTaken:
        definition = feed.definition
        parsed = self._reading.parser.parse(document, definition.url)
        if isinstance(parsed, NoFeed):
            _log.warning("delivery is no feed", feed=definition.url, reason=parsed.reason)
            return EntriesTaken()
        seen = {*seen_hashes(feed.state.seen if feed.state is not None else ""), *self._taken}
        hashed = {entry_hash(entry): entry for entry in parsed.entries}
        new = {number: as_defined(entry, definition) for number, entry in hashed.items() if number not in seen}
        try:
            completed, notes = complete_entries(
                list(new.values()),
                parsed.teasers,
                definition.full_text,
                self._reading.fetch_page,
                self._reading.extract,
                now_utc(),
                _LIMITS,
            )
        except Stopping:
            raise Unavailable("the process stops") from None
        taken = self._door.take_entries(completed, definition.feed_id)
        whole = [
            number
            for (number, before), after in zip(new.items(), completed, strict=True)
            if after is not before or not needs_page(before, parsed.teasers, definition.full_text)
        ]
        self._remember(whole)
        _log.info("delivery taken", feed=definition.url, new=taken.new, changed=taken.changed, notes=list(notes))
        return taken

    def _remember(self, hashes: Sequence[str]) -> None:
        for each in hashes:
            self._taken[each] = None
        while len(self._taken) > _MOST_TAKEN:
            self._taken.popitem(last=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._executor.shutdown(cancel_futures=True)
