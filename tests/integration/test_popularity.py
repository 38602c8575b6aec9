"""Popularity as processes on a real Kafka: what is counted is exact, whoever dies, stalls or joins.

Tests share the broker, so each has articles of its own, and looks at these only.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from kafka import KafkaConsumer, TopicPartition

from ops.cli.setup import create_topics
from ops.local.ports import free_port
from services.popularity.core.counting import decode_counts, total
from services.popularity.layout import SOURCES, fetch_layout
from shared import topics
from shared.comments import CommentPosted
from shared.engagement import EngagementRecorded, View
from shared.events import Event, Record, article_record, decode_event, encode_event
from shared.failures import Misconfigured
from shared.outcomes import NewRecord
from shared.popularity import Measure, PopularityRanked, Window, list_id
from shared.producing import Producer, partition_of
from shared.settings import KafkaSettings
from tests.engines import Engines

PARTITIONS = 4
PATIENCE_SECONDS = 60.0
EXIT_DOUBT = 75
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def kafka(engines: Engines) -> KafkaSettings:
    settings = KafkaSettings(bootstrap_servers=engines.kafka_bootstrap)
    create_topics(settings, PARTITIONS, replication=1)
    return settings


@pytest.fixture
def producer(kafka: KafkaSettings) -> Iterator[Producer]:
    with Producer(kafka, "test-popularity") as open_producer:
        yield open_producer


@dataclass(frozen=True)
class Worker:
    """A process of the service."""

    process: subprocess.Popen[bytes]
    port: int

    def get(self, path: str) -> str:
        """What its operations port answers; nothing while it does not listen."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return str(error.read().decode())
        except OSError:
            return ""

    def is_ready(self) -> bool:
        return '"status": "ready"' in self.get("/readyz")

    def partitions(self) -> int:
        """How many partitions it has, and has begun to read."""
        return self.get("/metrics").count("dateline_lag_records{") // len(SOURCES)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(18)


@contextmanager
def workers(kafka: KafkaSettings) -> Iterator[Callable[[], Worker]]:
    """Starts workers; those that are left are killed afterwards."""
    with ExitStack() as cleanup:

        def start() -> Worker:
            port = free_port()
            environment = {
                **{name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")},
                "DATELINE_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
                "DATELINE_KAFKA_SESSION_TIMEOUT_SECONDS": "6",
                "DATELINE_OPERATIONS_PORT": str(port),
                "DATELINE_POPULARITY_CHECKPOINT_SECONDS": "0.5",
                "DATELINE_POPULARITY_PUBLISH_SECONDS": "0.5",
            }
            process = subprocess.Popen([sys.executable, "-m", "services.popularity"], env=environment, cwd=ROOT)
            worker = Worker(process, port)
            cleanup.callback(worker.kill)
            return worker

        yield start


def wait_until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {PATIENCE_SECONDS} seconds in vain until {what}")
        time.sleep(0.1)


def some_articles(number: int, seed: int) -> list[str]:
    return [f"{random.Random(seed * 1000 + each).getrandbits(128):032x}" for each in range(number)]  # noqa: S311 - test data, the same each time


def view_records(articles: list[str], time_of: datetime) -> list[NewRecord]:
    """Views as ingest writes them: one record for the views of each partition."""
    by_partition: dict[int, list[View]] = {}
    for article in articles:
        view = View(article_id=article, visitor="0" * 32, time=time_of)
        by_partition.setdefault(partition_of(article, PARTITIONS), []).append(view)
    return [
        encode_event(
            Event("1", "test", time_of, time_of, EngagementRecorded(views=tuple(views))), topics.ENGAGEMENT, None, partition
        )
        for partition, views in by_partition.items()
    ]


def read_all(kafka: KafkaSettings, topic: str) -> list[Record]:
    """All committed records of a topic as of now."""
    with closing(
        KafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, isolation_level="read_committed", enable_auto_commit=False)
    ) as consumer:
        places = [TopicPartition(topic, partition) for partition in consumer.partitions_for_topic(topic)]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        records = []
        while any(consumer.position(place) < ends[place] for place in places):
            for found in consumer.poll(timeout_ms=200).values():
                records += [
                    Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers), raw.timestamp)
                    for raw in found
                ]
        return records


