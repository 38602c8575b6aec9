"""Popularity as processes on a real Kafka: what is counted is exact, whoever dies, stalls or joins.

Tests share a broker, so each has articles of its own, and looks at these only.
"""

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.popularity.core.counting import ArticleCounts, encode_counts, total
from services.popularity.layout import SOURCES, fetch_layout
from shared import topics
from shared.comments import CommentPosted
from shared.engagement import EngagementRecorded, ReadingReported, ShareReported, View
from shared.events import Event, article_record, decode_event, encode_event
from shared.failures import Misconfigured
from shared.outcomes import NewRecord
from shared.popularity import EVERYTHING, ListGroup, Measure, PopularityRanked, Window, list_id
from shared.producing import Producer, partition_of
from shared.settings import KafkaSettings
from tests.builders import a_retraction, an_enriched_article
from tests.command import dateline
from tests.counting import CountingWorker, all_is_counted, counting_workers, read_all, running_kafka, stored_counts
from tests.engines import DOWNLOADS_HOME

PARTITIONS = 4
WINDOWS = (Window.HOUR, Window.DAY, Window.WEEK, Window.MONTH, Window.ALL)
PATIENCE_SECONDS = 60.0
EXIT_DOUBT = 75
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaSettings]:
    with running_kafka(DOWNLOADS_HOME, tmp_path_factory.mktemp("popularity") / "kafka", PARTITIONS) as settings:
        yield settings


@pytest.fixture
def producer(kafka: KafkaSettings) -> Iterator[Producer]:
    with Producer(kafka, "test-popularity") as open_producer:
        yield open_producer


def workers(kafka: KafkaSettings) -> AbstractContextManager[Callable[[], CountingWorker]]:
    """Starts workers that store and publish often; those that are left are killed afterwards."""
    return counting_workers(
        kafka,
        {
            "DATELINE_KAFKA_SESSION_TIMEOUT_SECONDS": "6",
            "DATELINE_POPULARITY_CHECKPOINT_SECONDS": "0.5",
            "DATELINE_POPULARITY_PUBLISH_SECONDS": "0.5",
        },
    )


def wait_until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {PATIENCE_SECONDS} seconds in vain until {what}")
        time.sleep(0.1)


def some_articles(number: int, seed: int) -> list[str]:
    return [f"{random.Random(seed * 1000 + each).getrandbits(128):032x}" for each in range(number)]  # noqa: S311 - test data, the same each time


def view_records(articles: list[str], time_of: datetime) -> list[NewRecord]:
    """Views of as many visitors as ingest writes them: one record for the views of each partition."""
    by_partition: dict[int, list[View]] = {}
    for article in articles:
        view = View(article_id=article, visitor=secrets.token_hex(16), time=time_of)
        by_partition.setdefault(partition_of(article, PARTITIONS), []).append(view)
    return [
        encode_event(
            Event("1", "test", time_of, time_of, EngagementRecorded(views=tuple(views))), topics.ENGAGEMENT, None, partition
        )
        for partition, views in by_partition.items()
    ]


def known_article(article: str, now: datetime, **fields: Any) -> NewRecord:
    """What enrich says of an article; before that it is counted, and not listed."""
    return article_record(Event("1", "test", now, now, an_enriched_article(article_id=article, **fields)), topics.ENRICHED)


def assert_exact(kafka: KafkaSettings, truth: Counter[str]) -> None:
    assert stored_views(kafka, truth) == dict(truth)


def stored_views(kafka: KafkaSettings, articles: Iterable[str]) -> dict[str, int]:
    """All views of each of these articles, as the last checkpoints have them."""
    found = stored_counts(kafka).articles
    return {article: total(found[article].views) if article in found else 0 for article in articles}


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
    producer.send_all([known_article(article, now) for article in (much, little, old)])
    comment = CommentPosted(comment_id="c" * 32, article_id=little, revision=1, author="A", text="T", time=now)
    with workers(kafka) as start:
        worker = start()
        producer.send_all(view_records([much] * 3000 + [little] * 2000, now))
        producer.send_all(view_records([old] * 2500, now - timedelta(hours=20)))
        producer.send_all([article_record(Event("1", "test", now, now, comment), topics.COMMENTS)] * 2)

        def counts(article: str) -> list[int | None]:
            lists = newest_lists(kafka)
            return [place_of(lists, Measure.VIEWS, window, article) for window in WINDOWS]

        wait_until(lambda: counts(much) == [3000] * 5, "the views are in every list")
        wait_until(lambda: counts(little) == [2000] * 5, "the views of the other article are in every list")
        wait_until(lambda: counts(old) == [None, 2500, 2500, 2500, 2500], "older views are in the lists that reach back to them")
        wait_until(
            lambda: place_of(newest_lists(kafka), Measure.COMMENTS, Window.HOUR, little) == 1,
            "the comment is counted, and once only",
        )
        assert worker.is_ready()
        assert worker.stop() == 0


