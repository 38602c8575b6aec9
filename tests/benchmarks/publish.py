"""How many articles of 3.6 kB ingest accepts, in batches and one by one, each acknowledged by Kafka before the answer.

Beside it, in turns: a bare kafka-python producer that sends records of the same values, built before. The client, ingest and the
broker share the machine.
"""

import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

from shared.outcomes import NewRecord
from shared.producing import Producer
from shared.settings import KafkaSettings
from tests.engines import DOWNLOADS_HOME, running_engines
from tests.stack import Stack, running_stack

BATCH = 1000
_SENTENCE = "The bridge over the harbour reopened on Monday, said the mayor, after two years of work that cost more than planned."
_BODY = "\n\n".join([" ".join([_SENTENCE] * 4)] * 7)
_RATE = 100
_CONNECTIONS = 16


def run(*, quick: bool) -> dict[str, float]:
    """Figures: published_per_second_batch, published_per_second_single, their ratio to the bare producer, single_p99_seconds."""
    rounds = 3 if quick else 10
    with tempfile.TemporaryDirectory(prefix="dateline-publish-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with (
            running_engines(DOWNLOADS_HOME, folder / "engines") as engines,
            running_stack(engines, folder / "stack", names=("ingest",)) as stack,
            Producer(KafkaSettings(bootstrap_servers=engines.kafka_bootstrap), "bench") as producer,
        ):
            _publish_batch(stack)  # connections and caches
            turns = [(_publish_batch(stack), _produce_batch(producer)) for _ in range(rounds)]
            single = _publish_singly(stack, 1000 if quick else 5000)
            p99 = _p99_at_rate(stack, 5 if quick else 30)
    batch, bare = (statistics.median(turn[side] for turn in turns) for side in (0, 1))
    rows = [("in batches of 1,000", batch), ("bare producer, built before", bare), ("one by one, 16 connections", single)]
    for name, rate in rows:
        sys.stdout.write(f"{name:<32}{rate:>10,.0f} articles/s\n")
    sys.stdout.write(f"{f'one by one at {_RATE}/s, p99':<32}{p99 * 1000:>10.1f} ms\n")
    return {
        "published_per_second_batch": round(batch),
        "published_per_second_single": round(single),
        "batch_ratio_to_bare_producer": round(batch / bare, 3),
        "single_p99_seconds": round(p99, 4),
    }


def _article() -> bytes:
    url = f"https://gazette.example/world/{uuid.uuid4()}"
    return json.dumps(
        {
            "headline": "Harbour bridge reopens",
            "url": url,
            "body": _BODY,
            "section": "World",
            "language": "en",
            "publisher": "Gazette",
        }
    ).encode()


def _publish_batch(stack: Stack) -> float:
    body = b"\n".join(_article() for _ in range(BATCH))
    started = time.perf_counter()
    answer = stack.ingest.post("/v1/articles", content=body, headers={"Content-Type": "application/x-ndjson"}).raise_for_status()
    rate = BATCH / (time.perf_counter() - started)
    if answer.json()["accepted"] != BATCH:
        raise RuntimeError(f"not all were accepted: {answer.text[:500]}")
    return rate


def _produce_batch(producer: Producer) -> float:
    records = [NewRecord("articles.published", uuid.uuid4().hex.encode(), _article()) for _ in range(BATCH)]
    started = time.perf_counter()
    producer.send_all(records)
    return BATCH / (time.perf_counter() - started)


def _publish_singly(stack: Stack, count: int) -> float:
    bodies = [[_article() for _ in range(count // _CONNECTIONS)] for _ in range(_CONNECTIONS)]
    threads = [threading.Thread(target=_post_all, args=(stack, each)) for each in bodies]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _CONNECTIONS * (count // _CONNECTIONS) / (time.perf_counter() - started)


def _post_all(stack: Stack, bodies: list[bytes]) -> None:
    address = stack.ingest.base_url
    connection = http.client.HTTPConnection(address.host, address.port)  # the cheapest client: it shares the cores
    headers = {"Authorization": f"Bearer {stack.token}", "Content-Type": "application/json"}
    for body in bodies:
        connection.request("POST", "/v1/articles", body, headers)
        answer = connection.getresponse()
        if answer.read() and answer.status != 201:
            raise RuntimeError(f"ingest answered {answer.status}")
    connection.close()


def _p99_at_rate(stack: Stack, seconds: int) -> float:
    started = time.monotonic()
    times = []
    for number in range(_RATE * seconds):
        body = _article()
        time.sleep(max(0.0, started + number / _RATE - time.monotonic()))
        began = time.perf_counter()
        stack.ingest.post("/v1/articles", content=body).raise_for_status()
        times.append(time.perf_counter() - began)
    return statistics.quantiles(times, n=100)[98]
