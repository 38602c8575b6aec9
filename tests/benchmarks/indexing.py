"""How many articles of 3.6 kB the indexer takes from Kafka into Elasticsearch, at what cost: `make bench NAME=indexing`.

Beside it, in turns and into an index of the same mapping, empty each time: the same documents sent by threads of this process as
`_bulk` bodies that were built before, as many at the same time. Everything shares the machine. The service is measured from its
first commit to its last, so that its start does not count.
"""

import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from elasticsearch import Elasticsearch
from kafka import KafkaConsumer, TopicPartition

from ops.cli.setup import create_indices, create_topics
from ops.local.ports import free_ports
from ops.local.services import RunningService, ServicePlan, plan_services, stop_services
from ops.local.settings import LocalGroup
from services.indexer.core.documents import Action, build_action
from services.indexer.settings import BulkSettings
from shared.events import Record, format_time
from shared.indices import ARTICLES, first_index
from shared.kafka_connection import connect_consumer
from shared.outcomes import NewRecord
from shared.producing import Producer
from shared.settings import KafkaSettings
from shared.topics import ENRICHED
from tests.benchmarks.many_articles import are_there, recombined_articles
from tests.builders import NOON
from tests.engines import DOWNLOADS_HOME, running_engines

_ARTICLES, _ROUNDS = 100_000, 5
_QUICK_ARTICLES, _QUICK_ROUNDS = 15_000, 3
_PARTITIONS = 4
_SEED = 14
_TIMEOUT_SECONDS = 600.0
#: Between two looks at what is committed: a look costs the broker next to nothing.
_LOOK_SECONDS = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")
_HEADERS = (
    ("ce_specversion", b"1.0"),
    ("content-type", b"application/json"),
    ("ce_type", b"news.article.enriched.v1"),
    ("ce_source", b"dateline/enrich"),
    ("ce_time", format_time(NOON).encode()),
    ("ce_acceptedtime", format_time(NOON).encode()),
)


@dataclass(frozen=True)
class Measured:
    """One side of one round."""

    per_second: float
    cpu_us: float = 0.0
    rss_mb: float = 0.0


