"""Where the checkpoints of a partition go: to `popularity.counts`, by the producer that shut the former owner out."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from aiokafka import AIOKafkaProducer

from shared import metrics
from shared.failpoints import FailPoint, fail_here
from shared.outcomes import NewRecord
from shared.producing import partition_of
from shared.topics import COUNTS, RANKED, SIGNALS

#: Key, value and headers.
_Row = tuple[bytes, bytes | None, list[tuple[str, bytes]]]
#: Topics that so many records go to at once that they are not sent one by one.
_IN_BATCHES = (RANKED, SIGNALS)


class Doubted(Exception):
    """What is in memory may not be what is stored, or is no longer ours: the process must end, and read it again when it starts."""


class Store:
    """Writes checkpoints, each in one transaction."""

    def __init__(self, producer: AIOKafkaProducer, partition: int, limit_seconds: float) -> None:
        self.partition = partition
        self._producer = producer
        self._limit_seconds = limit_seconds

    async def write(self, values: Mapping[bytes, bytes | None], records: Sequence[NewRecord]) -> None:
        """Write all of it or nothing, in one transaction (None deletes a key); Doubted when it is not known to be stored."""
        try:
            async with asyncio.timeout(self._limit_seconds):
                await self._producer.begin_transaction()
                sent = await self._send_batches(COUNTS, self.partition, [(key, value, []) for key, value in values.items()])
                signals = [record for record in records if record.topic == SIGNALS]
                if signals:  # an article has the same partition everywhere
                    sent += await self._send_batches(SIGNALS, self.partition, [_row(record) for record in signals])
                for partition, lists in (await self._share_out(records)).items():
                    sent += await self._send_batches(RANKED, partition, lists)
                sent += [await self._send(record) for record in records if record.topic not in _IN_BATCHES]
                await asyncio.gather(*sent)
                fail_here(FailPoint.CHECKPOINT_SENT)
                await self._producer.commit_transaction()
                fail_here(FailPoint.CHECKPOINT_STORED)
        except Exception as error:  # whatever it is, the transaction is in doubt
            raise Doubted(f"partition {self.partition} could not be stored: {type(error).__name__} {error}") from error
        metrics.PRODUCED.labels(COUNTS).inc(len(values))
        for topic, number in Counter(record.topic for record in records).items():
            metrics.PRODUCED.labels(topic).inc(number)

    async def close(self) -> None:
        """Disconnect."""
        await self._producer.stop()

    async def _share_out(self, records: Sequence[NewRecord]) -> dict[int, list[_Row]]:
        """The lists among the records by the partition that their key gives them."""
        shared_out: dict[int, list[_Row]] = {}
        lists = [record for record in records if record.topic == RANKED]
        partitions = len(await self._producer.partitions_for(RANKED)) if lists else 0
        for record in lists:
            own = shared_out.setdefault(_partition_of(record.key or b"", partitions), [])
            own.append(_row(record))
        return shared_out

    async def _send_batches(self, topic: str, partition: int, rows: Sequence[_Row]) -> list[asyncio.Future[object]]:
        """Whole batches, since one call for each value would take most of the time."""
        futures = []
        now_ms = int(time.time() * 1000)
        batch = self._producer.create_batch()
        for key, value, headers in rows:
            if batch.append(timestamp=now_ms, key=key, value=value, headers=headers) is None:
                futures.append(await self._producer.send_batch(batch, topic, partition=partition))
                batch = self._producer.create_batch()
                batch.append(timestamp=now_ms, key=key, value=value, headers=headers)
        futures.append(await self._producer.send_batch(batch, topic, partition=partition))
        return futures

    async def _send(self, record: NewRecord) -> asyncio.Future[object]:
        future: asyncio.Future[object] = await self._producer.send(
            record.topic, record.value, record.key, record.partition, headers=list(record.headers)
        )
        return future


def _row(record: NewRecord) -> _Row:
    return record.key or b"", record.value, list(record.headers)


@lru_cache(maxsize=50_000)
def _partition_of(key: bytes, partitions: int) -> int:
    return partition_of(key.decode(), partitions)
