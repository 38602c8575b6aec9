"""Which partitions of `feeds.state` are this process's: the consumer group `dateline.feeds` shares them out, nothing is consumed.

Every process knows all feeds already (`tailing`). The group only says who polls: a partition is ours once we have learnt all that
its owner before wrote, and no longer from the moment that the group takes it away.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from shared.failures import Misconfigured
from shared.kafka_connection import connect_member
from shared.logs import get_logger
from shared.settings import KafkaSettings
from shared.topics import FEEDS_STATE

GROUP = "dateline.feeds"
_log = get_logger(__name__)
#: How long the group waits, when it takes a partition away, for what is just being published. It is called by the client's own
#: thread, which sends no heartbeats meanwhile: less than the shortest session.
_DRAIN_SECONDS = 2.0
_CLOSE_MS = 3_000


class Holdings:
    """The partitions that are ours now, and how many polls are publishing in each. Safe between threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owned: frozenset[int] = frozenset()
        self._held: Counter[int] = Counter()

    def owned(self) -> frozenset[int]:
        """The partitions whose feeds may be polled."""
        return self._owned

    def hold(self, partition: int) -> bool:
        """Whether the partition is ours; then it is not given away, within reason, before `release`."""
        with self._changed:
            if partition not in self._owned:
                return False
            self._held[partition] += 1
            return True

    def release(self, partitions: Iterable[int]) -> None:
        """What was held is stored."""
        with self._changed:
            self._held.subtract(partitions)
            self._changed.notify_all()

    def add(self, partitions: Collection[int]) -> None:
        """These are ours from now on."""
        with self._changed:
            self._owned |= frozenset(partitions)

    def drop(self, partitions: Collection[int], drain_seconds: float) -> None:
        """These are no longer ours; returns when nothing of them is held, or after `drain_seconds`."""
        deadline = time.monotonic() + drain_seconds
        with self._changed:
            self._owned -= frozenset(partitions)
            while any(self._held[number] > 0 for number in partitions):
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return


class _Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Told by the client's own thread. What is taken away is dropped at once, so that the new owner begins after us.

    `consumer.assignment()` would not do: it holds what was taken away until the group has settled.
    """

    def __init__(self, give: Callable[[Collection[int]], None], drop: Callable[[Collection[int], float], None]) -> None:
        self._give = give
        self._drop = drop

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._drop([partition.partition for partition in revoked], _DRAIN_SECONDS)

    def on_partitions_assigned(self, assigned: Any) -> None:
        self._give([partition.partition for partition in assigned])

    def on_partitions_lost(self, lost: Any) -> None:
        self._drop([partition.partition for partition in lost], 0.0)


class FeedOwnership:
    """Keeps `holdings`. Use it from one thread. Unavailable when no broker answers as it is made."""

    def __init__(self, settings: KafkaSettings, position: Callable[[int], int], holdings: Holdings) -> None:
        """`position` answers the offset below which all of a partition was learnt, see `tailing.Tail.position`."""
        self._holdings = holdings
        self._position = position
        self._lock = threading.Lock()
        #: Given by the group, not ours yet: the offset up to which it must be learnt, None until that is known.
        self._awaited: dict[int, int | None] = {}
        self._consumer = self._connect(settings)

    def refresh(self, timeout_seconds: float) -> None:
        """Stay in the group for so long, and take over what it gives. Misconfigured when the broker forbids it."""
        deadline = time.monotonic() + timeout_seconds
        try:
            self._consumer.poll(timeout_ms=int(timeout_seconds * 1000))  # paused, so it brings nothing; what it brings is known
            self._take_over()
        except (GroupAuthorizationFailedError, TopicAuthorizationFailedError) as error:
            raise Misconfigured(f"Kafka forbids group {GROUP} to read {FEEDS_STATE}: {error}") from error
        except KafkaError as error:
            _log.warning("the group of feed pollers does not answer", reason=str(error))
            time.sleep(max(0.0, deadline - time.monotonic()))

    def awaited(self) -> frozenset[int]:
        """The partitions that the group has given us and that we have not learnt whole yet."""
        return frozenset(self._awaited)

    def close(self) -> None:
        """Leave the group, so that others take over at once."""
        self._consumer.close(autocommit=False, timeout_ms=_CLOSE_MS)

    def _take_over(self) -> None:
        self._consumer.pause(*self._consumer.assignment())
        unknown = [TopicPartition(FEEDS_STATE, number) for number, end in list(self._awaited.items()) if end is None]
        ends = self._consumer.end_offsets(unknown) if unknown else {}
        with self._lock:  # what the group has taken away meanwhile is awaited no longer
            self._awaited.update({each.partition: end for each, end in ends.items() if each.partition in self._awaited})
            learnt = [number for number, end in self._awaited.items() if end is not None and self._position(number) >= end]
            for number in learnt:
                del self._awaited[number]
            self._holdings.add(learnt)
        if learnt:
            _log.info("feeds taken over", partitions=sorted(learnt), owned=sorted(self._holdings.owned()))

    def _give(self, partitions: Collection[int]) -> None:
        with self._lock:
            self._awaited.update(dict.fromkeys(set(partitions) - self._holdings.owned()))

    def _drop(self, partitions: Collection[int], drain_seconds: float) -> None:
        with self._lock:
            for number in partitions:
                self._awaited.pop(number, None)
        self._holdings.drop(partitions, drain_seconds)
        if partitions:
            _log.info("feeds given away", partitions=sorted(partitions))

    def _connect(self, settings: KafkaSettings) -> KafkaConsumer:
        return connect_member(
            settings,
            "dateline-ingest-feeds",
            GROUP,
            (FEEDS_STATE,),
            _Rebalances(self._give, self._drop),
            auto_offset_reset="latest",
            max_poll_interval_ms=int(max(30.0, settings.session_timeout_seconds) * 1000),
        )