def run(*, quick: bool) -> dict[str, float]:
    """Figures: indexed_per_second, ratio_to_raw_bulk, cpu_us_per_article, rss_mb."""
    if not are_there():
        sys.stdout.write("skipped: the sentences that articles are made of do not lie beside the project\n")
        return {}
    count, rounds = (_QUICK_ARTICLES, _QUICK_ROUNDS) if quick else (_ARTICLES, _ROUNDS)
    articles = recombined_articles(count, _SEED)
    with tempfile.TemporaryDirectory(prefix="dateline-indexing-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with (
            running_engines(DOWNLOADS_HOME, folder / "engines", (), 512) as engines,
            Elasticsearch(engines.elasticsearch_url) as elastic,
        ):
            kafka = KafkaSettings(bootstrap_servers=engines.kafka_bootstrap)
            create_topics(kafka, _PARTITIONS, 1)
            plan = _plan(folder / "home", engines.kafka_bootstrap, engines.elasticsearch_url)
            pairs = []
            for number in range(rounds):
                records = [_record(article) for article in islice(articles, count // rounds)]
                sides = [lambda r=records: _index(elastic, kafka, plan, r), lambda r=records: _send_raw(elastic, r)]
                measured = [side() for side in (sides if number % 2 else reversed(sides))]
                pairs.append(tuple(measured if number % 2 else reversed(measured)))
                _say(f"round {number + 1}", pairs[-1])
    return _figures(pairs)


def _figures(pairs: Sequence[tuple[Measured, ...]]) -> dict[str, float]:
    figures = {
        "indexed_per_second": round(statistics.median(indexer.per_second for indexer, _ in pairs)),
        "ratio_to_raw_bulk": round(statistics.median(indexer.per_second / raw.per_second for indexer, raw in pairs), 3),
        "cpu_us_per_article": round(statistics.median(indexer.cpu_us for indexer, _ in pairs), 1),
        "rss_mb": round(max(indexer.rss_mb for indexer, _ in pairs)),
    }
    for name, value in figures.items():
        sys.stdout.write(f"{name:<28}{value:>12,}\n")
    sys.stdout.write("Bento beside it: not measured; `go install` of its command is refused where this was written\n")
    return figures


def _say(name: str, pair: tuple[Measured, ...]) -> None:
    indexer, raw = pair
    sys.stdout.write(
        f"{name:<12}indexer {indexer.per_second:>7,.0f}/s {indexer.cpu_us:>6.1f} us CPU an article {indexer.rss_mb:>5.0f} MB"
        f"   raw _bulk {raw.per_second:>7,.0f}/s   ratio {indexer.per_second / raw.per_second:.3f}\n"
    )
    sys.stdout.flush()


def _plan(home: Path, kafka: str, elasticsearch: str) -> ServicePlan:
    plans = plan_services(LocalGroup(home=home, indexer_operations_port=free_ports(1)[0]), kafka, elasticsearch, "0" * 64)
    (plan,) = [plan for plan in plans if plan.name == "indexer"]
    return replace(plan, environment={**plan.environment, "DATELINE_LOG_LEVEL": "warning"})


def _record(article: dict[str, object]) -> NewRecord:
    own_id = str(article["article_id"]).encode()
    return NewRecord(ENRICHED, own_id, orjson.dumps(article), (*_HEADERS, ("ce_id", own_id), ("ce_partitionkey", own_id)))


def _empty(elastic: Elasticsearch) -> None:
    elastic.options(ignore_status=404).indices.delete(index=first_index(ARTICLES))
    create_indices(elastic)
    elastic.cluster.health(index=ARTICLES, wait_for_status="yellow")


def _index(elastic: Elasticsearch, kafka: KafkaSettings, plan: ServicePlan, records: Sequence[NewRecord]) -> Measured:
    _empty(elastic)
    with Producer(kafka, "bench") as producer:
        for start in range(0, len(records), 2000):
            producer.send_all(records[start : start + 2000])
    service = RunningService(plan)
    consumer = connect_consumer(kafka, "bench", group_id="dateline.indexer")
    try:
        service.start()
        return _watch(service.process.popen.pid, consumer)
    finally:
        stop_services([service])
        consumer.close()


def _watch(pid: int, consumer: KafkaConsumer) -> Measured:
    """Measures from the first commit that is seen to the last."""
    places = [TopicPartition(ENRICHED, number) for number in range(_PARTITIONS)]
    end = sum(consumer.end_offsets(places).values())
    before = _committed(consumer, places)
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    start: tuple[int, float, float] | None = None
    while time.monotonic() < deadline:
        done = _committed(consumer, places)
        if start is None and done > before:
            start = (done, time.perf_counter(), _cpu_seconds(pid))
        if done == end and start is not None:
            articles, seconds, cpu = end - start[0], time.perf_counter() - start[1], _cpu_seconds(pid) - start[2]
            return Measured(articles / seconds, cpu / articles * 1e6, _peak_mb(pid))
        time.sleep(_LOOK_SECONDS)
    raise RuntimeError(f"not indexed within {_TIMEOUT_SECONDS} s: {end - _committed(consumer, places)} of {end - before} are left")


def _committed(consumer: KafkaConsumer, places: Sequence[TopicPartition]) -> int:
    return sum(consumer.committed(place) or 0 for place in places)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS  # utime, stime: proc(5)


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _send_raw(elastic: Elasticsearch, records: Sequence[NewRecord]) -> Measured:
    _empty(elastic)
    settings = BulkSettings()
    actions = [_action(record) for record in records]
    chunks = [actions[start : start + settings.batch_records] for start in range(0, len(actions), settings.batch_records)]
    stamp = format_time(NOON)
    bodies = [b"".join(part for action in chunk for part in action.lines(stamp)) for chunk in chunks]
    left = iter(bodies)
    lock = threading.Lock()
    (node,) = elastic.transport.node_pool.all()
    started = time.perf_counter()
    with ThreadPoolExecutor(settings.in_flight) as pool:
        for sending in [pool.submit(_send_bodies, node.base_url, left, lock) for _ in range(settings.in_flight)]:
            sending.result()
    per_second = len(actions) / (time.perf_counter() - started)
    elastic.indices.refresh(index=ARTICLES)
    found = elastic.count(index=ARTICLES)["count"]
    if found != len(actions):
        raise RuntimeError(f"{found} of {len(actions)} documents were indexed")
    return Measured(per_second)


def _action(record: NewRecord) -> Action:
    action = build_action(Record(record.topic, 0, 0, record.key, record.value, record.headers, 0))
    if not isinstance(action, Action):
        raise TypeError(action.detail)
    return action


def _send_bodies(url: str, bodies: Iterator[bytes], lock: threading.Lock) -> None:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    while True:
        with lock:
            body = next(bodies, None)
        if body is None:
            break
        connection.request("POST", "/_bulk", body, {"Content-Type": "application/x-ndjson"})
        answer = connection.getresponse().read()
        if b'"errors":false' not in answer:
            raise RuntimeError(f"raw _bulk: not all documents were taken: {answer[:500]!r}")
    connection.close()
