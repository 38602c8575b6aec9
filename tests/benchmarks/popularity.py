"""Measures how fast one worker counts views, exactly and with the visitor rule on: `make bench NAME=popularity`.

The views (Zipf 1.1 over 50,000 articles, records of 500 as ingest writes them) lie in a real Kafka before the worker starts; it
is measured from the first record that it takes until the last one is stored, and then every count is compared with what the views
give. It is measured twice: counting views alone, of articles that are not known and so not listed; and with everything: visitors
are counted too, and all lists made and published.
"""

import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from services.popularity.core.tallying import ViewTally, tally_record
from shared import topics
from shared.engagement import EngagementRecorded, View
from shared.events import Event, Record, article_record, encode_event
from shared.outcomes import NewRecord
from shared.producing import Producer, partition_of
from shared.settings import KafkaSettings
from tests.benchmarks import popularity_live, streams_peer
from tests.builders import an_enriched_article
from tests.counting import CountingWorker, counting_workers, running_kafka, stored_counts
from tests.engines import DOWNLOADS_HOME
from tests.stack import eventually

ARTICLES, EXPONENT = 50_000, 1.1
VISITORS = 200_000
PARTITIONS = 4
VIEWS_A_RECORD = 500
LANGUAGES = ("en", "de", "fr", "ar", "tr")
#: The views come from so many minutes.
MINUTES = 3
SEED = 13
_LOOK_SECONDS = 0.1  # what the worker is asked for takes a few milliseconds of it
#: All rules and lists.
EVERYTHING = {
    "DATELINE_POPULARITY_DISTINCT_VISITORS": "true",
    "DATELINE_POPULARITY_NETWORK_PERCENT": "10",
    "DATELINE_POPULARITY_LEAST_NETWORKS": "5",
    "DATELINE_LOG_LEVEL": "warning",
}
NETWORKS = 5_000
_ROW = '{"article_id":"%s","visitor":"%s","time":"%s","network":"%s"}'
_COUNTED = f'dateline_outcomes_total{{outcome="counted",topic="{topics.ENGAGEMENT}"}}'
_LEARNT = f'dateline_outcomes_total{{outcome="counted",topic="{topics.ENRICHED}"}}'
_CONSUMED = f'dateline_records_consumed_total{{topic="{topics.ENGAGEMENT}"}}'


@dataclass(frozen=True)
class Views:
    """Records of views, and how often each article was viewed in each minute by the visitor rule."""

    articles: list[str]
    records: list[NewRecord]
    truth: Counter[tuple[str, int]]


