"""Kafka Streams on the same views as popularity: `kafka_streams/CountViews.java`, fed with a record a view, and with many in each.

It counts views of each article by minute, and knows no visitor rule. Where Maven, a JDK or the artifacts cannot be had, there are
no figures, and the row says why.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kafka.admin import NewTopic

from ops.local.downloads import are_complete, locked, parse_versions, put
from ops.local.java import require_java, require_maven
from shared import topics
from shared.failures import Misconfigured
from shared.kafka_connection import connect_admin
from shared.outcomes import NewRecord
from shared.producing import Producer
from shared.settings import KafkaSettings
from tests.counting import running_kafka
from tests.engines import DOWNLOADS_HOME

_HOME = Path(__file__).with_name("kafka_streams")
_SINGLE = "bench.views.single"
_THREADS = 2
_LIMIT_SECONDS = 180
_FETCH_SECONDS = 300
GUARANTEES = ("at_least_once", "exactly_once_v2")


def fetch_libraries(home: Path) -> Path:
    """The folder of Kafka Streams and what it needs; fetched by Maven once. Misconfigured when that cannot be done."""
    pom = (_HOME / "pom.xml").read_text(encoding="utf-8")
    digest = hashlib.sha256(pom.encode()).hexdigest()
    engines = home.absolute() / "engines"
    folder = engines / f"kafka-streams-{parse_versions(pom)['streams.version']}"
    if not are_complete((folder,), digest):
        engines.mkdir(parents=True, exist_ok=True)
        with locked(engines / ".streams.lock"):
            fetched = engines / ".fetching-streams"
            shutil.rmtree(fetched, ignore_errors=True)
            _run_maven(fetched)
            put(fetched, folder, digest)
    return folder


def _run_maven(target: Path) -> None:
    command = [str(require_maven()), "--batch-mode", "--strict-checksums", "--quiet", "--file", str(_HOME / "pom.xml")]
    environment = {**os.environ, "JAVA_HOME": str(require_java().home)}
    try:
        subprocess.run(
            [*command, "dependency:copy-dependencies", f"-DoutputDirectory={target}"],
            env=environment,
            capture_output=True,
            check=True,
            timeout=_FETCH_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Misconfigured(f"Maven could not fetch Kafka Streams: {type(error).__name__}") from error


def single_records(records: list[NewRecord]) -> Iterator[NewRecord]:
    """A record for each view of others, of the partition of those."""
    for record in records:
        rows = (record.value or b"")[len(b'{"views":[') : -len(b"]}")].split(b"},{")
        for row in rows:
            value = b"{%b}" % row.strip(b"{}")
            yield NewRecord(_SINGLE, None, value, (), record.partition)


def count_with_streams(kafka: KafkaSettings, libraries: Path, topic: str, guarantee: str, views: int) -> tuple[float, float]:
    """Seconds from its first record until all is committed, and processor seconds of the whole process."""
    with tempfile.TemporaryDirectory(prefix="dateline-streams-") as state:
        done = subprocess.run(
            [
                *(str(require_java().home / "bin" / "java"), "-cp", f"{libraries}/*", str(_HOME / "CountViews.java")),
                *(kafka.bootstrap_servers, topic, guarantee, str(views), str(_THREADS), state),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=_LIMIT_SECONDS,
        )
    if done.returncode != 0:
        raise Misconfigured(
            f"CountViews.java ended with {done.returncode}: {(done.stderr.strip().splitlines() or ['?'])[-1][:200]}"
        )
    seconds, cpu_seconds = map(float, done.stdout.split()[-2:])
    return seconds, cpu_seconds


def run(records: list[NewRecord], views: int, partitions: int) -> dict[str, float]:
    """Figures: streams_{many,single}_{at_least_once,exactly_once_v2}_views_per_second; none where it cannot be had."""
    try:
        libraries = fetch_libraries(DOWNLOADS_HOME)
        return _measure(libraries, records, views, partitions)
    except (Misconfigured, subprocess.TimeoutExpired) as error:
        sys.stdout.write(f"Kafka Streams: no figures: {error}\n")
        return {}


def _measure(libraries: Path, records: list[NewRecord], views: int, partitions: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    with (
        tempfile.TemporaryDirectory(prefix="dateline-popularity-") as scratch,
        running_kafka(DOWNLOADS_HOME, Path(scratch) / "kafka", partitions) as kafka,
        Producer(kafka, "bench") as producer,
    ):
        admin = connect_admin(kafka)
        admin.create_topics([NewTopic(_SINGLE, partitions, 1)])
        admin.close()
        for start in range(0, len(records), 200):
            producer.send_all(records[start : start + 200])
        waiting: list[NewRecord] = []
        for record in single_records(records):
            waiting.append(record)
            if len(waiting) == 20_000:
                producer.send_all(waiting)
                waiting.clear()
        producer.send_all(waiting)
        for topic, name in ((topics.ENGAGEMENT, "many"), (_SINGLE, "single")):
            for guarantee in GUARANTEES:
                seconds, cpu_seconds = count_with_streams(kafka, libraries, topic, guarantee, views)
                figures[f"streams_{name}_{guarantee}_views_per_second"] = round(views / seconds)
                row = (
                    f"Kafka Streams, {name} a record, {guarantee}, views/s" if name == "many" else f"  {name}, {guarantee}, views/s"
                )
                sys.stdout.write(f"{row:<52}{round(views / seconds):>12}  {cpu_seconds * 1e6 / views:.2f} µs\n")
    return figures
