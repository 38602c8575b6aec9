"""How much enrich has before it: what is done again must not keep news waiting behind it."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from kafka import TopicPartition
from kafka.errors import KafkaError

from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import connect_consumer
from shared.settings import KafkaSettings
from shared.topics import PUBLISHED

#: The consumer group of enrich.
_GROUP = "dateline.enrich"
_LOOK_SECONDS = 0.2


class Backlog:
    """The records of `articles.published` that enrich has not finished yet. It joins no group."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._where = settings.bootstrap_servers
        self._consumer = connect_consumer(settings, "dateline-cli", group_id=_GROUP)

    def count(self) -> int:
        """How many. Raises Unavailable when Kafka does not say."""
        try:
            partitions = [TopicPartition(PUBLISHED, number) for number in self._consumer.partitions_for_topic(PUBLISHED) or ()]
            if not partitions:
                raise Misconfigured(f"topic {PUBLISHED} does not exist: run `dateline setup`")
            ends, starts = self._consumer.end_offsets(partitions), self._consumer.beginning_offsets(partitions)
            done = {partition: self._consumer.committed(partition) for partition in partitions}
        except (KafkaError, OSError) as error:
            raise Unavailable(f"Kafka at {self._where} does not say how far {_GROUP} is: {error}") from error
        return sum(int(ends[each]) - max(int(starts[each]), int(done[each] or 0)) for each in partitions)

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close(autocommit=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def wait_for_room(count: Callable[[], int], most: int, patience_seconds: float) -> None:
    """Returns when no more than `most` are left; raises Unavailable when they do not become fewer for so long."""
    left = count()
    deadline = time.monotonic() + patience_seconds
    while left > most:
        if time.monotonic() > deadline:
            raise Unavailable(
                f"enrich has {left:,} articles before it and does not get on: is it running? Look at its log and at "
                f"`dateline dead-letters list`"
            )
        time.sleep(_LOOK_SECONDS)
        now_left = count()
        if now_left < left:
            deadline = time.monotonic() + patience_seconds
        left = now_left
