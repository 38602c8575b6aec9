"""Measures one worker that has 500,000 articles: opening, the first publishing of all lists, how soon a list changes, a kill.

What the worker opens is written to `popularity.counts` as checkpoints would have left it: counts of views and visitors, what is
known of each article, its networks and the sketch of its visitors of today. Then views come in, 1,000 a second and in records of
200 ms as from ingest. Now and then a crowd views one article that nobody read; it is measured from when its views are acknowledged
until a list that shows it is published. Last the worker is killed, and another started at once.
"""

import math
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from kafka import KafkaConsumer, TopicPartition

from services.popularity.core.attributes import ABOUT_PREFIX, Attributes, encode_attributes
from services.popularity.core.counting import ArticleCounts, add_count, add_visitors, bucket_keys, encode_counts
from services.popularity.core.distinct import DISTINCT_PREFIX, DistinctVisitors
from services.popularity.core.networks import NETWORKS_PREFIX, ArticleNetworks
from services.popularity.core.view_rows import ViewColumns, tell_articles
from shared import topics
from shared.engagement import EngagementRecorded, View
from shared.events import Event, Record, decode_event, encode_event
from shared.outcomes import NewRecord
from shared.popularity import PopularityRanked
from shared.producing import Producer, partition_of
from shared.settings import KafkaSettings
from tests.counting import CountingWorker, counting_workers, running_kafka
from tests.engines import DOWNLOADS_HOME
from tests.stack import eventually

PARTITIONS = 4
VIEWS_A_SECOND, RECORD_SECONDS = 1_000, 0.2
CROWD, CROWD_SECONDS = 400, 0.7
SEED = 29
SECTIONS, LANGUAGES, PUBLISHERS = 20, 5, 10
_LISTS = "dateline_lists_published_total"
_COUNTED = f'dateline_outcomes_total{{outcome="counted",topic="{topics.ENGAGEMENT}"}}'
_QUIET_SECONDS = 4.0
#: What one view changes is no first publishing.
_MANY_LISTS = 200


def stored_values(articles: list[str], now_minute: int) -> Iterator[tuple[str, bytes, bytes]]:
    """Article, key and value of all that checkpoints left of the articles."""
    chance = np.random.default_rng(SEED)
    views = chance.zipf(1.5, len(articles)).clip(1, 100_000).tolist()
    ages = chance.integers(0, 40 * 1440, (len(articles), 3)).tolist()
    networks, distinct = ArticleNetworks(10), DistinctVisitors()
    for at in range(0, len(articles), 10_000):
        some = articles[at : at + 10_000]
        viewed = _some_views(some, now_minute, chance)
        told = tell_articles(viewed)
        networks.judge(told, viewed.networks, viewed.seconds)
        distinct.count(viewed, told, viewed.seconds)
        for place, article in enumerate(some, at):
            counts = ArticleCounts()
            add_count(counts.views, bucket_keys(now_minute), 1)
            for minute in [now_minute - 60 - age for age in ages[place]]:
                add_count(counts.views, bucket_keys(minute), views[place])
                add_visitors(counts, bucket_keys(minute)[1:], math.ceil(views[place] / 2))
            names = f"section {place % SECTIONS}", f"l{place % LANGUAGES}", f"publisher {place % PUBLISHERS}"
            known = Attributes(1, *names, minute=now_minute - ages[place][0])
            yield article, article.encode(), encode_counts(counts)
            yield article, ABOUT_PREFIX + article.encode(), encode_attributes(known)
    for prefix, values in ((NETWORKS_PREFIX, networks.changes()), (DISTINCT_PREFIX, distinct.changes())):
        for key, value in values.items():
            assert key.startswith(prefix)
            yield key[-32:].decode(), key, value or b""


def _some_views(articles: list[str], now_minute: int, chance: np.random.Generator) -> ViewColumns:
    """Six views of each article, from as many networks."""
    number = 6 * len(articles)
    words = chance.integers(1, 2**63, (2, number), np.uint64)
    return ViewColumns(np.repeat(np.array(articles, "S32"), 6), words[0], words[1], np.full(number, now_minute * 60))