def report_records(article: str, now: datetime, seconds: Iterable[int]) -> list[NewRecord]:
    """Readings of so many seconds, each of a reader of its own, who also shares the article."""
    readers = [({"article_id": article, "visitor": secrets.token_hex(16), "time": now}, engaged) for engaged in seconds]
    bodies = [body for who, engaged in readers for body in (ReadingReported(**who, engaged_seconds=engaged), ShareReported(**who))]
    return [article_record(Event("1", "test", now, now, body), topics.READING) for body in bodies]


def test_readings_and_shares_become_ranked_lists_and_are_recounted(kafka: KafkaSettings, producer: Producer) -> None:
    now = datetime.now(UTC)
    long, shared = some_articles(2, seed=8)
    section = ListGroup(section=f"Reads {long}")
    records = [*report_records(long, now, [1800, 600]), *report_records(shared, now, [1, 1, 1])]
    producer.send_all([known_article(article, now, section=section.section) for article in (long, shared)])

    def listed(measure: Measure) -> dict[str, int]:
        lists = newest_lists(kafka)
        parts = [lists.get(list_id(measure, Window.DAY, partition, section)) for partition in range(PARTITIONS)]
        return {entry.article_id: entry.count for part in parts if part for entry in part.entries}

    with workers(kafka) as start:
        worker = start()
        producer.send_all(records)
        wait_until(lambda: listed(Measure.ENGAGED) == {long: 2400, shared: 3}, "the engaged seconds are in the lists")
        wait_until(lambda: listed(Measure.SHARES) == {long: 2, shared: 3}, "so are the shares")
        worker.kill()

        producer.send_all([*records, *report_records(long, now, [60])])
        worker = start()
        wait_until(lambda: listed(Measure.ENGAGED) == {long: 2460, shared: 3}, "another worker goes on, and repeats do not count")
        assert listed(Measure.SHARES) == {long: 3, shared: 3}
        assert recounted(kafka, "--verify").returncode == 0
        assert worker.stop() == 0


def test_lists_of_groups_and_a_retraction_that_ends_them(kafka: KafkaSettings, producer: Producer) -> None:
    now = datetime.now(UTC)
    harbour, tides = some_articles(2, seed=6)
    section = f"Sea {harbour}"
    producer.send_all([known_article(harbour, now, section=section), known_article(tides, now, section=section, language="fr")])
    producer.send_all(view_records([harbour] * 30 + [tides] * 20, now))
    groups = [ListGroup(section=section), ListGroup(section=section, language="fr")]

    def listed(article: str) -> list[bool]:
        lists = newest_lists(kafka)
        names = [list_id(Measure.VIEWS, Window.TODAY, partition_of(article, PARTITIONS), group) for group in (EVERYTHING, *groups)]
        return [name in lists and article in [entry.article_id for entry in lists[name].entries] for name in names]

    with workers(kafka) as start:
        worker = start()
        wait_until(lambda: listed(harbour) == [True, True, False], "it is in the lists of its section, in one language")
        wait_until(lambda: listed(tides) == [True, True, True], "it is in those of its section and its language")
        producer.send_all([article_record(Event("2", "test", now, now, a_retraction(article_id=tides)), topics.ENRICHED)])
        begun = time.monotonic()
        wait_until(lambda: listed(tides) == [False] * 3, "the retracted article has left all lists")
        assert time.monotonic() - begun < 10
        worker.kill()

        producer.send_all(view_records([tides] * 50 + [harbour], now))
        start()
        wait_until(lambda: all_is_counted(kafka), "another worker has counted the views that came late")
        assert listed(tides) == [False] * 3
        assert listed(harbour) == [True, True, False]


