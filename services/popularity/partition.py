"""One partition as its owner counts it: take records, and store what they changed in checkpoints.

A checkpoint is one transaction of the producer that shut the former owner out. It holds the new counts of all articles that
changed, how far the topics are counted, dead letters and the lists that are due. So counts and position cannot come apart, nothing
is counted twice or left out whatever dies when, and nobody but the owner publishes (the design: popularity.md).
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from services.popularity.batches import Batch, Done
from services.popularity.core.attributes import read_attributes
from services.popularity.core.signals import Signals
from services.popularity.core.state import PartitionState
from services.popularity.core.tallying import CommentTally, Tally, tally_record
from services.popularity.positions import POSITION_KEY, Position, SourcePosition, encode_position
from services.popularity.publishing import PublishedLists
from services.popularity.signal_records import build_signals
from services.popularity.storing import Doubted, Store
from shared import metrics
from shared.dead_letters import DeadLetterLimit, DeadLetterTally, build_dead_letter
from shared.events import Record
from shared.logs import get_logger
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName
from shared.topics import ENRICHED

_log = get_logger(__name__)

#: Reads the records of one topic of the partition from an offset up to, but not including, another.
ReadRange = Callable[[str, int, int], AsyncGenerator[Record, None]]


class OwnedPartition:
    """The counts of one partition, and how far it is counted. `opening.open_partition` makes one."""

    def __init__(
        self,
        state: PartitionState,
        position: Position,
        store: Store,
        lists: PublishedLists,
        read_range: ReadRange,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.state = state
        self.next_offsets = {topic: source.next_offset for topic, source in position.sources.items()}
        self.suspended = False
        self._position = position
        self._store = store
        self._lists = lists
        self._signals = Signals(state.lists)
        self._read_range = read_range
        self._begun: set[str] = set()
        self._batch = Batch()
        self._dead_letters = DeadLetterTally(DeadLetterLimit())
        self._storing = asyncio.Lock()
        self._clock = clock

    @property
    def waiting_views(self) -> int:
        """Views, and reports of pages, taken since the last checkpoint began."""
        return self._batch.views

    @property
    def next_round(self) -> float:
        """When lists may be published again, by `time.monotonic`."""
        return self._lists.next_round

    async def take(self, record: Record, done: Done) -> None:
        """Count a record; `done` is called once that is stored. Doubted when records before it did not come."""
        missing_from = self.next_offsets[record.topic]
        if record.offset > missing_from:
            await self._catch_up(record, missing_from)
        self._take(record, done)

    async def _catch_up(self, record: Record, missing_from: int) -> None:
        """Read what lies before the first record that came, in case the group's offset is ahead of the position.

        Mostly there is nothing: deleted by retention, compacted, or markers of a transaction. A gap behind the first record is
        doubt and ends the process; once that has started again, the gap is one before the first record.
        """
        place = {"topic": record.topic, "partition": record.partition, "expected": missing_from, "came": record.offset}
        if record.topic in self._begun:
            raise Doubted(f"records did not come: {place}")
        _log.warning("the first record is not the next to be counted: reading what lies between", **place)
        async with aclosing(self._read_range(record.topic, missing_from, record.offset)) as missing:
            async for earlier in missing:
                self._take(earlier, None)
        _log.warning("read what lay between", found=self.next_offsets[record.topic] > missing_from, **place)

    def _take(self, record: Record, done: Done | None) -> None:
        metrics.CONSUMED.labels(record.topic).inc()
        if record.offset < self.next_offsets[record.topic]:
            self._batch.add(record, OutcomeName.DUPLICATE, done)  # delivered again, after a restart or a rebalance
            return
        self._batch.add(record, self._count(record), done)
        self.next_offsets[record.topic] = record.offset + 1
        self._begun.add(record.topic)

    def _learn(self, record: Record) -> OutcomeName:
        """What an article says of itself. The indexer dead-letters what is none: it consumes the same topic."""
        found = read_attributes(record)
        if found is None:
            _log.warning("not an article: nothing is learnt of it", record=record.place)
            return OutcomeName.FILTERED
        return OutcomeName.COUNTED if self.state.learn(*found) else OutcomeName.STALE

    def _count(self, record: Record) -> OutcomeName:
        if record.topic == ENRICHED:
            return self._learn(record)
        tally = _tally_safely(record)
        self._dead_letters.add(record, tally if isinstance(tally, DeadLettered) else None)
        if isinstance(tally, DeadLettered):
            _log.warning("dead letter", record=record.place, code=tally.code, detail=tally.detail)
            self._batch.dead_letters.append(build_dead_letter(record, tally, "popularity"))
            self._batch.codes[record.topic, tally.code] += 1
            return OutcomeName.DEAD_LETTERED
        if not isinstance(tally, CommentTally):
            self._batch.views += len(tally)
        return OutcomeName.COUNTED if self.state.take(tally) else OutcomeName.DUPLICATE

    async def checkpoint(self) -> None:
        """Store what changed and publish the lists that are due; nothing happens when there is neither. Doubted when it fails."""
        async with self._storing:
            if not self.suspended:
                await self._checkpoint()

    async def _checkpoint(self) -> None:
        begun = time.monotonic()
        now_ms = max(int(self._clock() * 1000), self._position.as_of_ms + 1)
        batch, self._batch = self._batch, Batch()
        values = self.state.settle(now_ms // 60_000)
        signals = build_signals(self._signals.take_due(values), now_ms)
        position = self._build_position(now_ms)  # before anything is awaited: records go on coming
        batch.refused = self.state.take_refused()
        batch.refused_reports = self.state.take_refused_reports()
        due = await self._lists.make(self.state, begun, now_ms)
        if not (batch.outcomes or due.records or values):
            return
        values[POSITION_KEY] = encode_position(position)
        await self._store.write(values, [*batch.dead_letters, *signals, *due.records])
        self._position = position
        self._lists.note(due)
        metrics.BATCH_SECONDS.observe(time.monotonic() - begun)
        metrics.LISTS_PUBLISHED.inc(len(due.records))
        batch.report()

    def _build_position(self, now_ms: int) -> Position:
        sources = {
            topic: SourcePosition(topic_id=source.topic_id, next_offset=self.next_offsets[topic])
            for topic, source in self._position.sources.items()
        }
        return Position(partitions=self._position.partitions, as_of_ms=now_ms, sources=sources)

    async def suspend(self) -> None:
        """Store what there is, and nothing from then on: the partition may be going to another owner."""
        await self.checkpoint()
        async with self._storing:
            self.suspended = True

    def resume(self) -> None:
        """The partition stayed ours. Records come again from the group's offset on."""
        self.suspended = False
        self._begun.clear()

    async def close(self) -> None:
        """Let the partition go, without storing anything."""
        async with self._storing:
            self.suspended = True
            await self._store.close()


def _tally_safely(record: Record) -> Tally | DeadLettered:
    try:
        return tally_record(record)
    except Exception as error:  # noqa: BLE001 - a bug that one record brings to light must not stop the others
        _log.exception("bug in reading a record; it is dead-lettered")
        return DeadLettered(DeadLetterCode.BUG, f"{type(error).__name__}: {error}"[:1000])
