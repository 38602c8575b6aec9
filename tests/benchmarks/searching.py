"""How quickly 100,000 articles are searched, how surely one is found again, how long a rebuild takes: `make bench NAME=searching`.

Beside every search through the API stands the same body sent to Elasticsearch directly, in turns, fifty requests a second together
with it. Beside finding things again stands a plain `multi_match` on the same index. Everything shares the machine.
"""

import http.client
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import orjson
from elasticsearch import Elasticsearch

from ops.cli.index_family import fetch_family
from ops.cli.index_rebuilding import rebuild_index
from ops.cli.setup import create_indices
from ops.local.ports import free_ports
from ops.local.services import RunningService, plan_services, stop_services
from ops.local.settings import LocalGroup
from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import Action, build_action, rebuild_document
from services.search.core.marking import build_marks
from services.search.core.paging import first_page
from services.search.core.parameters import SearchParameters
from services.search.core.queries import build_overview
from services.search.core.results import parse_overview
from services.search.core.search_body import build_search
from shared.events import Record
from shared.indices import ARTICLES
from tests.benchmarks.headline_queries import found_again_queries, labelled_articles
from tests.benchmarks.many_articles import are_there, recombined_articles
from tests.engines import DOWNLOADS_HOME, running_engines

_ARTICLES, _SECONDS = 100_000, 20
_QUICK_ARTICLES, _QUICK_SECONDS = 15_000, 6
_SEED = 14
_PER_SECOND = 50
_BATCH = 500
_CLIENTS = 16
_BEST = 10
_HEADERS = (("ce_type", b"news.article.enriched.v1"),)


def run(*, quick: bool) -> dict[str, float]:
    """Figures: milliseconds of searches beside direct ones, MRR@10 beside a plain query's, seconds of a rebuild under load."""
    if not are_there():
        sys.stdout.write("skipped: the articles that are searched do not lie beside the project\n")
        return {}
    count, seconds = (_QUICK_ARTICLES, _QUICK_SECONDS) if quick else (_ARTICLES, _SECONDS)
    with tempfile.TemporaryDirectory(prefix="dateline-searching-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with (
            running_engines(DOWNLOADS_HOME, folder / "engines", (), 1024) as engines,
            Elasticsearch(engines.elasticsearch_url, request_timeout=120) as elastic,
        ):
            create_indices(elastic)
            started = time.perf_counter()
            _fill(elastic, count)
            _say("articles indexed", count + len(labelled_articles()), f"in {time.perf_counter() - started:.0f} s")
            settings = LocalGroup(home=folder / "home", search_port=free_ports(1)[0], search_operations_port=free_ports(1)[0])
            plans = plan_services(settings, engines.kafka_bootstrap, engines.elasticsearch_url, "0" * 64)
            (plan,) = [each for each in plans if each.name == "search"]
            service = RunningService(replace(plan, environment={**plan.environment, "DATELINE_LOG_LEVEL": "warning"}))
            try:
                service.start()
                service.wait_until_ready(90)
                sides = _Sides(f"http://127.0.0.1:{settings.search_port}", engines.elasticsearch_url, elastic)
                return {**_measure_speed(sides, seconds), **_measure_finding(sides), **_measure_rebuild(sides, count)}
            finally:
                stop_services([service])


def _fill(elastic: Elasticsearch, count: int) -> None:
    articles = [*labelled_articles(), *recombined_articles(count, _SEED)]
    writer = BulkWriter(elastic)
    batches = [articles[start : start + _BATCH] for start in range(0, len(articles), _BATCH)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda batch: writer.write([_action(number, article) for number, article in enumerate(batch)]), batches))
    elastic.indices.refresh(index=ARTICLES)
    # As after a night: what is searched does not merge meanwhile.
    elastic.options(request_timeout=600).indices.forcemerge(index=ARTICLES, max_num_segments=5)


def _action(number: int, article: dict[str, object]) -> Action:
    place = ("articles.enriched", hash(str(article["article_id"])) % 2**31, number)
    action = build_action(Record(*place, b"", orjson.dumps(article), _HEADERS, 0))
    if not isinstance(action, Action):
        raise TypeError(action.detail)
    return action


