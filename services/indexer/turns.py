"""Batches that are written at the same time and hold the same article take turns: else one overwrites what the other looked up."""

import threading
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager


class Turns:
    """Who writes which ids now. All ids of a batch are taken at once, so no two batches wait for each other."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken: set[str] = set()

    @contextmanager
    def of(self, ids: AbstractSet[str]) -> Iterator[None]:
        """Wait until nobody writes any of `ids`, and hold them while the body runs."""
        with self._changed:
            self._changed.wait_for(lambda: self._taken.isdisjoint(ids))
            self._taken |= ids
        try:
            yield
        finally:
            with self._changed:
                self._taken -= ids
                self._changed.notify_all()
