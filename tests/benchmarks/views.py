"""How many views ingest accepts, in posts of 500 from an edge and one by one, each acknowledged by Kafka before the answer.

An edge (a CDN, a web server) tells the address, the user agent and the time of each reader; its views are Zipf 1.1 over 50,000
articles. Views of browsers come one by one, with the tokens of their pages. Beside it, in turns: a bare kafka-python producer with
acks=all that sends, built before, what ingest makes of such posts, and waits for the acknowledgement of each post's records; by as
many threads as there are connections. All share the machine. In the end every view that was answered for must be in the topic once.
"""

import http.client
import itertools
import json
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from kafka import KafkaProducer

from ops.cli.tokens import local_token
from ops.local.ports import free_ports
from ops.local.services import NAMES, RunningService, plan_services, stop_services
from ops.local.settings import LocalGroup
from services.ingest.core.common_records import build_records, place_view
from services.ingest.core.readers import Reader
from services.ingest.core.submissions import ViewSubmission
from services.ingest.core.views import AcceptedView, judge_view
from shared.outcomes import NewRecord
from shared.page_tokens import PageToken, issue_page_token
from shared.producing import partition_of
from shared.settings import KafkaSettings
from shared.topics import COMMENTS, ENGAGEMENT
from tests.counting import running_kafka
from tests.engines import DOWNLOADS_HOME
from tests.kafka_topics import read_all

ARTICLES, EXPONENT, PARTITIONS = 50_000, 1.1, 4
VIEWS_A_POST = 500
EDGE_CONNECTIONS, READER_CONNECTIONS = 4, 16
_NETWORKS, _AGENTS = 40_000, 200
_READY_SECONDS = 90.0
_SEED = 13
T = TypeVar("T")


@dataclass(frozen=True)
class Ingest:
    """One process of ingest: its port, its token, and the key of its page tokens."""

    port: int
    token: str
    page_key: bytes


@contextmanager
def running_ingest(kafka: KafkaSettings, home: Path) -> Iterator[Ingest]:
    """Ingest alone, beside a Kafka."""
    ports = free_ports(1 + len(NAMES))
    operations = {f"{name}_operations_port": port for name, port in zip(NAMES, ports[1:], strict=True)}
    settings = LocalGroup(home=home, ingest_port=ports[0], **operations)
    token, token_hash = local_token(home)
    plans = plan_services(settings, kafka.bootstrap_servers, "http://127.0.0.1:9", token_hash)
    plan = next(plan for plan in plans if plan.name == "ingest")
    service = RunningService(plan)
    try:
        service.start()
        service.wait_until_ready(_READY_SECONDS)
        yield Ingest(ports[0], token, plan.environment["DATELINE_PAGE_TOKEN_KEY"].encode())
    finally:
        stop_services([service])


class Readers:
    """Draws views as an edge reports them."""

    def __init__(self) -> None:
        self._chance = random.Random(_SEED)  # noqa: S311 - which articles are read is no secret
        self._weights = list(itertools.accumulate(place**-EXPONENT for place in range(1, ARTICLES + 1)))
        self._articles = [f"{self._chance.getrandbits(128):032x}" for _ in range(ARTICLES)]
        self._agents = [f"Mozilla/5.0 (X11; Linux x86_64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0" for n in range(_AGENTS)]

    def views(self, number: int) -> list[dict[str, str]]:
        """That many, all of now."""
        now = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        draw = self._chance.randrange
        return [
            {
                "article_id": article,
                "address": f"81.{draw(_NETWORKS) >> 8}.{draw(256)}.{draw(256)}",
                "user_agent": self._agents[draw(_AGENTS)],
                "time": now,
            }
            for article in self._chance.choices(self._articles, cum_weights=self._weights, k=number)
        ]


@dataclass(frozen=True)
class Turn:
    """Views a second of one round: by ingest, and by a bare producer that sends records of the same views."""

    batch: float
    bare: float
    single: float
    page: float
    bare_single: float


def run(*, quick: bool) -> dict[str, float]:
    """Figures: views accepted a second in batches, one by one and from pages; what a bare producer does; and how many were lost."""
    rounds, posts, singles = (3, 100, 3000) if quick else (7, 400, 9000)
    readers = Readers()
    with tempfile.TemporaryDirectory(prefix="dateline-views-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with (
            running_kafka(DOWNLOADS_HOME, folder / "kafka", PARTITIONS) as kafka,
            running_ingest(kafka, folder / "home") as ingest,
            _bare_producer(kafka) as producer,
        ):
            _measure(ingest, producer, readers, (40, 1000))  # connections and caches, and the broker's compiler
            turns = [_measure(ingest, producer, readers, (posts, singles)) for _ in range(rounds)]
            accepted = (40 + rounds * posts) * VIEWS_A_POST + 2 * (1000 + rounds * singles)
            stored = sum(
                record.value.count(b'"article_id"') for record in read_all(kafka.bootstrap_servers, ENGAGEMENT) if record.value
            )
    return _report([[getattr(turn, name) for turn in turns] for name in Turn.__dataclass_fields__], accepted - stored)


