"""Where the checkpoints of a partition go: to `popularity.counts`, by the producer that shut the former owner out."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaProducer

from shared import metrics
from shared.outcomes import NewRecord
from shared.topics import COUNTS


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
                await asyncio.gather(*await self._send_values(values), *[await self._send(record) for record in records])
                await self._producer.commit_transaction()
        except Exception as error:  # whatever it is, the transaction is in doubt
            raise Doubted(f"partition {self.partition} could not be stored: {type(error).__name__} {error}") from error
        metrics.PRODUCED.labels(COUNTS).inc(len(values))
        for topic, number in Counter(record.topic for record in records).items():
            metrics.PRODUCED.labels(topic).inc(number)

    async def close(self) -> None:
        """Disconnect."""
        await self._producer.stop()

    async def _send_values(self, values: Mapping[bytes, bytes | None]) -> list[asyncio.Future[object]]:
        """Whole batches, since one call for each value would take most of the time."""
        futures = []
        now_ms = int(time.time() * 1000)
        batch = self._producer.create_batch()
        for key, value in values.items():
            if batch.append(timestamp=now_ms, key=key, value=value) is None:
                futures.append(await self._producer.send_batch(batch, COUNTS, partition=self.partition))
                batch = self._producer.create_batch()
                batch.append(timestamp=now_ms, key=key, value=value)
        futures.append(await self._producer.send_batch(batch, COUNTS, partition=self.partition))
        return futures

    async def _send(self, record: NewRecord) -> asyncio.Future[object]:
        future: asyncio.Future[object] = await self._producer.send(
            record.topic, record.value, record.key, record.partition, headers=list(record.headers)
        )
        return future