def test_what_does_not_decode_is_a_dead_letter_and_counting_goes_on(kafka: KafkaSettings, producer: Producer) -> None:
    now = datetime.now(UTC)
    (article,) = some_articles(1, seed=2)
    partition = partition_of(article, PARTITIONS)
    good = view_records([article], now)[0]
    bad = NewRecord(topics.ENGAGEMENT, None, b"not JSON", good.headers, partition)
    null = NewRecord(topics.ENGAGEMENT, None, b"", (), partition)
    with workers(kafka) as start:
        worker = start()
        producer.send_all([good, bad, null, *view_records([article], now)])

        wait_until(lambda: stored_views(kafka, [article]) == {article: 2}, "the good records are counted")
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
            before = stored_counts(kafka).positions
            wait_until(lambda before=before: stored_counts(kafka).positions != before, "something is counted")  # type: ignore[misc]  # no types for lambda defaults
            time.sleep(seconds)  # so that the kills come at other moments of a checkpoint
            worker.kill()
        start()
        truth = readers.stop()

        wait_until(lambda: all_is_counted(kafka), "the last worker has counted the rest")
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

        wait_until(lambda: all_is_counted(kafka), "the second worker has counted the rest")
        assert_exact(kafka, truth)
        assert second.process.poll() is None


def test_an_owner_that_stalls_and_wakes_up_is_shut_out(kafka: KafkaSettings, producer: Producer) -> None:
    readers = Readers(producer, some_articles(300, seed=5))
    with workers(kafka) as start, suppress(ProcessLookupError):
        stalled = start()
        wait_until(lambda: stalled.partitions() == PARTITIONS, "the first worker has all partitions")
        readers.start()
        before = stored_counts(kafka).positions
        wait_until(lambda: stored_counts(kafka).positions != before, "the first worker counts")
        stalled.process.send_signal(signal.SIGSTOP)
        second = start()
        wait_until(lambda: second.partitions() == PARTITIONS, "the second worker has taken all partitions over")

        stalled.process.send_signal(signal.SIGCONT)

        assert stalled.process.wait(PATIENCE_SECONDS) == EXIT_DOUBT
        truth = readers.stop()
        wait_until(lambda: all_is_counted(kafka), "the second worker has counted the rest")
        assert_exact(kafka, truth)


def recounted(kafka: KafkaSettings, *options: str) -> subprocess.CompletedProcess[str]:
    return dateline("popularity", "recount", *options, DATELINE_KAFKA_BOOTSTRAP_SERVERS=kafka.bootstrap_servers)


def test_a_recount_finds_what_differs_and_puts_it_right_and_counting_goes_on(kafka: KafkaSettings, producer: Producer) -> None:
    articles = some_articles(50, seed=7)
    now = datetime.now(UTC)
    producer.send_all([known_article(article, now) for article in articles])
    producer.send_all(view_records(articles * 3 + articles[:7] * 5, now - timedelta(minutes=2)))
    with workers(kafka) as start:
        worker = start()
        wait_until(lambda: all_is_counted(kafka), "all is counted")
        assert recounted(kafka, "--verify").returncode == 0
        refused = recounted(kafka)
        assert (refused.returncode, "popularity is running (1 workers)" in refused.stderr) == (78, True)
        assert worker.stop() == 0

        wrong = ArticleCounts()
        producer.send_all(
            [
                NewRecord(topics.COUNTS, article.encode(), encode_counts(wrong), (), partition_of(article, PARTITIONS))
                for article in (articles[0], "e" * 32)
            ]
        )
        found = recounted(kafka, "--verify")
        assert found.returncode == 1
        assert f"{articles[0]}: views 0 stored, 8 in the log" in found.stdout
        assert "e" * 32 in found.stdout

        assert recounted(kafka).returncode == 0
        assert recounted(kafka, "--verify").returncode == 0
        assert "e" * 32 not in stored_counts(kafka).articles
        start()
        producer.send_all(view_records(articles[:1], now - timedelta(minutes=2)))
        wait_until(lambda: stored_views(kafka, articles[:1]) == {articles[0]: 9}, "counting goes on where the recount ended")


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
