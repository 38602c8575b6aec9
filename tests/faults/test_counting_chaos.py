"""Counts are exact whoever is killed, stalls, joins or leaves, and when the log is read again from its start.

Workers count on a broker of their own while readers view, and a schedule (the same for the same seed) strikes them. What is right
is told by an oracle that shares nothing with the service but the log: it reads every record as JSON and applies the rules view by
view.

`make test` runs a small schedule; `make faults` the whole one: a million views, 20 kills, 10 stalls, 10 workers that come and go.
"""

import json
import os
import random
import signal
import threading
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from services.popularity.core.counting import total
from shared import topics
from shared.engagement import EngagementRecorded, View
from shared.events import Event, encode_event
from shared.outcomes import NewRecord
from shared.producing import Producer, partition_of
from shared.settings import KafkaSettings
from tests.counting import CountingWorker, StoredCounts, counting_workers, read_all, running_kafka, stored_counts
from tests.engines import DOWNLOADS_HOME
from tests.faults.tier import TIER
from tests.stack import eventually
from tests.visitor_model import VisitorModel

PARTITIONS = 4
WORKERS = 2
GROUP = "dateline.popularity"
WINDOW_SECONDS = 1800
DAY_SECONDS, AHEAD_SECONDS = 24 * 3600, 300
SESSION_SECONDS = 6
SETTINGS = {
    "DATELINE_KAFKA_SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
    "DATELINE_POPULARITY_CHECKPOINT_SECONDS": "0.3",
    "DATELINE_POPULARITY_CHECKPOINT_VIEWS": "20000",
    "DATELINE_POPULARITY_PUBLISH_SECONDS": "1",
    "DATELINE_POPULARITY_VISITOR_SECONDS": str(WINDOW_SECONDS),
    "DATELINE_LOG_LEVEL": "error",
}


@dataclass(frozen=True)
class Plan:
    """What happens in how many seconds."""

    seed: int
    seconds: float
    views: int
    kills: int
    stalls: int
    guests: int


SMALL = Plan(seed=1, seconds=14, views=120_000, kills=3, stalls=1, guests=0)
WHOLE = [Plan(seed, seconds=240, views=1_000_000, kills=20, stalls=10, guests=10) for seed in (1, 2, 3)]
PLANS = [SMALL] if TIER == "small" else WHOLE


@dataclass(frozen=True, order=True)
class Strike:
    """At some second of the schedule, one of the workers (or another that comes and goes) meets with something."""

    at_seconds: float
    kind: str
    worker: int = 0


def schedule(plan: Plan) -> list[Strike]:
    """All strikes in the order of their times; the stalls are spread so that they come one after the other."""
    chance = random.Random(plan.seed)  # noqa: S311 - the same schedule every time
    strikes = [Strike(chance.uniform(0, plan.seconds), "kill", chance.randrange(WORKERS)) for _ in range(plan.kills)]
    for kind, number in (("stall", plan.stalls), ("guest", plan.guests)):
        each = plan.seconds / max(number, 1)
        strikes += [Strike(each * place + chance.uniform(0, each / 4), kind, chance.randrange(WORKERS)) for place in range(number)]
    return sorted(strikes)


class Readers(threading.Thread):
    """Readers who view articles, some much more than others, from a few visitors each, sometimes late, until all is viewed."""

    def __init__(self, producer: Producer, plan: Plan) -> None:
        super().__init__(name="readers")
        self.failure: BaseException | None = None
        self._producer = producer
        self._plan = plan
        self._chance = random.Random(plan.seed)  # noqa: S311 - the same views every time
        self._articles = [f"{self._chance.getrandbits(128):032x}" for _ in range(400)]
        self._visitors = [f"{self._chance.getrandbits(128):032x}" for _ in range(300)]

    def run(self) -> None:
        begun, sent = time.monotonic(), 0
        try:
            while sent < self._plan.views:
                views = [self._view() for _ in range(2_000)]
                self._producer.send_all(records_of(views))
                sent += len(views)
                ahead = sent / self._plan.views * self._plan.seconds - (time.monotonic() - begun)
                time.sleep(max(0.0, ahead))  # so that views keep coming while workers are struck
        except BaseException as error:  # noqa: BLE001 - it is raised in the test
            self.failure = error

    def _view(self) -> View:
        chance = self._chance
        ages: tuple[float, ...] = (chance.uniform(0, 180), 0, 0, 0, 0, 0, 7000, 80_000, 90_000, -3600)
        article = self._articles[int(chance.random() ** 3 * len(self._articles))]
        time_of = datetime.now(UTC) - timedelta(seconds=ages[0] if chance.random() < 0.9 else chance.choice(ages))
        return View(article_id=article, visitor=chance.choice(self._visitors), time=time_of.replace(microsecond=0))