def build_views(number: int, now_minute: int) -> Views:
    """That many views, the same ones every time but for the minutes, which end now."""
    chance = np.random.default_rng(SEED)
    weights = np.arange(1, ARTICLES + 1) ** -EXPONENT
    articles = [f"{word:032x}" for word in map(int.from_bytes, map(chance.bytes, [16] * ARTICLES))]
    visitors = [word.hex() for word in map(chance.bytes, [16] * VISITORS)]
    networks = [word.hex() for word in map(chance.bytes, [8] * NETWORKS)]
    partitions = [partition_of(article, PARTITIONS) for article in articles]
    waiting: dict[int, list[str]] = {partition: [] for partition in range(PARTITIONS)}
    seen: set[tuple[int, int]] = set()
    truth: Counter[tuple[str, int]] = Counter()
    records = []
    viewed = chance.choice(ARTICLES, number, p=weights / weights.sum()).tolist()
    for place, (article, visitor) in enumerate(zip(viewed, chance.integers(VISITORS, size=number).tolist(), strict=True)):
        second = (now_minute - MINUTES) * 60 + place * MINUTES * 60 // number
        own = waiting[partitions[article]]
        own.append(_ROW % (articles[article], visitors[visitor], _format(second), networks[visitor % NETWORKS]))
        if (article, visitor) not in seen:
            seen.add((article, visitor))
            truth[articles[article], second // 60] += 1
        if len(own) == VIEWS_A_RECORD:
            records.append(_record(own, partitions[article]))
            own.clear()
    records += [_record(own, partition) for partition, own in waiting.items() if own]
    return Views(articles, records, truth)


_TIMES: dict[int, str] = {}


def _format(second: int) -> str:
    if second not in _TIMES:
        _TIMES[second] = datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")
    return _TIMES[second]


def _record(rows: list[str], partition: int) -> NewRecord:
    time_now = datetime.fromtimestamp(time.time(), UTC)
    form = View(article_id="0" * 32, visitor="0" * 32, time=time_now)
    made = encode_event(
        Event("1", "bench", time_now, time_now, EngagementRecorded(views=(form,))), topics.ENGAGEMENT, None, partition
    )
    return NewRecord(made.topic, None, ('{"views":[' + ",".join(rows) + "]}").encode(), made.headers, partition)


@dataclass(frozen=True)
class Measured:
    """One run of a worker over all views."""

    seconds: float
    cpu_seconds: float
    rss_mb: float
    stored_bytes: int = 0
    errors: int = 0


def measure(worker: CountingWorker, records: int) -> Measured:
    """Wait until the worker has stored so many records."""
    status = Path(f"/proc/{worker.process.pid}")
    begun, cpu_begun = time.monotonic(), _cpu_seconds(status)
    is_counting = False
    while (counted := worker.metric(_COUNTED)) < records:
        if not is_counting:
            is_counting = worker.metric(_CONSUMED) > 0
            if not is_counting:
                begun, cpu_begun = time.monotonic(), _cpu_seconds(status)
        if worker.process.poll() is not None or time.monotonic() - begun > 300:
            raise RuntimeError(f"the worker counted {counted:.0f} of {records} records, and ended or stands still")
        time.sleep(_LOOK_SECONDS)
    seconds, cpu_seconds = time.monotonic() - begun, _cpu_seconds(status) - cpu_begun
    peak_kb = int(re.findall(r"VmHWM:\s+(\d+)", (status / "status").read_text(encoding="utf-8"))[0])
    return Measured(seconds, cpu_seconds, peak_kb / 1024)


def _cpu_seconds(status: Path) -> float:
    with suppress(OSError):
        fields = (status / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _send(producer: Producer, records: list[NewRecord]) -> None:
    for start in range(0, len(records), 200):
        producer.send_all(records[start : start + 200])


def _known(articles: list[str]) -> Iterator[NewRecord]:
    """What enrich says of articles: they are of 20 sections, 5 languages and 10 publishers."""
    now = datetime.fromtimestamp(time.time(), UTC)
    for place, article in enumerate(articles):
        body = an_enriched_article(
            article_id=article, section=f"section {place % 20}", language=LANGUAGES[place % 5], publisher=f"publisher {place % 10}"
        )
        yield article_record(Event("1", "bench", now, now, body), topics.ENRICHED)


def _stored_bytes(data: Path) -> Iterator[int]:
    for file in data.glob(f"**/{topics.COUNTS}-*/*.log"):
        yield len(file.read_bytes().rstrip(b"\0"))


def measure_core(records: list[NewRecord]) -> float:
    """Processor time in which a view is read from its record, in µs: the part that needs no Kafka."""
    now_ms = int(time.time() * 1000)
    taken = [Record(record.topic, 0, 0, None, record.value, record.headers, now_ms) for record in records[:400]]
    begun = time.process_time()
    tallies = [tally_record(record) for record in taken]
    cost = time.process_time() - begun
    return cost * 1e6 / sum(len(tally) for tally in tallies if isinstance(tally, ViewTally))


def count_all(views: Views, *, listed: bool) -> Measured:
    """Let a worker count all views on a broker of its own; `listed`: visitors too, of articles that are known and so listed."""
    with tempfile.TemporaryDirectory(prefix="dateline-popularity-") as scratch:
        home = Path(scratch)
        with (
            running_kafka(DOWNLOADS_HOME, home / "kafka", PARTITIONS) as kafka,
            Producer(kafka, "bench") as producer,
            counting_workers(kafka, EVERYTHING if listed else {"DATELINE_POPULARITY_DISTINCT_VISITORS": "false"}) as start,
        ):
            if listed:
                _send(producer, list(_known(views.articles)))
                learning = start()
                eventually(lambda: learning.metric(_LEARNT), lambda learnt: learnt == ARTICLES, timeout_seconds=120)
                learning.stop()
            _send(producer, views.records)
            before = sum(_stored_bytes(home))
            measured = measure(start(), len(views.records))
            return replace(measured, stored_bytes=sum(_stored_bytes(home)) - before, errors=count_errors(kafka, views.truth))


def run(*, quick: bool) -> dict[str, float]:
    """Figures: views_per_second, cpu_us_per_view, count_errors, changelog_bytes_per_view, rss_mb; the first two also _listed.

    And those of `popularity_live` and, where it can be had, of Kafka Streams.
    """
    number = 200_000 if quick else 1_000_000
    views = build_views(number, int(time.time() // 60))
    alone, listed = count_all(views, listed=False), count_all(views, listed=True)
    figures = {
        "views_per_second": round(number / alone.seconds),
        "cpu_us_per_view": round(alone.cpu_seconds * 1e6 / number, 2),
        "count_errors": alone.errors + listed.errors,
        "changelog_bytes_per_view": round(alone.stored_bytes / number, 1),
        "rss_mb": round(alone.rss_mb),
        "views_per_second_listed": round(number / listed.seconds),
        "cpu_us_per_view_listed": round(listed.cpu_seconds * 1e6 / number, 2),
    }
    _print_rows(
        {
            f"{number} views, one worker, views/s": figures["views_per_second"],
            "processor time of the worker a view, µs": figures["cpu_us_per_view"],
            "  of it reading records, µs": round(measure_core(views.records), 2),
            f"wrong of twice {len(views.truth)} (article, minute)": figures["count_errors"],
            "bytes stored a view": figures["changelog_bytes_per_view"],
            "peak memory of the worker, MB": figures["rss_mb"],
            "visitors, networks, all lists too, views/s": figures["views_per_second_listed"],
            "  processor time a view, µs": figures["cpu_us_per_view_listed"],
        }
    )
    figures |= streams_peer.run(views.records, number, PARTITIONS)
    live = popularity_live.run(EVERYTHING, quick=quick)
    _print_rows(
        {
            "a state of many articles opened, s": live["open_seconds"],
            "  processor s of that, starting included": live["open_cpu_seconds"],
            "  peak memory of the worker, MB": live["live_rss_mb"],
            f"  {live['first_lists']:.0f} lists published first, processor s": live["first_lists_cpu_seconds"],
            "  views counted meanwhile: longest wait, s": live["longest_wait_seconds"],
            "view accepted -> list changed, 1,000/s, p50 s": live["list_changed_p50_seconds"],
            "  p99 s": live["list_changed_p99_seconds"],
            "kill -9 -> counting again, s": live["counting_again_seconds"],
        }
    )
    return figures | live


def _print_rows(rows: dict[str, float]) -> None:
    for name, figure in rows.items():
        sys.stdout.write(f"{name:<52}{figure:>12}\n")


def count_errors(kafka: KafkaSettings, truth: Counter[tuple[str, int]]) -> int:
    """How many (article, minute) are not what the views give."""
    minutes = [minute for _, minute in truth]
    stored = stored_counts(kafka).views_by_minute(range(min(minutes) - 1, max(minutes) + 2))
    return sum(stored.get(cell, 0) != truth.get(cell, 0) for cell in stored.keys() | truth.keys())