class _Sides:
    """The API and Elasticsearch, asked the same."""

    def __init__(self, api: str, direct: str, elastic: Elasticsearch) -> None:
        self.api, self.direct, self.elastic = api, direct, elastic
        overview = elastic.search(index=ARTICLES, **build_overview()).body
        self.fields = parse_overview(overview).language_fields
        self._local = threading.local()

    def ask_api(self, path: str) -> dict[str, object]:
        """The API's answer."""
        return self._ask(self.api, "GET", path, None)

    def ask_directly(self, body: dict[str, object]) -> dict[str, object]:
        """Elasticsearch's answer to a search."""
        return self._ask(self.direct, "POST", f"/{ARTICLES}/_search", orjson.dumps(body))

    def ask_for(self, parameters: SearchParameters) -> dict[str, object]:
        """Elasticsearch's answer to what the API sends for a search; for its highlights in a second request, as the API does."""
        answer = self.ask_directly(build_search(parameters, self.fields, first_page(time.time())))
        hits = answer["hits"]["hits"][: parameters.size]  # type: ignore[index]
        if parameters.highlight and hits:
            self.ask_directly(build_marks(parameters.query, hits))
        return answer

    def _ask(self, base: str, method: str, path: str, body: bytes | None) -> dict[str, object]:
        kept: dict[str, http.client.HTTPConnection] = self._local.__dict__.setdefault("kept", {})
        address = urlsplit(base)
        connection = kept.setdefault(base, http.client.HTTPConnection(str(address.hostname), address.port, timeout=60))
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):  # it was idle for too long
            connection.close()
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
        content: dict[str, object] = orjson.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} for {path}: {str(content)[:300]}")
        return content


def _measure_speed(sides: _Sides, seconds: int) -> dict[str, float]:
    queries = list(islice(_queries(), 400))
    plain = [SearchParameters(q=q, facets=False, highlight=False) for q in queries]
    full = [SearchParameters(q=q) for q in queries]
    kinds: dict[str, list[Callable[[], object]]] = {}
    for name, asked in (("plain", plain), ("full", full)):
        kinds[f"{name} api"] = [partial(sides.ask_api, f"/v1/search?{_query_string(each)}") for each in asked]
        kinds[f"{name} direct"] = [partial(sides.ask_for, each) for each in asked]
    ids = [hit["article_id"] for q in queries[:40] for hit in sides.ask_api(f"/v1/search?{urlencode({'q': q})}")["hits"]]  # type: ignore[attr-defined]
    kinds["related"] = [partial(sides.ask_api, f"/v1/articles/{own_id}/related") for own_id in ids]
    taken: dict[str, list[float]] = {}
    for group in (("plain api", "plain direct"), ("full api", "full direct"), ("related",)):
        _paced({name: kinds[name] for name in group}, 2)  # warm
        taken |= _paced({name: kinds[name] for name in group}, seconds)
    for name, times in taken.items():
        _say(f"{name}, {_PER_SECOND}/s", f"p50 {_quantile(times, 50):.1f} ms", f"p99 {_quantile(times, 99):.1f} ms")
    return {
        "search_p50_ms": round(_quantile(taken["plain api"], 50), 1),
        "search_p99_ms": round(_quantile(taken["plain api"], 99), 1),
        "ratio_to_direct": round(_quantile(taken["plain api"], 50) / _quantile(taken["plain direct"], 50), 2),
        "facets_and_highlight_p99_ms": round(_quantile(taken["full api"], 99), 1),
        "facets_and_highlight_ratio_to_direct": round(_quantile(taken["full api"], 50) / _quantile(taken["full direct"], 50), 2),
        "related_p99_ms": round(_quantile(taken["related"], 99), 1),
    }


def _query_string(parameters: SearchParameters) -> str:
    return urlencode({"q": parameters.q, "facets": str(parameters.facets).lower(), "highlight": str(parameters.highlight).lower()})


def _queries() -> Iterator[str]:
    """What people might type: one to three words of headlines."""
    chance = random.Random(_SEED)  # noqa: S311 - the same searches each time is the point
    for article in recombined_articles(4000, _SEED):
        words = [word for word in str(article["headline"]).split() if word.isalpha() and len(word) > 3]
        if len(words) >= 3:
            yield " ".join(chance.sample(words, chance.choice((1, 2, 2, 3))))