class Crowd(threading.Thread):
    """Views of articles, at so many a second; the list shows when each crowd was acknowledged, by article."""

    def __init__(self, producer: Producer, articles: list[str], probes: list[str]) -> None:
        super().__init__(name="crowd", daemon=True)
        self.acknowledged: dict[str, float] = {}
        self.failure: BaseException | None = None
        self._producer, self._articles, self._probes = producer, articles, list(probes)
        self._stopped = threading.Event()

    def run(self) -> None:
        chance, begun, sent, last = np.random.default_rng(SEED), time.monotonic(), 0, 0.0
        try:
            while not self._stopped.is_set():
                gone = time.monotonic() - begun
                number = int(gone * VIEWS_A_SECOND) - sent
                viewed = (chance.random(number) ** 4 * len(self._articles)).astype(np.int64).tolist()
                self._producer.send_all(view_records([self._articles[place] for place in viewed], chance))
                sent += number
                if gone - last > CROWD_SECONDS and self._probes:
                    last, probe = gone, self._probes.pop()
                    self._producer.send_all(view_records([probe] * CROWD, chance))
                    self.acknowledged[probe] = time.monotonic()
                self._stopped.wait(RECORD_SECONDS)
        except BaseException as error:  # noqa: BLE001 - it is raised where the crowd is stopped
            self.failure = error

    def stop(self) -> None:
        """No views from now on."""
        self._stopped.set()
        self.join()
        if self.failure is not None:
            raise self.failure