def stored_counts(kafka: KafkaSettings) -> tuple[dict[str, int], dict[tuple[str, int], int]]:
    """Views of every article, and the next offset of every source partition, as the last checkpoints have them."""
    newest = {(record.partition, record.key): record.value for record in read_all(kafka, topics.COUNTS)}
    views, positions = {}, {}
    for (partition, key), value in newest.items():
        assert key is not None
        assert value is not None
        if key == b"position":
            for topic, source in orjson.loads(value)["sources"].items():
                positions[topic, partition] = source["next_offset"]
        else:
            views[key.decode()] = total(decode_counts(value).views)
    return views, positions


def everything_is_counted(kafka: KafkaSettings) -> bool:
    with closing(KafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, enable_auto_commit=False)) as consumer:
        places = [TopicPartition(topics.ENGAGEMENT, partition) for partition in range(PARTITIONS)]
        ends = {(place.topic, place.partition): end for place, end in consumer.end_offsets(places).items()}
    positions = stored_counts(kafka)[1]
    return all(positions.get(place, 0) == end for place, end in ends.items())


def assert_exact(kafka: KafkaSettings, truth: Counter[str]) -> None:
    views = stored_counts(kafka)[0]
    assert {article: views.get(article, 0) for article in truth} == dict(truth)


def newest_lists(kafka: KafkaSettings) -> dict[str, PopularityRanked]:
    lists: dict[str, PopularityRanked] = {}
    for record in read_all(kafka, topics.RANKED):
        event = decode_event(record)
        assert isinstance(event, Event)
        assert isinstance(event.body, PopularityRanked)
        assert event.body.revision > (lists[event.body.list_id].revision if event.body.list_id in lists else 0)
        lists[event.body.list_id] = event.body
    return lists


def place_of(lists: dict[str, PopularityRanked], measure: Measure, window: Window, article: str) -> int | None:
    """The count with which an article stands in its part of a list."""
    part = lists.get(list_id(measure, window, partition_of(article, PARTITIONS)))
    return next((entry.count for entry in part.entries if entry.article_id == article), None) if part else None


class Readers(threading.Thread):
    """Readers who view articles, some of them much more than others, until they are stopped."""

    def __init__(self, producer: Producer, articles: list[str]) -> None:
        super().__init__(name="readers")
        self.truth: Counter[str] = Counter()
        self._producer = producer
        self._articles = articles
        self._stopped = threading.Event()

    def run(self) -> None:
        generator = random.Random(1)  # noqa: S311 - test data, the same each time
        while not self._stopped.wait(0.02):
            viewed = [self._articles[int(generator.random() ** 3 * len(self._articles))] for _ in range(100)]
            self._producer.send_all(view_records(viewed, datetime.now(UTC) - timedelta(minutes=generator.randrange(3))))
            self.truth.update(viewed)

    def stop(self) -> Counter[str]:
        self._stopped.set()
        self.join()
        return self.truth


def test_views_and_comments_become_ranked_lists(kafka: KafkaSettings, producer: Producer) -> None:
    now = datetime.now(UTC)
    much, little, old = some_articles(3, seed=1)
    comment = CommentPosted(comment_id="c" * 32, article_id=little, revision=1, author="A", text="T", time=now)
    with workers(kafka) as start:
        worker = start()
        producer.send_all(view_records([much] * 3000 + [little] * 2000, now))
        producer.send_all(view_records([old] * 2500, now - timedelta(days=2)))
        producer.send_all([article_record(Event("1", "test", now, now, comment), topics.COMMENTS)] * 2)

        def counts(article: str) -> list[int | None]:
            lists = newest_lists(kafka)
            return [place_of(lists, Measure.VIEWS, window, article) for window in Window]

        wait_until(lambda: counts(much) == [3000] * 5, "the views are in every list")
        wait_until(lambda: counts(little) == [2000] * 5, "the views of the other article are in every list")
        wait_until(lambda: counts(old) == [None, None, 2500, 2500, 2500], "older views are in the lists that reach back to them")
        wait_until(
            lambda: place_of(newest_lists(kafka), Measure.COMMENTS, Window.HOUR, little) == 1,
            "the comment is counted, and once only",
        )
        assert worker.is_ready()
        assert worker.stop() == 0


