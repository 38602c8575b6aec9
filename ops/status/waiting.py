"""How many records really wait where a group is a few offsets behind the end of a log.

What is written in transactions ends with a marker, which takes an offset and is no record: a group that has read everything stands
one before the end then, for ever. So where the distance is small, it is looked what is there.
"""

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing

from kafka import TopicPartition

from ops.cli.log_reading import Stretch
from shared.kafka_connection import connect_consumer
from shared.settings import KafkaSettings

#: A longer distance is told as it is.
_FEW = 8
_POLL_MS = 200


def count_waiting(
    settings: KafkaSettings, left: Mapping[TopicPartition, Stretch], patience_seconds: float
) -> dict[TopicPartition, int]:
    """How many records stand in each stretch; its length where it is long, or cannot be read in time. Raises KafkaError."""
    counts = {place: max(0, stretch.end - stretch.start) for place, stretch in left.items()}
    few = {place: left[place] for place, count in counts.items() if 0 < count <= _FEW}
    if not few:
        return counts
    found: Counter[TopicPartition] = Counter()
    deadline = time.monotonic() + patience_seconds
    consumer = connect_consumer(
        settings,
        "dateline-status",
        group_id=None,
        bootstrap_timeout_ms=int(patience_seconds * 1000),
        fetch_max_wait_ms=100,
    )
    with closing(consumer):
        consumer.assign(list(few))
        for place, stretch in few.items():
            consumer.seek(place, stretch.start)
        unread = set(few)
        while unread and time.monotonic() < deadline:
            for place, raws in consumer.poll(timeout_ms=_POLL_MS).items():
                found[place] += sum(raw.offset < few[place].end for raw in raws)
            unread = {place for place in unread if consumer.position(place) < few[place].end}
    return counts | {place: found[place] for place in few if place not in unread}