def records_of(views: list[View]) -> list[NewRecord]:
    """Records of up to 500 views of one partition each, as ingest writes them."""
    parts: dict[int, list[View]] = {}
    for view in views:
        parts.setdefault(partition_of(view.article_id, PARTITIONS), []).append(view)
    now = datetime.now(UTC)
    return [
        encode_event(
            Event("1", "test", now, now, EngagementRecorded(views=tuple(own[start : start + 500]))), topics.ENGAGEMENT, None, part
        )
        for part, own in parts.items()
        for start in range(0, len(own), 500)
    ]


@dataclass
class Supervisor:
    """Keeps so many workers running, as a supervisor would, and strikes them as scheduled."""

    start: Callable[[], CountingWorker]
    workers: list[CountingWorker] = field(default_factory=list)
    guest: CountingWorker | None = None
    restarts: int = 0
    _until: dict[int, float] = field(default_factory=dict)

    def carry_out(self, strikes: list[Strike], still_going: Callable[[], bool]) -> None:
        """Until the schedule is over and `still_going` says no."""
        begun, waiting = time.monotonic(), list(strikes)
        while waiting or self._until or still_going():
            now = time.monotonic() - begun
            while waiting and waiting[0].at_seconds <= now:
                self._strike(waiting.pop(0), now)
            self._wake(now)
            self._restart()
            time.sleep(0.05)  # between two looks at the schedule
        if self.guest is not None:
            self.guest.kill()

    def _strike(self, strike: Strike, now: float) -> None:
        worker = self.workers[strike.worker]
        if strike.kind == "kill":
            worker.kill()
        elif strike.kind == "stall":
            worker.process.send_signal(signal.SIGSTOP)
            self._until[worker.process.pid] = now + SESSION_SECONDS + 2
        elif self.guest is None:
            self.guest = self.start()
        else:
            # It may be told to go before it has begun, where the machine is slow.
            assert self.guest.stop() in (0, 75, -signal.SIGTERM)
            self.guest = None

    def _wake(self, now: float) -> None:
        for pid in [pid for pid, until in self._until.items() if until <= now]:
            del self._until[pid]
            if any(worker.process.pid == pid and worker.process.poll() is None for worker in self.workers):
                os.kill(pid, signal.SIGCONT)

    def _restart(self) -> None:
        for number, worker in enumerate(self.workers):
            if worker.process.poll() is not None:
                self.workers[number] = self.start()
                self.restarts += 1