def _paced(kinds: dict[str, list[Callable[[], object]]], seconds: int) -> dict[str, list[float]]:
    """Milliseconds of each request, from when it was due; so many a second of all kinds together, whether answers come or not."""
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    sources = {name: cycle(each) for name, each in kinds.items()}
    turns = cycle(sources)

    def ask(name: str, call: Callable[[], object], due: float) -> None:
        call()
        taken[name].append((time.perf_counter() - due) * 1000)

    begin = time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS) as pool:
        running = []
        for number in range(seconds * _PER_SECOND):
            due = begin + number / _PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            name = next(turns)
            running.append(pool.submit(ask, name, next(sources[name]), due))
        for each in running:
            each.result()
    return taken


def _measure_finding(sides: _Sides) -> dict[str, float]:
    ranks: dict[str, list[float]] = {"Dateline": [], "plain multi_match": []}
    missed = []
    for article_id, query in found_again_queries():
        answer = sides.ask_api(f"/v1/search?{urlencode({'q': query, 'size': _BEST, 'facets': 'false', 'highlight': 'false'})}")
        ids = [hit["article_id"] for hit in answer["hits"]]  # type: ignore[attr-defined]
        ranks["Dateline"].append(_reciprocal(ids, article_id))
        if ranks["Dateline"][-1] < 1:
            missed.append(f"  {ranks['Dateline'][-1]:.2f}  {query}")
        fields = [f"{name}.{field}" for field in sides.fields for name in ("headline", "description", "body")]
        plain = {"multi_match": {"query": query, "fields": fields}}
        found = sides.ask_directly({"query": plain, "size": _BEST, "_source": False})
        ranks["plain multi_match"].append(_reciprocal([hit["_id"] for hit in found["hits"]["hits"]], article_id))  # type: ignore[index]
    means = {name: statistics.mean(each) for name, each in ranks.items()}
    for name, mean in means.items():
        _say(f"found again, {name}", f"MRR@{_BEST} {mean:.3f}", f"{len(ranks[name])} articles")
    sys.stdout.write("\n".join(missed) + "\n")
    return {"mrr_at_10": round(means["Dateline"], 3), "mrr_at_10_multi_match": round(means["plain multi_match"], 3)}


def _reciprocal(ids: Sequence[str], wanted: str) -> float:
    return 1 / (ids.index(wanted) + 1) if wanted in ids else 0.0


@dataclass
class _Load:
    """What happened to searches and writes while the index was built anew."""

    searches: int = 0
    failed: int = 0
    short: int = 0
    written: int = 0


def _measure_rebuild(sides: _Sides, count: int) -> dict[str, float]:
    load, stop = _Load(), threading.Event()
    writer = BulkWriter(sides.elastic)
    more = recombined_articles(1_000_000, _SEED + 1)

    def search() -> None:
        while not stop.is_set():
            try:
                total = sides.elastic.count(index=ARTICLES)["count"]
            except Exception:  # noqa: BLE001 - whatever it is, a search failed
                load.failed += 1
            else:
                load.short += total < count
            load.searches += 1
            stop.wait(0.05)

    def write() -> None:
        batch = [_action(number, article) for number, article in enumerate(islice(more, 25))]
        while not stop.is_set():
            try:
                writer.write(batch)
            except Exception:  # noqa: BLE001 - as the indexer, it tries again
                stop.wait(0.05)
                continue
            load.written += len(batch)
            batch = [_action(number, article) for number, article in enumerate(islice(more, 25))]
            stop.wait(0.5)

    threads = [threading.Thread(target=each) for each in (search, write)]
    for thread in threads:
        thread.start()
    started = time.perf_counter()
    done = rebuild_index(
        sides.elastic, fetch_family(sides.elastic, ARTICLES), "articles-000001", rebuild_document, None, _unwatched
    )
    seconds = time.perf_counter() - started
    stop.set()
    for thread in threads:
        thread.join()
    _say("rebuilt under load", f"{seconds:.0f} s", f"{done.documents} documents, writes waited {done.blocked_seconds:.1f} s")
    _say("meanwhile", f"{load.searches} searches", f"{load.failed} failed, {load.short} short; {load.written} articles written")
    return {"rebuild_seconds": round(seconds, 1), "rebuild_searches_failed": load.failed, "rebuild_searches_short": load.short}


def _unwatched(_doing: str, _count: int) -> None:
    """Nobody watches."""


def _quantile(times: Sequence[float], percent: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]


def _say(name: str, *cells: object) -> None:
    sys.stdout.write(f"{name:<36}{''.join(f'{cell!s:>24}' for cell in cells)}\n")
    sys.stdout.flush()
