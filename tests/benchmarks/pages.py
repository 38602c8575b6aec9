"""How quickly reader pages are made and shown: `make bench NAME=pages`.

Twenty pages a second of all kinds in turns, each beside what programs are answered of the same data; each is timed from when it was
due. Then a browser opens each kind with an empty cache, and says when something first stood there. Everything shares the machine.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import httpx2

from tests.browser.sample_pages import publish_news
from tests.browser.watching import CHROMIUM, chromium, watching
from tests.engines import DOWNLOADS_HOME, running_engines
from tests.stack import Stack, running_stack

_PER_SECOND = 20
_CLIENTS = 16
_KINDS = ("front", "section", "article", "entity", "story", "search")
_FIRST_PAINT = """
() => new Promise((resolve) => {
  const first = (list) => list.getEntriesByName('first-contentful-paint').forEach((entry) => resolve(entry.startTime));
  new PerformanceObserver(first).observe({ type: 'paint', buffered: true });
})
"""


def run(*, quick: bool) -> dict[str, float]:
    """Figures: milliseconds of pages and the API; fcp_ms of the slowest kind, by its median; page_kb of the heaviest."""
    with tempfile.TemporaryDirectory(prefix="dateline-pages-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with running_engines(DOWNLOADS_HOME, folder / "engines", ()) as engines, running_stack(engines, folder / "stack") as stack:
            addresses = publish_news(stack)
            return _measure_server(stack, addresses, 10 if quick else 60) | _measure_browser(stack, addresses, 3 if quick else 15)


def _measure_server(stack: Stack, addresses: Mapping[str, str], seconds: int) -> dict[str, float]:
    with httpx2.Client(base_url=stack.search.base_url, trust_env=False, timeout=30) as client:
        pages = {kind: partial(_fetch, client, addresses[kind], "text/html") for kind in _KINDS}
        same = {kind: partial(_fetch, client, path, "application/json") for kind, path in _same_data(stack, addresses).items()}
        _paced(pages, 5)  # warm
        _paced(same, 5)
        taken = {"page": _paced(pages, seconds), "API": _paced(same, seconds)}
    sys.stdout.write(f"{f'{_PER_SECOND}/s, ms':<12}{'page p50':>10}{'p99':>8}{'API p50':>10}{'p99':>8}\n")
    together = {side: [each for times in kinds.values() for each in times] for side, kinds in taken.items()}
    for kind in (*_KINDS, "all"):
        shown = [times if kind == "all" else taken[side][kind] for side, times in together.items()]
        page, api = ((_quantile(times, 50), _quantile(times, 99)) for times in shown)
        sys.stdout.write(f"{kind:<12}{page[0]:>10.1f}{page[1]:>8.1f}{api[0]:>10.1f}{api[1]:>8.1f}\n")
    return {
        "page_p50_ms": round(_quantile(together["page"], 50), 1),
        "page_p99_ms": round(_quantile(together["page"], 99), 1),
        "api_p50_ms": round(_quantile(together["API"], 50), 1),
        "api_p99_ms": round(_quantile(together["API"], 99), 1),
    }


def _same_data(stack: Stack, addresses: Mapping[str, str]) -> dict[str, str]:
    """What a program asks for the list or article that a page shows; pages have other lists beside it."""
    entity = addresses["entity"].rpartition("/")[2]
    article = json.loads(stack.search.get(f"/v1{addresses['article']}").raise_for_status().content)
    (name,) = {each["name"] for each in article["entities"] if each["entity_id"] == entity}
    return {
        "front": "/v1/search?size=50",
        "section": "/v1/search?size=24&section=Science",
        "article": f"/v1{addresses['article']}",
        "entity": f"/v1/search?size=20&entity={quote(name)}",
        "story": f"/v1/search?size=20&story={addresses['story'].rpartition('/')[2]}",
        "search": f"/v1{addresses['search']}&histogram=true",
    }


def _fetch(client: httpx2.Client, path: str, media_type: str) -> None:
    answer = client.get(path, headers={"Accept": media_type}).raise_for_status()
    if not answer.headers["Content-Type"].startswith(media_type):
        raise RuntimeError(f"{path} answered {answer.headers['Content-Type']}")


def _paced(calls: Mapping[str, Callable[[], None]], seconds: int) -> dict[str, list[float]]:
    """Milliseconds of each kind, from when each was due; so many a second of all together, whether answers come or not."""
    taken: dict[str, list[float]] = {kind: [] for kind in calls}

    def ask(kind: str, due: float) -> None:
        calls[kind]()
        taken[kind].append((time.perf_counter() - due) * 1000)

    begin, turns = time.perf_counter(), cycle(calls)
    with ThreadPoolExecutor(_CLIENTS) as pool:
        running = []
        for number in range(seconds * _PER_SECOND):
            due = begin + number / _PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            running.append(pool.submit(ask, next(turns), due))
        for each in running:
            each.result()
    return taken


def _measure_browser(stack: Stack, addresses: Mapping[str, str], times: int) -> dict[str, float]:
    if CHROMIUM is None:
        sys.stdout.write("no Chromium on this machine: first paints and weights were not measured\n")
        return {}
    painted: dict[str, float] = {}
    weights: dict[str, float] = {}
    with chromium() as browser:
        for kind in _KINDS:
            paints = []
            for _ in range(times):
                with watching(browser, str(stack.search.base_url)) as watched:
                    watched.open(addresses[kind])
                    paints.append(float(watched.page.evaluate(_FIRST_PAINT)))
                    weights[kind] = watched.loaded_bytes / 1000
            painted[kind] = statistics.median(paints)
    sys.stdout.write(f"{'':<12}{'first contentful paint ms':>27}{'kB without pictures':>21}\n")
    for kind in _KINDS:
        sys.stdout.write(f"{kind:<12}{painted[kind]:>27.0f}{weights[kind]:>21.1f}\n")
    return {"fcp_ms": round(max(painted.values())), "page_kb": round(max(weights.values()), 1)}


def _quantile(taken: list[float], percent: int) -> float:
    return statistics.quantiles(taken, n=100, method="inclusive")[percent - 1]