def view_records(articles: list[str], chance: np.random.Generator) -> list[NewRecord]:
    """One record a partition, each view of another visitor and network."""
    now = datetime.fromtimestamp(time.time() // 1, UTC)
    parts: dict[int, list[View]] = {}
    for article in articles:
        view = View(article_id=article, visitor=chance.bytes(16).hex(), time=now, network=chance.bytes(8).hex())
        parts.setdefault(partition_of(article, PARTITIONS), []).append(view)
    return [
        encode_event(Event("1", "bench", now, now, EngagementRecorded(views=tuple(views))), topics.ENGAGEMENT, None, part)
        for part, views in parts.items()
    ]


class ListWatch(threading.Thread):
    """Reads lists as they are published, and notes when each article was first seen in one by views of the last hour."""

    def __init__(self, kafka: KafkaSettings) -> None:
        super().__init__(name="watch", daemon=True)
        self.seen: dict[str, float] = {}
        self._kafka = kafka
        self._stopped = threading.Event()

    def run(self) -> None:
        with closing(
            KafkaConsumer(
                bootstrap_servers=self._kafka.bootstrap_servers, isolation_level="read_committed", enable_auto_commit=False
            )
        ) as consumer:
            places = [TopicPartition(topics.RANKED, number) for number in consumer.partitions_for_topic(topics.RANKED)]
            consumer.assign(places)
            consumer.seek_to_end(*places)
            while not self._stopped.is_set():
                for records in consumer.poll(timeout_ms=100).values():
                    now = time.monotonic()
                    for raw in records:
                        if raw.key.startswith(b"views.1h.p"):
                            self._note(raw, now)

    def _note(self, raw: object, now: float) -> None:
        record = Record(topics.RANKED, 0, 0, raw.key, raw.value, tuple(raw.headers), 0)  # type: ignore[attr-defined]  # kafka-python has no types
        event = decode_event(record)
        assert isinstance(event, Event)
        assert isinstance(event.body, PopularityRanked)
        for entry in event.body.entries:
            self.seen.setdefault(entry.article_id, now)

    def stop(self) -> None:
        """Stop reading."""
        self._stopped.set()
        self.join()


@dataclass(frozen=True)
class _Usage:
    """Processor time, and memory at its peak."""

    cpu_seconds: float
    peak_mb: float


def _usage(worker: CountingWorker) -> _Usage:
    home = Path(f"/proc/{worker.process.pid}")
    fields = (home / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    peak = next(line for line in (home / "status").read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
    return _Usage((int(fields[11]) + int(fields[12])) / 100, int(peak.split()[1]) / 1024)


@dataclass(frozen=True)
class _First:
    """The first publishing of all lists: how many, its processor time, and how long a view waited meanwhile at the most."""

    lists: float
    cpu_seconds: float
    longest_wait_seconds: float


def _first_lists(worker: CountingWorker, producer: Producer, article: str) -> _First:
    """Wait until all lists were published, while now and then somebody views an article."""
    chance, before = np.random.default_rng(SEED), _usage(worker)
    seen, changed, after, sent, longest = 0.0, time.monotonic(), before, 0, 0.0
    while not seen or time.monotonic() - changed < _QUIET_SECONDS:
        asked = time.monotonic()
        producer.send_all(view_records([article], chance))
        sent += 1
        eventually(lambda: worker.metric(_COUNTED), lambda counted, sent=sent: counted >= sent, timeout_seconds=60)  # type: ignore[misc]  # no types for lambda defaults
        longest = max(longest, time.monotonic() - asked)
        lists = worker.metric(_LISTS)
        if lists > seen + _MANY_LISTS:
            seen, changed, after = lists, time.monotonic(), _usage(worker)
    return _First(seen, after.cpu_seconds - before.cpu_seconds, longest)


def run(settings: Mapping[str, str], *, quick: bool) -> dict[str, float]:
    """Figures of a worker with these settings; seconds unless they say otherwise."""
    number, probes = (50_000, 20) if quick else (500_000, 100)
    chance = np.random.default_rng(SEED)
    articles = [chance.bytes(16).hex() for _ in range(number)]
    with (
        tempfile.TemporaryDirectory(prefix="dateline-popularity-") as scratch,
        running_kafka(DOWNLOADS_HOME, Path(scratch) / "kafka", PARTITIONS) as kafka,
        Producer(kafka, "bench") as producer,
    ):
        _store(producer, articles)
        return _measure(kafka, producer, settings, articles, probes)


def _store(producer: Producer, articles: list[str]) -> None:
    records: list[NewRecord] = []
    for article, key, value in stored_values(articles, int(time.time() // 60)):
        records.append(NewRecord(topics.COUNTS, key, value, (), partition_of(article, PARTITIONS)))
        if len(records) == 20_000:
            producer.send_all(records)
            records.clear()
    producer.send_all(records)


def _measure(
    kafka: KafkaSettings, producer: Producer, settings: Mapping[str, str], articles: list[str], number: int
) -> dict[str, float]:
    probes = articles[-number:]
    crowd, watch = Crowd(producer, articles[:-number], probes), ListWatch(kafka)
    with counting_workers(kafka, settings) as start:
        begun = time.monotonic()
        worker = start()
        # Ready is also who was given no partitions yet, as at the first meeting of a group.
        eventually(lambda: worker.is_ready() and worker.partitions(), lambda own: own == PARTITIONS, timeout_seconds=120)
        open_seconds, open_cpu_seconds = time.monotonic() - begun, _usage(worker).cpu_seconds
        first = _first_lists(worker, producer, articles[0])
        watch.start()
        crowd.start()
        eventually(lambda: len(crowd.acknowledged), lambda done: done == number, timeout_seconds=number * 2)
        eventually(lambda: len(watch.seen.keys() & crowd.acknowledged.keys()), lambda seen: seen == number, timeout_seconds=60)
        usage = _usage(worker)
        worker.kill()
        killed = time.monotonic()
        other = start()
        eventually(lambda: other.metric(_COUNTED), bool, timeout_seconds=120)
        again = time.monotonic() - killed
        crowd.stop()
        watch.stop()
    seconds = sorted(watch.seen[probe] - crowd.acknowledged[probe] for probe in crowd.acknowledged)
    quantiles = statistics.quantiles(seconds, n=100, method="inclusive")
    return {
        "open_seconds": round(open_seconds, 1),
        "open_cpu_seconds": round(open_cpu_seconds, 1),
        "live_rss_mb": round(usage.peak_mb),
        "first_lists": first.lists,
        "first_lists_cpu_seconds": round(first.cpu_seconds, 2),
        "longest_wait_seconds": round(first.longest_wait_seconds, 2),
        "list_changed_p50_seconds": round(quantiles[49], 2),
        "list_changed_p99_seconds": round(quantiles[98], 2),
        "counting_again_seconds": round(again, 1),
    }
