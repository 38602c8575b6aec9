"""Which partitions a worker opens, keeps and lets go when the group shares them out."""

import asyncio
from collections.abc import Iterable

import pytest

from services.popularity.layout import SOURCES
from services.popularity.owned import OwnedPartitions
from services.popularity.partition import OwnedPartition
from services.popularity.storing import Doubted
from shared.events import Record
from shared.failures import Misconfigured
from shared.topics import ENGAGEMENT


class Opened(OwnedPartition):
    """A partition that tells what was done to it."""

    def __init__(self, number: int, story: list[str]) -> None:
        self.number = number
        self.suspended = False
        self.lists_at = 0.0
        self._story = story

    @property
    def next_round(self) -> float:
        return self.lists_at

    @property
    def waiting_views(self) -> int:
        return 0

    async def take(self, record: Record, done: object) -> None:  # noqa: ARG002 - as its base has it
        self._story.append(f"take {self.number}")

    async def suspend(self) -> None:
        self.suspended = True
        self._story.append(f"suspend {self.number}")

    def resume(self) -> None:
        self.suspended = False
        self._story.append(f"resume {self.number}")

    async def close(self) -> None:
        self._story.append(f"close {self.number}")


class Desk:
    """Partitions that open when the test lets them."""

    def __init__(self) -> None:
        self.story: list[str] = []
        self.opened: list[Opened] = []
        self.may_open = asyncio.Event()
        self.may_open.set()
        self.owned = OwnedPartitions(self.open, checkpoint_views=10)

    async def open(self, number: int) -> OwnedPartition:
        await self.may_open.wait()
        self.story.append(f"open {number}")
        self.opened.append(Opened(number, self.story))
        return self.opened[-1]

    async def assign(self, *numbers: int) -> None:
        await self.owned.assign(places(numbers))
        await asyncio.sleep(0)


def places(numbers: Iterable[int]) -> list[tuple[str, int]]:
    return [(topic, number) for topic in SOURCES for number in numbers]


def a_record(partition: int) -> Record:
    return Record(ENGAGEMENT, partition, 0, None, b"", (), 0)


def test_partitions_that_stay_are_kept_open_and_others_let_go() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.assign(0, 1)
        await desk.owned.suspend()
        await desk.assign(1, 2)

        assert desk.story == ["open 0", "open 1", "suspend 0", "suspend 1", "close 0", "resume 1", "open 2"]

    asyncio.run(scenario())


def test_an_opening_is_broken_off_when_the_partitions_are_shared_out_anew() -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.may_open.clear()
        await desk.assign(0)
        taking = asyncio.create_task(desk.owned.take(a_record(0), lambda: None))
        await asyncio.sleep(0)
        await desk.owned.suspend()
        desk.may_open.set()
        await taking

        assert desk.story == []
        assert desk.owned.check() == "no partitions are assigned yet"

    asyncio.run(scenario())


def test_records_wait_for_their_partition_to_open() -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.may_open.clear()
        await desk.assign(0)
        taking = asyncio.create_task(desk.owned.take(a_record(0), lambda: None))
        await asyncio.sleep(0)
        assert desk.owned.check() == "opening partitions [0]"
        desk.may_open.set()
        await taking

        assert desk.story == ["open 0", "take 0"]
        assert desk.owned.check() is None

    asyncio.run(scenario())


def test_records_of_others_are_left_to_them() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.assign(0)
        await desk.owned.take(a_record(3), lambda: None)

        assert desk.story == ["open 0"]

    asyncio.run(scenario())


def test_counts_are_stored_early_when_lists_may_be_published_again() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.assign(0, 1)
        first, second = desk.opened
        first.lists_at, second.lists_at = 100.4, 99.0

        assert desk.owned.next_checkpoint(100.0, 1.0) == 100.4
        assert desk.owned.next_checkpoint(100.5, 1.0) == 101.5

    asyncio.run(scenario())


def test_a_worker_without_partitions_is_ready() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.assign()

        assert desk.owned.check() is None

    asyncio.run(scenario())


def test_what_ends_an_opening_ends_the_work() -> None:
    async def fail(number: int) -> OwnedPartition:
        raise Misconfigured(f"partition {number}")

    async def scenario() -> None:
        owned = OwnedPartitions(fail, checkpoint_views=10)
        await owned.assign(places([0]))
        await asyncio.sleep(0)

        with pytest.raises(Misconfigured, match="partition 0"):
            await owned.checkpoint()

    asyncio.run(scenario())


def test_a_partition_of_one_topic_only_is_doubt() -> None:
    async def scenario() -> None:
        with pytest.raises(Doubted, match="different partitions"):
            await Desk().owned.assign([(ENGAGEMENT, 0)])

    asyncio.run(scenario())
