"""How well and how fast bodies are taken out of 102 real pages: `make bench NAME=extraction`.

The measure is the benchmark's own, see ../shared/data/README.md: shingles of four words, true and false ones per page as parts of
their sum, precision and recall from the averages over pages.
"""

import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from re import findall
from typing import Any

import trafilatura

from services.ingest.core.extracted import ExtractedArticle
from services.ingest.core.html_page import extract_html_page

DATA = Path(__file__).parents[3] / "shared" / "data" / "extraction"
#: Pages whose dates are checked against this day; it only has to be later than they are.
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_SHINGLE = 4

Extract = Callable[[bytes, str], str]


@dataclass(frozen=True)
class Page:
    """A page as it was received, and the body that people found in it."""

    html: bytes
    url: str
    body: str


@dataclass(frozen=True)
class Score:
    """Quality over all pages, and the time it took: `p99_seconds` is that of the slowest but one in a hundred pages."""

    precision: float
    recall: float
    pages_per_second: float
    p99_seconds: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def read_pages(folder: Path = DATA) -> dict[str, Page]:
    """The pages by id, none if the data is not there."""
    truth = folder / "ground-truth.json"
    if not truth.exists():
        return {}
    return {
        name: Page(gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()), row["url"], row["articleBody"])
        for name, row in sorted(json.loads(truth.read_text()).items())
    }


def count_shingles(text: str) -> Counter[tuple[str, ...]]:
    """How often each run of four words occurs; fewer words are one shingle."""
    words = findall(r"\w+", text)
    last = max(len(words) - _SHINGLE + 1, 1 if words else 0)
    return Counter(tuple(words[start : start + _SHINGLE]) for start in range(last))


def compare_bodies(truth: str, found: str) -> tuple[float, float, float]:
    """The parts of true positives, false positives and false negatives in their sum; all true if both are empty."""
    true_shingles, found_shingles = count_shingles(truth), count_shingles(found)
    positives = (true_shingles & found_shingles).total()
    sums = (positives, found_shingles.total() - positives, true_shingles.total() - positives)
    total = sum(sums)
    return (sums[0] / total, sums[1] / total, sums[2] / total) if total else (1.0, 0.0, 0.0)


def score_extraction(extract: Extract, pages: Mapping[str, Page]) -> Score:
    """Run `extract` over the pages, one after the other, and score what it gives."""
    seconds, rows = [], []
    for page in pages.values():
        start = time.process_time()
        found = extract(page.html, page.url)
        seconds.append(time.process_time() - start)
        rows.append(compare_bodies(page.body, found))
    true, false, missed = (sum(column) for column in zip(*rows, strict=True))
    return Score(
        precision=true / (true + false) if true else 0.0,
        recall=true / (true + missed) if true else 0.0,
        pages_per_second=len(seconds) / sum(seconds),
        p99_seconds=sorted(seconds)[max(0, len(seconds) * 99 // 100 - 1)],
    )


def extract_ours(html: bytes, url: str) -> str:
    """The body that Dateline publishes, metadata and all; empty where it finds no article."""
    page = extract_html_page(html, url, NOW)
    return page.body if isinstance(page, ExtractedArticle) else ""


def extract_trafilatura(html: bytes, url: str) -> str:
    """What trafilatura gives as it is."""
    return trafilatura.extract(html, url=url, include_comments=False) or ""


def _extractors() -> dict[str, Extract]:
    found: dict[str, Extract] = {"ours": extract_ours, "trafilatura": extract_trafilatura}
    try:
        newspaper: Any = import_module("newspaper")  # compared with where it happens to be installed
    except ImportError:
        return found

    def extract_newspaper(html: bytes, url: str) -> str:
        article = newspaper.Article(url)
        article.download(input_html=html.decode("utf-8", "replace"))
        try:
            article.parse()
        except Exception:  # noqa: BLE001 - it wants a tokeniser of its own for some languages; such a page is a miss
            return ""
        return str(article.text)

    return found | {"newspaper4k": extract_newspaper}


def run(*, quick: bool) -> dict[str, float]:
    """Print a table; the figures of ours: extraction_f1, pages_per_second and more. `quick` takes every third page."""
    pages = read_pages()
    if not pages:
        sys.stdout.write(f"skipped: no pages in {DATA}\n")
        return {}
    if quick:
        pages = {name: pages[name] for name in sorted(pages)[::3]}
    scores = {}
    sys.stdout.write(f"{len(pages)} pages     F1     P      R      pages/s  p99 ms\n")
    for name, extract in _extractors().items():
        extract(next(iter(pages.values())).html, "https://example.com/")  # imports and tables are loaded once, not once a page
        scores[name] = score = score_extraction(extract, pages)
        quality = f"{score.f1:.4f} {score.precision:.4f} {score.recall:.4f}"
        sys.stdout.write(f"{name:13} {quality} {score.pages_per_second:8.1f} {score.p99_seconds * 1000:7.0f}\n")
    ours = scores["ours"]
    return {
        "extraction_f1": round(ours.f1, 4),
        "extraction_precision": round(ours.precision, 4),
        "extraction_recall": round(ours.recall, 4),
        "pages_per_second": round(ours.pages_per_second, 1),
        "extraction_p99_seconds": round(ours.p99_seconds, 4),
    }
