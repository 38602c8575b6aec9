"""How a partition is opened: shut out its former owner, read its counts to their end, find where to go on."""

import asyncio
import gc
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.popularity.connections import build_fencing_producer, build_reader
from services.popularity.core.attributes import ABOUT_PREFIX, Attributes, decode_attributes
from services.popularity.core.counting import ArticleCounts, decode_counts
from services.popularity.core.distinct import DISTINCT_PREFIX, DistinctVisitors
from services.popularity.core.fairness import FAIRNESS_PREFIXES, Fairness
from services.popularity.core.reports import REPORT_PREFIXES, PageReports
from services.popularity.core.state import PartitionState
from services.popularity.layout import GROUP, SOURCES, Layout, fetch_layout
from services.popularity.partition import OwnedPartition
from services.popularity.positions import POSITION_KEY, LogRange, Position, SourcePosition, decode_position, resume_positions
from services.popularity.publishing import PublishedLists
from services.popularity.settings import CountingSettings, PopularitySettings, fairness_rules, plan_lists
from services.popularity.storing import Doubted, Store
from shared.events import Record
from shared.failpoints import FailPoint, fail_here
from shared.failures import Misconfigured, Unavailable
from shared.logs import get_logger
from shared.settings import KafkaSettings
from shared.topics import COUNTS

_POLL_MS = 1000
_READ_AT_ONCE = 1_000

_log = get_logger(__name__)


async def open_partition(partition: int, settings: PopularitySettings) -> OwnedPartition:
    """The partition, ours from now on. Doubted when Kafka does not answer; Misconfigured when what is stored does not fit."""
    begun = time.monotonic()
    limit = settings.popularity.transaction_seconds
    producer = build_fencing_producer(settings.kafka, f"{GROUP}-{partition}", limit)
    store = Store(producer, partition, limit)
    try:
        layout = await asyncio.to_thread(fetch_layout, settings.kafka)  # topics may be others than when the process started
        await producer.start()  # from here on, the former owner can no longer write
        async with _reader(settings.kafka) as reader:
            found = await _read_stored(reader, partition, settings.popularity)
            position = await _find_position(reader, partition, layout, found.position)
        now_minute = position.as_of_ms // 60_000
        with _collector_at_rest():
            plan = plan_lists(settings.lists)
            rules = found.fairness, found.known, plan, found.distinct, found.reports
            state = PartitionState(found.articles, now_minute, *rules)
    except (KafkaError, OSError, Unavailable) as error:
        await producer.stop()
        raise Doubted(f"partition {partition} could not be opened: {type(error).__name__} {error}") from error
    except (Misconfigured, asyncio.CancelledError):
        await producer.stop()
        raise
    fail_here(FailPoint.OPENED)
    offsets = {topic: source.next_offset for topic, source in position.sources.items()}
    taken = round(time.monotonic() - begun, 3)
    _log.info("opened a partition", partition=partition, articles=len(found.articles), next_offsets=offsets, seconds=taken)

    def read_range(topic: str, start: int, end: int) -> AsyncGenerator[Record, None]:
        return _read_range(settings.kafka, TopicPartition(topic, partition), start, end)

    return OwnedPartition(state, position, store, PublishedLists(partition, settings.popularity.publish_seconds), read_range)


@asynccontextmanager
async def _reader(settings: KafkaSettings) -> AsyncIterator[AIOKafkaConsumer]:
    reader = build_reader(settings)
    await reader.start()
    try:
        yield reader
    finally:
        await reader.stop()


@dataclass(frozen=True)
class _Stored:
    """What the checkpoints of a partition left."""

    articles: dict[bytes, ArticleCounts]
    known: dict[bytes, Attributes]
    fairness: Fairness
    reports: PageReports
    distinct: DistinctVisitors | None
    position: Position | None


async def _read_stored(reader: AIOKafkaConsumer, partition: int, settings: CountingSettings) -> _Stored:
    values: dict[bytes, bytes] = {}
    place = TopicPartition(COUNTS, partition)
    end = (await reader.end_offsets([place]))[place]
    async for raw in _records(reader, place, (await reader.beginning_offsets([place]))[place], end):
        if raw.value is None:
            values.pop(raw.key, None)
        else:
            values[raw.key] = raw.value
    with _collector_at_rest():
        return _decode(values, partition, settings)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Millions of objects are made that will stay: looking through them for garbage, again and again, would double the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _decode(values: dict[bytes, bytes], partition: int, settings: CountingSettings) -> _Stored:
    stored = values.pop(POSITION_KEY, None)
    fairness_values = {key: values.pop(key) for key in list(values) if key.startswith(FAIRNESS_PREFIXES)}
    sketches = {key: values.pop(key) for key in list(values) if key.startswith(DISTINCT_PREFIX)}
    about = {key.removeprefix(ABOUT_PREFIX): values.pop(key) for key in list(values) if key.startswith(ABOUT_PREFIX)}
    report_values = {key: values.pop(key) for key in list(values) if key.startswith(REPORT_PREFIXES)}
    try:
        known = {article: decode_attributes(value) for article, value in about.items()}
        articles = {article: decode_counts(value) for article, value in values.items()}
        fairness = Fairness(fairness_rules(settings), fairness_values)
        reports = PageReports(settings.network_percent, report_values)
        distinct = DistinctVisitors(sketches) if settings.distinct_visitors else None
    except ValueError as error:
        raise Misconfigured(f"{COUNTS}, partition {partition}: {error}; was it written by a newer version?") from error
    position = decode_position(stored) if stored is not None else None
    return _Stored(articles, known, fairness, reports, distinct, position)


async def _find_position(reader: AIOKafkaConsumer, partition: int, layout: Layout, stored: Position | None) -> Position:
    places = {topic: TopicPartition(topic, partition) for topic in SOURCES}
    starts = await reader.beginning_offsets(list(places.values()))
    ends = await reader.end_offsets(list(places.values()))
    logs = {topic: LogRange(starts[place], ends[place]) for topic, place in places.items()}
    offsets = resume_positions(stored, layout, logs, partition)
    sources = {topic: SourcePosition(topic_id=layout.topic_ids[topic], next_offset=offsets[topic]) for topic in SOURCES}
    now_ms = int(time.time() * 1000)
    return Position(partitions=layout.partitions, as_of_ms=max(now_ms, stored.as_of_ms if stored else 0), sources=sources)


async def _records(reader: AIOKafkaConsumer, place: TopicPartition, start: int, end: int) -> AsyncGenerator[Any, None]:
    """The committed records of a partition from an offset up to another."""
    if start >= end:
        return
    reader.assign([place])
    reader.seek(place, start)
    while await reader.position(place) < end:
        for raw in (await reader.getmany(place, timeout_ms=_POLL_MS, max_records=_READ_AT_ONCE)).get(place, ()):
            if raw.offset < end:
                yield raw


async def _read_range(settings: KafkaSettings, place: TopicPartition, start: int, end: int) -> AsyncGenerator[Record, None]:
    try:
        async with _reader(settings) as reader:
            async for raw in _records(reader, place, start, end):
                yield _build_record(raw)
    except (KafkaError, OSError) as error:
        raise Doubted(f"{place.topic}, partition {place.partition} could not be read: {error}") from error


def _build_record(raw: Any) -> Record:
    """The record of what aiokafka consumed."""
    headers = tuple((name, value if value is not None else b"") for name, value in raw.headers)
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, headers, raw.timestamp)
