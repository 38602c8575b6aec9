"""The feeds that are due, by the host that is asked: one worker at a time has a host, and a slow one holds up no other."""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from services.ingest.feed_table import DueFeed

#: Feeds of one host polled in a row, over one connection, before other hosts have their turn.
_MOST_IN_ROW = 10


@dataclass(frozen=True, slots=True)
class HostBatch:
    """Feeds of one host, for one worker, which gives the host back by `FeedQueue.release`."""

    host: str
    feeds: tuple[DueFeed, ...]


class FeedQueue:
    """Safe between threads. A feed is in hand from when it is put in until `done` says that its new state is known."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[DueFeed]] = {}
        self._ready: deque[str] = deque()  # hosts with feeds waiting that no worker has
        self._taken: set[str] = set()  # hosts that a worker has
        self._in_hand: set[str] = set()
        self._closed = False

    def in_hand(self) -> frozenset[str]:
        """The ids of the feeds that wait or are being polled."""
        with self._changed:
            return frozenset(self._in_hand)

    def put(self, feeds: Iterable[DueFeed]) -> None:
        """Put in feeds; one that is in hand already is left out."""
        with self._changed:
            for feed in feeds:
                if feed.feed_id in self._in_hand:
                    continue
                self._in_hand.add(feed.feed_id)
                waiting = self._waiting.get(feed.host)
                if waiting is None:
                    waiting = self._waiting[feed.host] = deque()
                    if feed.host not in self._taken:
                        self._ready.append(feed.host)
                waiting.append(feed)
            self._changed.notify_all()

    def take(self) -> HostBatch | None:
        """The next host's feeds, waited for; None once the queue is closed."""
        with self._changed:
            while not self._ready and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            host = self._ready.popleft()
            waiting = self._waiting[host]
            feeds = tuple(waiting.popleft() for _ in range(min(len(waiting), _MOST_IN_ROW)))
            if not waiting:
                del self._waiting[host]
            self._taken.add(host)
            return HostBatch(host, feeds)

    def release(self, host: str) -> None:
        """The worker has done with the host: its other feeds come after those of the hosts that wait."""
        with self._changed:
            self._taken.discard(host)
            if host in self._waiting:
                self._ready.append(host)
                self._changed.notify()

    def done(self, feed_ids: Iterable[str]) -> None:
        """These feeds may be put in again."""
        with self._changed:
            self._in_hand.difference_update(feed_ids)

    def is_closed(self) -> bool:
        """Whether workers get nothing any more."""
        return self._closed

    def close(self) -> None:
        """Workers get nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
