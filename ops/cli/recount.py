"""`dateline popularity recount`: counts the log again, tells where it differs from what is stored, and puts it in its place.

Verifying looks up to the position that is stored, so it can be done while popularity counts. Replacing is done by the owner of a
partition alone: the command takes that role, and only while no worker is running. A worker that starts meanwhile shuts it out, and
then nothing is changed: all of a partition is written in one transaction.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from ops.cli.log_reading import Stretch, read_stretch
from services.popularity.core.attributes import ABOUT_PREFIX
from services.popularity.core.distinct import DistinctVisitors
from services.popularity.core.fairness import Fairness
from services.popularity.core.recount import Difference, build_swap, find_differences, recount
from services.popularity.core.reports import PageReports
from services.popularity.core.state import PartitionState
from services.popularity.layout import COUNTED_TOPICS, GROUP, Layout, fetch_layout
from services.popularity.positions import POSITION_KEY, Position, SourcePosition, decode_position, encode_position
from services.popularity.settings import PopularitySettings, fairness_rules
from shared.events import Record
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import connect_admin, connect_consumer, connection_arguments
from shared.settings import KafkaSettings
from shared.topics import COUNTS

_TRANSACTION_MS = 600_000


@dataclass(frozen=True)
class Recounted:
    """One partition: how many articles were counted, and which differ from what was stored."""

    partition: int
    articles: int
    differences: list[Difference]
    replaced: bool


def recount_all(settings: PopularitySettings, *, replace: bool) -> Iterator[Recounted]:
    """Recount partition by partition. Misconfigured when it cannot be done, Unavailable when no broker answers."""
    layout = fetch_layout(settings.kafka)
    if replace:
        _require_no_workers(settings.kafka)
    for partition in range(layout.partitions):
        try:
            yield _replace(settings, layout, partition) if replace else _verify(settings, partition)
        except (KafkaError, OSError) as error:
            raise Unavailable(f"recounting partition {partition}: {type(error).__name__} {error}") from error


def _verify(settings: PopularitySettings, partition: int) -> Recounted:
    stored = _read_stored(settings.kafka, partition)
    if POSITION_KEY not in stored:
        return Recounted(partition, 0, [], replaced=False)
    position = decode_position(stored[POSITION_KEY])
    values = _recount(settings, partition, position)
    return Recounted(partition, _articles(values), find_differences(stored, values), replaced=False)


def _replace(settings: PopularitySettings, layout: Layout, partition: int) -> Recounted:
    producer = KafkaProducer(
        **connection_arguments(settings.kafka),
        client_id="dateline-recount",
        transactional_id=f"{GROUP}-{partition}",
        transaction_timeout_ms=_TRANSACTION_MS,
    )
    with closing(producer):
        producer.init_transactions()  # from here on, no owner of before can write
        stored = _read_stored(settings.kafka, partition)
        position = _find_end(settings.kafka, layout, partition, stored)
        values = _recount(settings, partition, position)
        values[POSITION_KEY] = encode_position(position)
        producer.begin_transaction()
        for key, value in build_swap(stored, values, (ABOUT_PREFIX, POSITION_KEY)).items():
            producer.send(COUNTS, key=key, value=value, partition=partition)
        producer.commit_transaction()
    return Recounted(partition, _articles(values), find_differences(stored, values), replaced=True)


def _recount(settings: PopularitySettings, partition: int, position: Position) -> dict[bytes, bytes]:
    now_minute = position.as_of_ms // 60_000
    distinct = DistinctVisitors() if settings.popularity.distinct_visitors else None
    rules = fairness_rules(settings.popularity)
    state = PartitionState({}, now_minute, Fairness(rules), distinct=distinct, reports=PageReports(rules.network_percent))
    return recount(_read_sources(settings.kafka, partition, position), state, now_minute)


def _articles(values: Mapping[bytes, bytes]) -> int:
    return sum(len(key) == len("0" * 32) for key in values)


def _find_end(settings: KafkaSettings, layout: Layout, partition: int, stored: Mapping[bytes, bytes]) -> Position:
    """The position at the end of the log; that of what is known of articles stays, since that log is shorter than our memory."""
    before = decode_position(stored[POSITION_KEY]) if POSITION_KEY in stored else None
    with closing(connect_consumer(settings, "dateline-recount", group_id=None)) as consumer:
        places = {topic: TopicPartition(topic, partition) for topic in COUNTED_TOPICS}
        ends = consumer.end_offsets(list(places.values()))
    sources = dict(before.sources) if before is not None else {}
    for topic, place in places.items():
        sources[topic] = SourcePosition(topic_id=layout.topic_ids[topic], next_offset=ends[place])
    as_of_ms = max(int(time.time() * 1000), before.as_of_ms + 1 if before is not None else 0)
    return Position(partitions=layout.partitions, as_of_ms=as_of_ms, sources=sources)


def _require_no_workers(settings: KafkaSettings) -> None:
    admin = connect_admin(settings)
    try:
        members = [member for group in admin.describe_groups([GROUP]).values() for member in group["members"]]
    except (KafkaError, OSError) as error:
        raise Unavailable(f"Kafka at {settings.bootstrap_servers} does not tell who counts: {error}") from error
    finally:
        admin.close()
    if members:
        raise Misconfigured(
            f"popularity is running ({len(members)} workers): stop it, recount, start it again; --verify can be done while it runs"
        )


def _read_stored(settings: KafkaSettings, partition: int) -> dict[bytes, bytes]:
    values: dict[bytes, bytes] = {}
    with closing(connect_consumer(settings, "dateline-recount", group_id=None)) as consumer:
        place = TopicPartition(COUNTS, partition)
        start, end = consumer.beginning_offsets([place])[place], consumer.end_offsets([place])[place]
        for record in read_stretch(consumer, place, Stretch(start, end)):
            if record.value is None:
                values.pop(record.key or b"", None)
            else:
                values[record.key or b""] = record.value
    return values


def _read_sources(settings: KafkaSettings, partition: int, position: Position) -> Iterator[Record]:
    with closing(connect_consumer(settings, "dateline-recount", group_id=None)) as consumer:
        for topic in COUNTED_TOPICS:
            place, source = TopicPartition(topic, partition), position.sources.get(topic)
            start = consumer.beginning_offsets([place])[place]
            if start > 0:
                raise Misconfigured(
                    f"{topic}, partition {partition} begins at offset {start}: retention deleted what was counted before, "
                    "so it cannot be counted again"
                )
            yield from read_stretch(consumer, place, Stretch(start, source.next_offset if source is not None else 0))
