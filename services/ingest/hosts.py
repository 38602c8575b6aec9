"""One request at a time for each host, over all threads of the process: feeds and pages share the turns."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

#: How often a thread that waits for its turn looks whether the process stops.
_LOOK_SECONDS = 0.2
#: How long the end of a turn is remembered: no host is given a longer gap.
MOST_GAP_SECONDS = 60.0
_MOST_REMEMBERED = 10_000


class Stopping(Exception):
    """The process stops, so that no turn is given any more."""


class _Held(threading.local):
    """The host whose turn this thread has, and how often it entered it."""

    host: str | None = None
    depth: int = 0


@dataclass
class _Host:
    """A host's turn. `users` are threads that have it or wait for it; `ended` is by the monotonic clock."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    users: int = 0
    ended: float | None = None


def host_of(url: str) -> str:
    """The host whose turn a fetch of this address needs, in lower case; empty if the address names none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


class HostTurns:
    """Safe between threads. A thread that has the turn of a host gets it again at once, so a feed's turn may hold for its pages.

    It cannot get another host's beside it: two threads that each wait for the other's host would wait for ever.
    """

    def __init__(self, stop: threading.Event, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`stop` ends every wait: it is set when the process stops."""
        self._stop = stop
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}
        self._held = _Held()

    @contextmanager
    def turn(self, host: str, gap_seconds: float = 0.0) -> Iterator[None]:
        """Wait for the turn of a host and keep it for the block.

        Args:
            host: as `host_of` gives it.
            gap_seconds: it begins that long after the end of the host's turn before at the earliest; at most MOST_GAP_SECONDS.
                Within a turn that the thread has already, the inner turns count.

        Raises:
            Stopping: `stop` was set before the turn came.
            RuntimeError: the thread has the turn of another host, which must be over first.
        """
        if self._held.depth and self._held.host != host:
            raise RuntimeError(f"the turn of {self._held.host} must be over before this thread may wait for that of {host}")
        entry = self._enter(host)
        try:
            while not entry.lock.acquire(timeout=_LOOK_SECONDS):
                self._refuse_if_stopping()
            try:
                self._await_gap(entry, min(gap_seconds, MOST_GAP_SECONDS))
                with self._holding(entry, host):
                    yield
            finally:
                entry.lock.release()
        finally:
            self._leave(entry)

    @contextmanager
    def _holding(self, entry: _Host, host: str) -> Iterator[None]:
        self._held.host = host
        self._held.depth += 1
        try:
            yield
        finally:
            self._held.depth -= 1
            entry.ended = self._monotonic()

    def __len__(self) -> int:
        """How many hosts are remembered."""
        return len(self._hosts)

    def _await_gap(self, entry: _Host, gap_seconds: float) -> None:
        self._refuse_if_stopping()
        if entry.ended is not None and (left := entry.ended + gap_seconds - self._monotonic()) > 0:
            self._stop.wait(left)
            self._refuse_if_stopping()

    def _refuse_if_stopping(self) -> None:
        if self._stop.is_set():
            raise Stopping

    def _enter(self, host: str) -> _Host:
        with self._lock:
            if host not in self._hosts and len(self._hosts) >= _MOST_REMEMBERED:
                self._forget_idle()
            entry = self._hosts.setdefault(host, _Host())
            entry.users += 1
            return entry

    def _leave(self, entry: _Host) -> None:
        with self._lock:
            entry.users -= 1

    def _forget_idle(self) -> None:
        old = self._monotonic() - MOST_GAP_SECONDS
        for host in [host for host, entry in self._hosts.items() if not entry.users and (entry.ended or old) <= old]:
            del self._hosts[host]
