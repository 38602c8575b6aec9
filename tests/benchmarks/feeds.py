"""How fast ingest, on one core, polls 10,000 feeds of 50 entries: first all of them new, then all of them unchanged.

The feeds are served by another process on 2,500 loopback addresses, four each, with ETags. Ingest is the real service beside a real
Kafka; it and its children have one core, the server and Kafka share the others with them. The memory is the most that ingest and
its children held, added up.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.cli.setup import create_topics
from ops.local.ports import free_ports
from services.ingest.core.feed_records import FeedDefinition, feed_id, feed_record
from services.ingest.door import now_utc
from services.ingest.feed_table import FeedTable
from shared.kafka_connection import partition_counts
from shared.outcomes import NewRecord
from shared.producing import Producer
from shared.settings import KafkaSettings
from shared.topics import FEEDS_STATE
from tests.benchmarks.feed_server import ITEMS
from tests.engines import DOWNLOADS_HOME, Engines, running_engines
from tests.kafka_topics import read_all
from tests.stack import Stack, running_stack

_FEEDS_A_HOST = 4
_POLLED = re.compile(r'^dateline_feed_polls_total\{result="(\w+)"\} ([\d.e+]+)$', re.MULTILINE)
_SETTINGS = {
    "DATELINE_INGEST_FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    "DATELINE_INGEST_FEED_SHORTEST_INTERVAL_SECONDS": "43200",  # so that each feed is polled once in a round
    "DATELINE_LOG_LEVEL": "warning",
}


@dataclass(frozen=True)
class Round:
    """One round: from its first to its last poll."""

    seconds: float
    cpu_seconds: float
    memory_mb: float


def run(*, quick: bool) -> dict[str, float]:
    """Figures: feeds_full_round_seconds, feeds_unchanged_per_second, feeds_rss_mb, and the CPU time of each per feed."""
    count = 500 if quick else 10_000
    (port,) = free_ports(1)
    urls = [_url(number, port) for number in range(count)]
    with tempfile.TemporaryDirectory(prefix="dateline-feeds-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with running_engines(DOWNLOADS_HOME, folder / "engines") as engines, _feed_server(port):
            settings = KafkaSettings(bootstrap_servers=engines.kafka_bootstrap)
            create_topics(settings, 4, 1)
            table = FeedTable(partition_counts(settings, [FEEDS_STATE])[FEEDS_STATE])
            now = now_utc()
            _write(
                settings,
                [feed_record(FeedDefinition(feed_id=feed_id(url), url=url, added=now), table.partition_of(url)) for url in urls],
            )
            full = _measure(engines, folder / "full", "changed", count)
            _make_due(engines, settings, table)
            unchanged = _measure(engines, folder / "unchanged", "unchanged", count)
    memory = max(full.memory_mb, unchanged.memory_mb)
    rows = [
        (
            f"full round, {count:,} feeds of {ITEMS}",
            f"{full.seconds:.0f} s",
            f"{full.cpu_seconds / count * 1000:.1f} ms CPU a feed",
        ),
        ("unchanged", f"{count / unchanged.seconds:,.0f} feeds/s", f"{unchanged.cpu_seconds / count * 1000:.2f} ms CPU a feed"),
        ("memory", f"{memory:.0f} MB", f"{unchanged.memory_mb:.0f} MB in the unchanged round"),
    ]
    for name, figure, more in rows:
        sys.stdout.write(f"{name:<36}{figure:>16}   {more}\n")
    return {
        "feeds_full_round_seconds": round(full.seconds, 1),
        "feeds_unchanged_per_second": round(count / unchanged.seconds),
        "feeds_rss_mb": round(memory),
        "feeds_full_cpu_ms": round(full.cpu_seconds / count * 1000, 2),
        "feeds_unchanged_cpu_ms": round(unchanged.cpu_seconds / count * 1000, 3),
    }


def _url(number: int, port: int) -> str:
    host = number // _FEEDS_A_HOST
    return f"http://127.{1 + host // 50_000}.{host // 250 % 200}.{host % 250 + 1}:{port}/{number}"


@contextmanager
def _feed_server(port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.benchmarks.feed_server", str(port)]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _measure(engines: Engines, home: Path, result: str, count: int) -> Round:
    """Run ingest on one core until it has polled all feeds with this result."""
    os.environ.update(_SETTINGS)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})  # its children inherit it
    try:
        with running_stack(engines, home, names=("ingest",)) as stack:
            os.sched_setaffinity(0, cores)
            return _watch(stack, result, count)
    finally:
        os.sched_setaffinity(0, cores)
        for name in _SETTINGS:
            del os.environ[name]


def _watch(stack: Stack, result: str, count: int) -> Round:
    pid = stack.services["ingest"].process.popen.pid
    began, done, cpu_before = time.monotonic(), 0, _cpu_seconds(pid)
    while done < count:
        time.sleep(0.1 if done == 0 or result == "unchanged" else 1.0)  # asking takes time of ingest's core
        polls = {name: int(float(number)) for name, number in _POLLED.findall(stack.operations("ingest", "/metrics").text)}
        if set(polls) - {result}:
            raise RuntimeError(f"not every poll is {result}: {polls}")
        if not done:
            began, cpu_before = time.monotonic(), _cpu_seconds(pid)
        done = polls.get(result, 0)
        if time.monotonic() - began > 3600:
            raise RuntimeError(f"only {done} of {count} feeds were polled")
    seconds = time.monotonic() - began
    return Round(seconds, _cpu_seconds(pid) - cpu_before, _memory_mb(pid))


def _family(pid: int) -> list[int]:
    """A process and its children."""
    numbers = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
    return [pid, *(each for each in numbers if _stat(each)[1:2] == [str(pid)])]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on, see proc(5); none for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_seconds(pid: int) -> float:
    ticks = 0
    for each in _family(pid):
        fields = _stat(each)
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    kilobytes = 0
    for each in _family(pid):
        status = Path(f"/proc/{each}/status").read_text(encoding="utf-8")
        kilobytes += int(re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[0])
    return kilobytes / 1024


def _write(settings: KafkaSettings, records: list[NewRecord]) -> None:
    with Producer(settings, "bench") as producer:
        producer.send_all(records)


def _make_due(engines: Engines, settings: KafkaSettings, table: FeedTable) -> None:
    """Have every feed be due again, as if its interval were over."""
    table.learn(read_all(engines.kafka_bootstrap, FEEDS_STATE))
    states = [feed.state.model_copy(update={"next_poll": now_utc()}) for feed in table.all() if feed.state is not None]
    urls = {feed.definition.feed_id: feed.definition.url for feed in table.all()}
    _write(settings, [feed_record(state, table.partition_of(urls[state.feed_id])) for state in states])
