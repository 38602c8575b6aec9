"""From an article's acceptance to when a search finds it, at 20 a second, beside documents written to Elasticsearch directly.

The direct ones are the ceiling: they wait for nothing but the refresh. Both kinds are sent in turn in one run and looked for in the
same way: a search, not a get, every 25 ms.
"""

import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

from elasticsearch import Elasticsearch

from tests.engines import DOWNLOADS_HOME, running_engines
from tests.stack import Stack, running_stack

RATE = 20
LOOK_SECONDS = 0.025
_SAMPLE = Path(__file__).parents[2] / "ops" / "sample" / "articles.ndjson"


def run(*, quick: bool) -> dict[str, float]:
    """Figures: searchable_p50_seconds, searchable_p99_seconds, direct_p50_seconds, direct_p99_seconds, rss_total_mb."""
    with tempfile.TemporaryDirectory(prefix="dateline-latency-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with running_engines(DOWNLOADS_HOME, folder / "engines") as engines, running_stack(engines, folder / "stack") as stack:
            _send_both(stack, 3)  # models and JVMs warm up
            through, direct = _send_both(stack, 15 if quick else 60)
            rss_mb = _rss_mb(engines_and_services(stack, folder))
    rows = [("through Dateline", through), ("straight into Elasticsearch", direct)]
    sys.stdout.write(f"{'publish -> searchable':<30}{'n':>6}{'p50 s':>8}{'p99 s':>8}{'max s':>8}\n")
    for name, seconds in rows:
        sys.stdout.write(
            f"{name:<30}{len(seconds):>6}{_quantile(seconds, 50):>8.2f}{_quantile(seconds, 99):>8.2f}{max(seconds):>8.2f}\n"
        )
    sys.stdout.write(f"RSS of two engines and six services: {rss_mb:.0f} MB\n")
    return {
        "searchable_p50_seconds": round(_quantile(through, 50), 3),
        "searchable_p99_seconds": round(_quantile(through, 99), 3),
        "direct_p50_seconds": round(_quantile(direct, 50), 3),
        "direct_p99_seconds": round(_quantile(direct, 99), 3),
        "rss_total_mb": round(rss_mb),
    }


def _send_both(stack: Stack, seconds: int) -> tuple[list[float], list[float]]:
    articles = itertools.cycle([json.loads(line) for line in _SAMPLE.read_text(encoding="utf-8").splitlines()])
    watch = Watch(stack.elastic)
    started = time.monotonic()
    through, direct = [], []
    for number in range(RATE * seconds):
        time.sleep(max(0.0, started + number / RATE - time.monotonic()))
        article = {**next(articles), "url": f"https://bench.example/{uuid.uuid4()}"}
        article.pop("id", None)
        article_id = stack.ingest.post("/v1/articles", json=article).raise_for_status().json()["article_id"]
        through.append(article_id)
        watch.expect(article_id)
        own = uuid.uuid4().hex
        document = {"article_id": own, "revision": 1, "status": "published", "headline": {"other": article["headline"]}}
        stack.elastic.index(index="articles", id=own, document=document)
        direct.append(own)
        watch.expect(own)
    seen = watch.finish()
    return [seen[own] for own in through], [seen[own] for own in direct]


class Watch:
    """Looks for articles until each was found, and keeps how long that took since it was acknowledged."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client
        self._waiting: dict[str, float] = {}
        self._seen: dict[str, float] = {}
        self._last = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def expect(self, article_id: str) -> None:
        """It was acknowledged now."""
        self._waiting[article_id] = time.monotonic()

    def finish(self) -> dict[str, float]:
        """Seconds by article, when all were found."""
        self._last.set()
        self._thread.join(60)
        if self._waiting:
            raise RuntimeError(f"{len(self._waiting)} articles were not found within a minute")
        return self._seen

    def _look(self) -> None:
        while self._waiting or not self._last.is_set():
            time.sleep(LOOK_SECONDS)
            wanted = list(self._waiting)
            if not wanted:
                continue
            hits = self._client.search(
                index="articles", query={"terms": {"article_id": wanted}}, source=False, size=1000, stored_fields=[]
            )["hits"]["hits"]
            now = time.monotonic()
            for hit in hits:
                self._seen[hit["_id"]] = now - self._waiting.pop(hit["_id"])


def engines_and_services(stack: Stack, folder: Path) -> list[int]:
    """The process ids of everything that runs: services by what started them, engines by their command lines below `folder`."""
    services = [service.process.pid for service in stack.services.values()]
    listing = _ps("-eo", "pid=,args=")
    return services + [int(line.split(None, 1)[0]) for line in listing if str(folder) in line and "java" in line]


def _rss_mb(pids: list[int]) -> float:
    return sum(int(line) for line in _ps("-o", "rss=", "-p", ",".join(map(str, pids)))) / 1024


def _ps(*arguments: str) -> list[str]:
    command = ["ps", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def _quantile(seconds: list[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]
