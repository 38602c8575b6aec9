"""Measures processes of enrich on a real Kafka: what memory one takes after many articles, and how much faster two are than one.

A part of `make bench NAME=recognition`. Broker, workers and this process share the machine: two workers are never quite twice one.
"""

import os
import random
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition

from ops.local.ports import free_ports
from ops.local.services import NAMES, RunningService, plan_services, stop_services
from ops.local.settings import LocalGroup
from shared.articles import ArticlePublished
from shared.events import Event, article_record
from shared.producing import Producer
from shared.settings import KafkaSettings
from shared.topics import ENRICHED
from tests.counting import running_kafka
from tests.engines import DOWNLOADS_HOME

PARTITIONS, SEED, CHARACTERS = 8, 17, 2400
_READY_SECONDS, _DONE_SECONDS = 120.0, 1800.0
_PROCESSOR_TICKS = os.sysconf("SC_CLK_TCK")


class Articles:
    """Draws new articles out of texts, a tenth of them English."""

    def __init__(self, english: Sequence[str], others: Sequence[str]) -> None:
        self._chance = random.Random(SEED)  # noqa: S311 - the same articles every time
        self._texts = (others, english)

    def draw(self, number: int) -> Iterator[ArticlePublished]:
        """That many, of some 400 words each."""
        for _ in range(number):
            text = self._chance.choice(self._texts[self._chance.random() < 0.1])
            start = self._chance.randrange(max(1, len(text) - CHARACTERS))
            body = text[start : start + CHARACTERS]
            yield ArticlePublished(
                article_id=f"{self._chance.getrandbits(128):032x}",
                revision=1,
                headline=" ".join(body[:80].split()) or "-",
                body=body,
                date_retrieved=datetime(2024, 11, 21, tzinfo=UTC),
            )


class Worker:
    """A process of enrich."""

    def __init__(self, kafka: KafkaSettings, home: Path) -> None:
        ports = free_ports(len(NAMES))
        settings = LocalGroup(home=home, **{f"{name}_operations_port": port for name, port in zip(NAMES, ports, strict=True)})
        plans = plan_services(settings, kafka.bootstrap_servers, "http://127.0.0.1:9", "")
        self.service = next(RunningService(plan) for plan in plans if plan.name == "enrich")

    def memory_mb(self) -> float:
        """What of its memory is resident, with shared libraries."""
        status = Path(f"/proc/{self.service.process.popen.pid}/status").read_text(encoding="utf-8")
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    def processor_seconds(self) -> float:
        """What it has used of the processors."""
        fields = Path(f"/proc/{self.service.process.popen.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _PROCESSOR_TICKS


class Bench:
    """A broker with articles, and as many workers as were started."""

    def __init__(self, kafka: KafkaSettings, home: Path, articles: Articles) -> None:
        self._kafka, self._home, self._articles = kafka, home, articles
        self._enriched = KafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, group_id=None)
        self._partitions = [TopicPartition(ENRICHED, number) for number in range(PARTITIONS)]
        self.workers: list[Worker] = []

    def add_worker(self) -> None:
        """Start one more; returns when it takes part."""
        worker = Worker(self._kafka, self._home / str(len(self.workers)))
        self.workers.append(worker)
        worker.service.start()
        worker.service.wait_until_ready(_READY_SECONDS)
        before = worker.processor_seconds()
        while worker.processor_seconds() - before < 1:  # it has read its first articles: caches are filled
            self.enrich(64)

    def enrich(self, number: int) -> float:
        """Publish articles and wait until all are enriched; seconds by the clock."""
        expected = self._count() + number
        now = datetime.now(UTC)
        records = [article_record(Event(a.article_id, "bench", now, now, a)) for a in self._articles.draw(number)]
        with Producer(self._kafka, "bench") as producer:
            started = time.monotonic()
            producer.send_all(records)
        while self._count() < expected:
            if time.monotonic() - started > _DONE_SECONDS:
                raise TimeoutError(f"{expected - self._count()} of {number} articles are not enriched yet")
            time.sleep(0.05)
        return time.monotonic() - started

    def _count(self) -> int:
        return sum(self._enriched.end_offsets(self._partitions).values())


@contextmanager
def running_bench(articles: Articles) -> Iterator[Bench]:
    """A broker of its own, ended with all workers afterwards."""
    with tempfile.TemporaryDirectory(prefix="dateline-enriching-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with running_kafka(DOWNLOADS_HOME, folder / "kafka", PARTITIONS) as kafka:
            bench = Bench(kafka, folder / "home", articles)
            try:
                yield bench
            finally:
                stop_services([worker.service for worker in bench.workers])


def measure_service(english: Sequence[str], others: Sequence[str], *, quick: bool) -> dict[str, float]:
    """Figures: service_memory_mb after all articles and service_memory_half_mb after half of them, and two_workers_ratio.

    The ratio is by the clock; two_workers_processor_ratio is what it would be on idle processors: two, less what each article
    costs more of the workers' time.
    """
    number, round_size = (2_000, 1_000) if quick else (20_000, 3_000)
    with running_bench(Articles(english, others)) as bench:
        bench.add_worker()
        bench.enrich(number // 2)
        half = bench.workers[0].memory_mb()
        bench.enrich(number // 2)
        full = bench.workers[0].memory_mb()
        alone, alone_processor = _timed(bench, round_size)
        bench.add_worker()
        together, together_processor = _timed(bench, round_size)
    return {
        "service_memory_half_mb": half,
        "service_memory_mb": full,
        "service_articles_per_second": round_size / alone,
        "two_workers_ratio": alone / together,
        "two_workers_processor_ratio": 2 * alone_processor / together_processor,
        "load_average": os.getloadavg()[0],
    }


def _timed(bench: Bench, number: int) -> tuple[float, float]:
    """Seconds by the clock and of the workers' processor time for so many articles."""
    before = sum(worker.processor_seconds() for worker in bench.workers)
    seconds = bench.enrich(number)
    return seconds, sum(worker.processor_seconds() for worker in bench.workers) - before
