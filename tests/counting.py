"""Popularity as processes on a real Kafka, and what they have stored: for tests and benchmarks that count."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from kafka import KafkaConsumer, TopicPartition

from ops.cli.setup import create_topics
from ops.local.downloads import fetch_engines
from ops.local.java import QUICK_START, require_java
from ops.local.kafka import KafkaNode
from ops.local.ports import free_port, free_ports
from services.popularity.core.counting import ArticleCounts, Grain, count_from, decode_counts
from services.popularity.layout import SOURCES
from services.popularity.positions import POSITION_KEY
from shared import topics
from shared.events import Record
from shared.settings import KafkaSettings

ROOT = Path(__file__).parents[1]


@contextmanager
def running_kafka(downloads_home: Path, scratch: Path, partitions: int, heap_mb: int = 256) -> Iterator[KafkaSettings]:
    """A broker of one's own with all topics, ended afterwards; what it stored stays in `scratch`."""
    folders = fetch_engines(downloads_home)
    port, controller_port = free_ports(2)
    node = KafkaNode(scratch, port, controller_port, heap_mb=heap_mb, jvm_flags=QUICK_START)
    with ExitStack() as cleanup:
        process = node.start(folders.kafka_libs, require_java())
        cleanup.callback(process.stop)
        node.wait_until_ready(process)
        settings = KafkaSettings(bootstrap_servers=node.bootstrap_servers)
        create_topics(settings, partitions, replication=1)
        yield settings


@dataclass(frozen=True)
class CountingWorker:
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
        """Whether its partitions are assigned and open."""
        return '"status": "ready"' in self.get("/readyz")

    def partitions(self) -> int:
        """How many partitions it has, and has begun to read."""
        return self.get("/metrics").count("dateline_lag_records{") // len(SOURCES)

    def metric(self, name_and_labels: str) -> float:
        """The value of one series; 0 while there is none."""
        lines = [line for line in self.get("/metrics").splitlines() if line.startswith(f"{name_and_labels} ")]
        return float(lines[0].rsplit(" ", 1)[1]) if lines else 0.0

    def kill(self) -> None:
        """End it at once, by SIGKILL."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """An orderly end; answers the exit code."""
        self.process.terminate()
        return self.process.wait(18)


@contextmanager
def counting_workers(kafka: KafkaSettings, settings: Mapping[str, str]) -> Iterator[Callable[[], CountingWorker]]:
    """Starts workers with environment variables on top of their defaults; those that are left are killed afterwards."""
    with ExitStack() as cleanup:

        def start() -> CountingWorker:
            port = free_port()
            environment = {
                **{name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")},
                "DATELINE_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
                "DATELINE_OPERATIONS_PORT": str(port),
                **settings,
            }
            process = subprocess.Popen([sys.executable, "-m", "services.popularity"], env=environment, cwd=ROOT)
            worker = CountingWorker(process, port)
            cleanup.callback(worker.kill)
            return worker

        yield start


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


@dataclass(frozen=True)
class StoredCounts:
    """What the last checkpoints have: the counts of every article, and the next offset of every (topic, partition)."""

    articles: dict[str, ArticleCounts]
    positions: dict[tuple[str, int], int]

    def views_by_minute(self, minutes: range) -> dict[tuple[str, int], int]:
        """Views of each article in each of these minutes, where there are any."""
        found = {
            (article, minute): count_from(counts.views, Grain.MINUTE, minute, minute + 1)
            for article, counts in self.articles.items()
            for minute in minutes
        }
        return {cell: number for cell, number in found.items() if number}


def stored_counts(kafka: KafkaSettings) -> StoredCounts:
    """What is stored now."""
    newest = {(record.partition, record.key or b""): record.value for record in read_all(kafka, topics.COUNTS)}
    articles, positions = {}, {}
    for (partition, key), value in newest.items():
        if value is None:
            continue
        if key == POSITION_KEY:
            for topic, source in orjson.loads(value)["sources"].items():
                positions[topic, partition] = source["next_offset"]
        elif len(key) == 32:
            articles[key.decode()] = decode_counts(value)
    return StoredCounts(articles, positions)


def all_is_counted(kafka: KafkaSettings) -> bool:
    """Whether the last checkpoints have everything that the log of views holds."""
    with closing(KafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, enable_auto_commit=False)) as consumer:
        places = [TopicPartition(topics.ENGAGEMENT, number) for number in consumer.partitions_for_topic(topics.ENGAGEMENT)]
        ends = {(place.topic, place.partition): end for place, end in consumer.end_offsets(places).items()}
    positions = stored_counts(kafka).positions
    return all(positions.get(place, 0) == end for place, end in ends.items())
