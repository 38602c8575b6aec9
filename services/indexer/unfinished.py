"""What is known of batches that could not be finished, and may come again."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: Batches whose partitions moved never come again: beyond so many the oldest are forgotten.
_REMEMBERED = 64


class Unfinished(Generic[K, V]):
    """For threads, each with batches of its own."""

    def __init__(self) -> None:
        self._known: dict[K, V] = {}

    def take(self, batch: K) -> V | None:
        """What was kept of a batch; it is not kept any longer."""
        return self._known.pop(batch, None)

    def keep(self, batch: K, known: V) -> None:
        """Keep what is known of a batch until it comes again."""
        self._known[batch] = known
        for oldest in list(self._known)[:-_REMEMBERED]:
            self._known.pop(oldest, None)