def _report(columns: list[list[float]], lost: int) -> dict[str, float]:
    batch, bare, single, page, bare_single = (statistics.median(column) for column in columns)
    rows = [
        (f"posts of {VIEWS_A_POST}, {EDGE_CONNECTIONS} connections", columns[0]),
        ("bare producer, records built before", columns[1]),
        (f"one by one, {READER_CONNECTIONS} connections", columns[2]),
        (f"by page tokens, {READER_CONNECTIONS} connections", columns[3]),
        (f"bare producer, one by one, {READER_CONNECTIONS} threads", columns[4]),
    ]
    sys.stdout.write(f"{'':<40}{'median':>12}{'least':>12}{'most':>12}\n")
    for name, column in rows:
        sys.stdout.write(f"{name:<40}{statistics.median(column):>12,.0f}{min(column):>12,.0f}{max(column):>12,.0f} views/s\n")
    sys.stdout.write(f"{'answered for and not stored, or twice':<40}{lost:>12,}\n")
    return {
        "views_accepted_per_second_batch": round(batch),
        "views_accepted_per_second_single": round(single),
        "views_accepted_per_second_page": round(page),
        "views_batch_ratio_to_bare_producer": round(batch / bare, 3),
        "views_single_ratio_to_bare_producer": round(single / bare_single, 3),
        "views_accepted_lost": lost,
    }


def _measure(ingest: Ingest, producer: KafkaProducer, readers: Readers, numbers: tuple[int, int]) -> Turn:
    posts, singles = numbers
    by_edge = {"Authorization": f"Bearer {ingest.token}", "Content-Type": "application/json"}
    batches = [json.dumps({"views": readers.views(VIEWS_A_POST)}).encode() for _ in range(posts)]
    batch = _post(ingest, batches, EDGE_CONNECTIONS, by_edge) * VIEWS_A_POST
    bare = _produce(producer, [_records(readers.views(VIEWS_A_POST)) for _ in range(posts)], EDGE_CONNECTIONS) * VIEWS_A_POST
    single = _post(ingest, [json.dumps(view).encode() for view in readers.views(singles)], READER_CONNECTIONS, by_edge)
    by_browser = {
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "Content-Type": "text/plain",
    }
    pages = [_page_view(ingest.page_key, view["article_id"]) for view in readers.views(singles)]
    page = _post(ingest, pages, READER_CONNECTIONS, by_browser)
    bare_single = _produce(producer, [_records([view]) for view in readers.views(singles)], READER_CONNECTIONS)
    return Turn(batch, bare, single, page, bare_single)


def _page_view(key: bytes, article_id: str) -> bytes:
    now = int(time.time())
    token = issue_page_token(key, PageToken(article_id, now, now + 7200, secrets.token_hex(8)))
    return json.dumps({"page_token": token, "article_id": article_id}).encode()


def _records(views: list[dict[str, str]]) -> list[NewRecord]:
    """What ingest makes of a post, but for its topic: so that the views of the bare producer are not taken for accepted ones."""
    nobody, salt, now = Reader(None, None), b"s" * 32, datetime.fromtimestamp(time.time(), UTC)
    judged = [judge_view(ViewSubmission.model_validate(view), nobody, salt, lambda _: False, now) for view in views]
    placed = [place_view(view, partition_of(view.article_id, PARTITIONS)) for view in judged if isinstance(view, AcceptedView)]
    return [replace(record, topic=COMMENTS) for record in build_records(placed, "bench", now)[0]]


@contextmanager
def _bare_producer(kafka: KafkaSettings) -> Iterator[KafkaProducer]:
    producer = KafkaProducer(
        bootstrap_servers=kafka.bootstrap_servers,
        acks="all",
        compression_type=kafka.compression,
        linger_ms=2,
        batch_size=256 * 1024,
    )
    try:
        yield producer
    finally:
        producer.close()


def _produce(producer: KafkaProducer, posts: Sequence[list[NewRecord]], threads: int) -> float:
    """Posts a second whose records are acknowledged, each before its thread sends the next."""

    def send_all(own: Sequence[list[NewRecord]]) -> None:
        for records in own:
            sent = [producer.send(r.topic, value=r.value, headers=list(r.headers), partition=r.partition) for r in records]
            for future in sent:
                future.get(timeout=30)

    return _at_once(send_all, posts, threads)


def _post(ingest: Ingest, bodies: Sequence[bytes], connections: int, headers: dict[str, str]) -> float:
    """Posts a second, over so many connections at once."""

    def post_all(own: Sequence[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", ingest.port)  # the cheapest client: it shares the cores
        for body in own:
            connection.request("POST", "/v1/views", body, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status not in (202, 204):
                raise RuntimeError(f"ingest answered {answer.status}: {content[:500]!r}")
        connection.close()

    return _at_once(post_all, bodies, connections)


def _at_once(work: Callable[[Sequence[T]], None], things: Sequence[T], threads: int) -> float:
    """Things a second that threads work off, each its share; raises what one of them raised."""
    with ThreadPoolExecutor(threads) as pool:
        started = time.perf_counter()
        done = [pool.submit(work, things[start::threads]) for start in range(threads)]
        for each in done:
            each.result()
        return len(things) / (time.perf_counter() - started)