def test_what_does_not_decode_is_a_dead_letter_and_counting_goes_on(kafka: KafkaSettings, producer: Producer) -> None:
    now = datetime.now(UTC)
    (article,) = some_articles(1, seed=2)
    partition = partition_of(article, PARTITIONS)
    good = view_records([article], now)[0]
    bad = NewRecord(topics.ENGAGEMENT, None, b"not JSON", good.headers, partition)
    null = NewRecord(topics.ENGAGEMENT, None, b"", (), partition)
    with workers(kafka) as start:
        worker = start()
        producer.send_all([good, bad, null, good])

        wait_until(lambda: stored_counts(kafka)[0].get(article) == 2, "the good records are counted")
        letters = [record.value for record in read_all(kafka, topics.dead_letters_of(topics.ENGAGEMENT))]
        assert b"not JSON" in letters
        outcome = f'dateline_outcomes_total{{outcome="dead-lettered",topic="{topics.ENGAGEMENT}"}} 2.0'
        wait_until(lambda: outcome in worker.get("/metrics"), "the dead letters are counted")


def test_counts_are_exact_when_the_worker_is_killed_again_and_again(kafka: KafkaSettings, producer: Producer) -> None:
    readers = Readers(producer, some_articles(300, seed=3))
    with workers(kafka) as start:
        readers.start()
        for seconds in (0.4, 0.9):
            worker = start()
            before = stored_counts(kafka)[1]
            wait_until(lambda before=before: stored_counts(kafka)[1] != before, "something is counted")  # type: ignore[misc]  # no types for lambda defaults
            time.sleep(seconds)  # so that the kills come at other moments of a checkpoint
            worker.kill()
        start()
        truth = readers.stop()

        wait_until(lambda: everything_is_counted(kafka), "the last worker has counted the rest")
        assert_exact(kafka, truth)


def test_counts_are_exact_when_workers_join_and_leave(kafka: KafkaSettings, producer: Producer) -> None:
    readers = Readers(producer, some_articles(300, seed=4))
    with workers(kafka) as start:
        first = start()
        wait_until(lambda: first.partitions() == PARTITIONS, "the first worker has all partitions")
        readers.start()
        second = start()
        wait_until(lambda: first.partitions() == second.partitions() == PARTITIONS // 2, "they share the partitions")
        wait_until(lambda: first.is_ready() and second.is_ready(), "both are ready")
        assert first.stop() == 0
        wait_until(lambda: second.partitions() == PARTITIONS, "the second worker has all partitions")
        truth = readers.stop()

        wait_until(lambda: everything_is_counted(kafka), "the second worker has counted the rest")
        assert_exact(kafka, truth)
        assert second.process.poll() is None


def test_an_owner_that_stalls_and_wakes_up_is_shut_out(kafka: KafkaSettings, producer: Producer) -> None:
    readers = Readers(producer, some_articles(300, seed=5))
    with workers(kafka) as start, suppress(ProcessLookupError):
        stalled = start()
        wait_until(lambda: stalled.partitions() == PARTITIONS, "the first worker has all partitions")
        readers.start()
        before = stored_counts(kafka)[1]
        wait_until(lambda: stored_counts(kafka)[1] != before, "the first worker counts")
        stalled.process.send_signal(signal.SIGSTOP)
        second = start()
        wait_until(lambda: second.partitions() == PARTITIONS, "the second worker has taken all partitions over")

        stalled.process.send_signal(signal.SIGCONT)

        assert stalled.process.wait(PATIENCE_SECONDS) == EXIT_DOUBT
        truth = readers.stop()
        wait_until(lambda: everything_is_counted(kafka), "the second worker has counted the rest")
        assert_exact(kafka, truth)


def test_topics_that_are_missing_are_named(kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.popularity.layout._NEEDED", (*SOURCES, "popularity.missing"))

    with pytest.raises(Misconfigured, match=r"popularity\.missing: run `dateline setup`"):
        fetch_layout(kafka)


def test_a_wrong_setting_ends_the_service_before_it_connects() -> None:
    environment = {**os.environ, "DATELINE_KAFKA_BOOTSTRAP_SERVERS": "nowhere.invalid:1", "DATELINE_POPULARITY_WORKERS": "2"}

    done = subprocess.run(
        [sys.executable, "-m", "services.popularity"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 78
    assert "DATELINE_POPULARITY_WORKERS" in done.stderr