@dataclass
class Oracle:
    """What the log says: views of each article in each minute, all its views, its visitors of each day, and what was refused."""

    by_minute: Counter[tuple[str, int]] = field(default_factory=Counter)
    by_article: Counter[str] = field(default_factory=Counter)
    visitors: set[tuple[str, int, str]] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)

    @classmethod
    def read(cls, kafka: KafkaSettings) -> "Oracle":
        """Every record of the log in its order."""
        oracle, models = cls(), {number: VisitorModel(WINDOW_SECONDS) for number in range(PARTITIONS)}
        for record in sorted(read_all(kafka, topics.ENGAGEMENT), key=lambda each: (each.partition, each.offset)):
            stored_at = record.timestamp_ms // 1000
            for view in json.loads(record.value or b"")["views"]:
                oracle.add(view, stored_at, models[record.partition])
        return oracle

    def add(self, view: dict[str, str], stored_at: int, model: VisitorModel) -> None:
        """One view more."""
        second = int(datetime.fromisoformat(view["time"]).timestamp())
        if second < stored_at - DAY_SECONDS or second > stored_at + AHEAD_SECONDS:
            self.refused["time"] += 1
        elif not model.counts((view["article_id"], view["visitor"]), min(second, stored_at), stored_at):
            self.refused["repeat"] += 1
        else:
            self.by_minute[view["article_id"], min(second, stored_at) // 60] += 1
            self.by_article[view["article_id"]] += 1
            self.visitors.add((view["article_id"], min(second, stored_at) // DAY_SECONDS, view["visitor"]))


def wrong_cells(stored: StoredCounts, truth: Oracle) -> dict[tuple[str, int], tuple[int, int]]:
    """(article, minute) of the last 50 minutes whose stored count is not the true one: both."""
    last = max(minute for _, minute in truth.by_minute)
    recent = range(last - 49, last + 1)
    found = stored.views_by_minute(recent)
    expected = {cell: number for cell, number in truth.by_minute.items() if cell[1] in recent}
    cells = found.keys() | expected.keys()
    return {cell: (found.get(cell, 0), expected.get(cell, 0)) for cell in cells if found.get(cell, 0) != expected.get(cell, 0)}


def is_committed(kafka: KafkaSettings) -> bool:
    """Whether the group has committed, and so has stored, all that the log of views holds."""
    with closing(KafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, group_id=GROUP, enable_auto_commit=False)) as consumer:
        places = [TopicPartition(topics.ENGAGEMENT, number) for number in range(PARTITIONS)]
        ends = consumer.end_offsets(places)
        return all((consumer.committed(place) or 0) == ends[place] for place in places)


def rewind(kafka: KafkaSettings) -> None:
    """Let the group, which has no members, begin at the start of the log again."""
    with closing(KafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, group_id=GROUP, enable_auto_commit=False)) as consumer:
        places = [TopicPartition(topics.ENGAGEMENT, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        consumer.commit({place: OffsetAndMetadata(0, "", -1) for place in places})


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[KafkaSettings]:
    with running_kafka(DOWNLOADS_HOME, tmp_path / "kafka", PARTITIONS) as settings:
        yield settings


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.views}-views-seed-{plan.seed}")
def test_no_cell_is_wrong_after_kills_stalls_rebalances_and_a_replay(kafka: KafkaSettings, plan: Plan) -> None:
    with Producer(kafka, "test-chaos") as producer, counting_workers(kafka, SETTINGS) as start:
        supervisor = Supervisor(start, [start() for _ in range(WORKERS)])
        eventually(lambda: [worker.is_ready() for worker in supervisor.workers], all)
        readers = Readers(producer, plan)
        readers.start()
        supervisor.carry_out(schedule(plan), readers.is_alive)
        readers.join()
        assert readers.failure is None
        eventually(lambda: is_committed(kafka), bool, timeout_seconds=60)
        for worker in supervisor.workers:
            worker.stop()
        truth = Oracle.read(kafka)

        assert supervisor.restarts >= plan.kills
        assert min(truth.refused["repeat"], truth.refused["time"]) > plan.views / 200
        assert wrong_cells(stored_counts(kafka), truth) == {}

        rewind(kafka)
        worker = start()
        eventually(lambda: is_committed(kafka), bool, timeout_seconds=60)
        again = stored_counts(kafka)
        assert worker.metric(f'dateline_outcomes_total{{outcome="duplicate",topic="{topics.ENGAGEMENT}"}}') > 0
        assert wrong_cells(again, truth) == {}
        assert {article: total(counts.views) for article, counts in again.articles.items()} == truth.by_article
        visitors = {article: total(counts.visitors or array("Q")) for article, counts in again.articles.items()}
        assert visitors == pytest.approx(Counter(article for article, _, _ in truth.visitors), rel=0.06)
