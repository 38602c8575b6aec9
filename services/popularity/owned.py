"""The partitions that this worker owns: opened when they are assigned, suspended while the group shares them out anew."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

from services.popularity.batches import Done
from services.popularity.layout import SOURCES
from services.popularity.partition import OwnedPartition
from services.popularity.storing import Doubted
from shared import metrics
from shared.events import Record
from shared.logs import get_logger

_log = get_logger(__name__)

OpenPartition = Callable[[int], Coroutine[Any, Any, OwnedPartition]]


class OwnedPartitions:
    """All partitions of this worker, open or being opened."""

    def __init__(self, open_partition: OpenPartition, checkpoint_views: int) -> None:
        self.assigned = False
        self.full = asyncio.Event()
        self._open_partition = open_partition
        self._checkpoint_views = checkpoint_views
        self._partitions: dict[int, asyncio.Task[OwnedPartition]] = {}
        self._room = asyncio.Event()

    async def assign(self, places: Iterable[tuple[str, int]]) -> None:
        """The group gave us these (topic, partition): let others go, go on with those we had, open new ones beside the counting."""
        numbers = _common_partitions(places)
        for number in self._partitions.keys() - numbers:
            await self._let_go(number)
        for partition in self._open():
            partition.resume()
        for number in sorted(numbers - self._partitions.keys()):
            self._partitions[number] = asyncio.create_task(self._open_partition(number), name=f"open-{number}")
        self.assigned = True
        _log.info("partitions assigned", partitions=sorted(numbers))

    async def suspend(self) -> None:
        """The group is sharing the partitions out anew: store what there is, then nothing until `assign`."""
        self.assigned = False
        for number in [number for number, opening in self._partitions.items() if not opening.done()]:
            await self._let_go(number)  # it would shut out whoever gets it
        await asyncio.gather(*[partition.suspend() for partition in self._open()])

    async def take(self, record: Record, done: Done) -> None:
        """Count a record of a partition of ours; others' are left to them."""
        opening = self._partitions.get(record.partition)
        if opening is None:
            return
        if not opening.done():
            await asyncio.wait({opening})
        if opening.cancelled() or opening.result().suspended:
            return
        await opening.result().take(record, done)
        waiting = sum(each.waiting_views for each in self._open())
        if waiting >= self._checkpoint_views:
            self.full.set()
        if waiting >= 2 * self._checkpoint_views:
            self._room.clear()
            await self._room.wait()

    async def checkpoint(self) -> None:
        """Store what changed in all open partitions. Raises what an opening or a storing raised."""
        self.full.clear()
        for opening in self._partitions.values():
            if opening.done():
                opening.result()
        if self.assigned:
            await asyncio.gather(*[partition.checkpoint() for partition in self._open()])
        self._room.set()
        metrics.ARTICLES_COUNTED.set(sum(len(partition.state.articles) for partition in self._open()))

    def next_checkpoint(self, now: float, interval_seconds: float) -> float:
        """When to store again, by `time.monotonic`: after the interval, or as soon as lists may be published before that."""
        rounds = [partition.next_round for partition in self._open()]
        return min([now + interval_seconds, *(each for each in rounds if each > now)])

    async def close(self) -> None:
        """Let all partitions go, without storing anything."""
        for number in list(self._partitions):
            await self._let_go(number)

    def next_offsets(self) -> dict[tuple[str, int], int]:
        """The next offset to be counted of every open (topic, partition)."""
        return {
            (topic, number): offset
            for number, opening in self._partitions.items()
            if _is_open(opening)
            for topic, offset in opening.result().next_offsets.items()
        }

    def check(self) -> str | None:
        """For `/readyz`: None when partitions are assigned (there may be none for us) and open."""
        if not self.assigned:
            return "no partitions are assigned yet"
        opening = sorted(number for number, task in self._partitions.items() if not task.done())
        return f"opening partitions {opening}" if opening else None

    def _open(self) -> list[OwnedPartition]:
        return [opening.result() for opening in self._partitions.values() if _is_open(opening)]

    async def _let_go(self, number: int) -> None:
        opening = self._partitions.pop(number)
        if not opening.done():
            opening.cancel()
            await asyncio.wait({opening})
        elif _is_open(opening):
            await opening.result().close()
        for topic in SOURCES:
            with suppress(KeyError):
                metrics.LAG.remove(topic, str(number))


def _is_open(opening: asyncio.Task[OwnedPartition]) -> bool:
    return opening.done() and not opening.cancelled() and opening.exception() is None


def _common_partitions(places: Iterable[tuple[str, int]]) -> set[int]:
    """The partitions that we have of all topics; Doubted when we have one of some topics only, as when one was deleted."""
    of_topic: dict[str, set[int]] = {topic: set() for topic in SOURCES}
    for topic, number in places:
        of_topic[topic].add(number)
    numbers = set.intersection(*of_topic.values())
    if any(own != numbers for own in of_topic.values()):
        raise Doubted(f"the group gave different partitions of {' and '.join(SOURCES)}: {of_topic}")
    return numbers
