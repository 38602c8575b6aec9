"""Signals of articles that are not written yet: kept for when they are, as far as there is room.

Popularity reads the same topic as the indexer, and may be ahead of it. An article and its signals have the same partition, so
mostly the process that kept a signal is the one that writes the article. What is forgotten follows with the article's next signal.
"""

import threading
from collections.abc import Iterable, Sequence

from services.indexer.core.signals import Signal, join_signals

#: A few megabytes; beyond it the oldest are forgotten.
MOST_KEPT = 20_000


class EarlySignals:
    """For threads. Each signal is kept before its article is looked for, or it could be written in between and not be found."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: dict[str, Signal] = {}
        self._lock = threading.Lock()

    def keep(self, signals: Sequence[Signal]) -> None:
        """Keep signals, of each article with the highest counts."""
        with self._lock:
            for signal in signals:
                before = self._kept.pop(signal.id, None)
                kept = signal if before is None else join_signals((before, signal))[signal.id]
                self._kept[signal.id] = kept
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]

    def drop(self, signals: Iterable[Signal]) -> None:
        """These are written, and so is what is lower."""
        with self._lock:
            for signal in signals:
                kept = self._kept.get(signal.id)
                if kept is not None and kept.views <= signal.views and kept.comments <= signal.comments:
                    del self._kept[signal.id]

    def of(self, ids: Iterable[str]) -> list[Signal]:
        """What is kept of these articles."""
        with self._lock:
            return [self._kept[own_id] for own_id in ids if own_id in self._kept]
