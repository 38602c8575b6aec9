"""How well and how fast articles are taken out of 102 real pages: `make bench NAME=extraction`.

Bodies: the measure is the benchmark's own, see ../shared/data/README.md: shingles of four words, true and false ones per page as
parts of their sum, precision and recall from the averages over pages. Headline, date and authors: labelled_pages.py.
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
from trafilatura.metadata import extract_metadata

from services.ingest.core.extracted import ExtractedArticle
from services.ingest.core.html_page import extract_html_page
from tests.benchmarks.labelled_pages import Facts, FactsScore, parse_stated, read_labels, score_facts

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


Read = Callable[[Page], Facts]


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


def read_ours(page: Page) -> Facts:
    """Headline, date and authors that Dateline publishes."""
    article = extract_html_page(page.html, page.url, NOW)
    if not isinstance(article, ExtractedArticle):
        return Facts("", None, ())
    return Facts(article.headline, article.date_published, article.authors)


def read_trafilatura(page: Page) -> Facts:
    """The metadata that trafilatura gives as it is."""
    found = extract_metadata(page.html, default_url=page.url)
    authors = tuple(name for part in (found.author or "").split(";") if (name := part.strip()))
    return Facts(found.title or "", parse_stated(found.date), authors)


def _load_newspaper() -> tuple[Extract, Read] | None:
    """newspaper4k, compared with where it happens to be installed; it is none of our requirements."""
    try:
        newspaper: Any = import_module("newspaper")
    except ImportError:
        return None

    def parse(html: bytes, url: str) -> Any | None:
        article = newspaper.Article(url, fetch_images=False)  # it would ask the web for them
        article.download(input_html=html.decode("utf-8", "replace"))
        try:
            article.parse()
        except Exception:  # noqa: BLE001 - it wants a tokeniser of its own for some languages; such a page is a miss
            return None
        return article

    def extract_newspaper(html: bytes, url: str) -> str:
        article = parse(html, url)
        return str(article.text) if article else ""

    def read_newspaper(page: Page) -> Facts:
        article = parse(page.html, page.url)
        return Facts(article.title or "", article.publish_date, tuple(article.authors)) if article else Facts("", None, ())

    return extract_newspaper, read_newspaper


def _extractors() -> dict[str, tuple[Extract, Read]]:
    found: dict[str, tuple[Extract, Read]] = {
        "ours": (extract_ours, read_ours),
        "trafilatura": (extract_trafilatura, read_trafilatura),
    }
    if newspaper := _load_newspaper():
        return found | {"newspaper4k": newspaper}
    sys.stdout.write("newspaper4k is not installed, so it is not beside: .venv/bin/pip install newspaper4k\n")
    return found


def run(*, quick: bool) -> dict[str, float]:
    """Print two tables; the figures of ours: extraction_f1, pages_per_second and more. `quick` takes every third page."""
    pages = read_pages()
    if not pages:
        sys.stdout.write(f"skipped: no pages in {DATA}\n")
        return {}
    if quick:
        pages = {name: pages[name] for name in sorted(pages)[::3]}
    extractors = _extractors()
    scores = {}
    sys.stdout.write(f"{len(pages)} pages     F1     P      R      pages/s  p99 ms\n")
    for name, (extract, _) in extractors.items():
        extract(next(iter(pages.values())).html, "https://example.com/")  # imports and tables are loaded once, not once a page
        scores[name] = score = score_extraction(extract, pages)
        quality = f"{score.f1:.4f} {score.precision:.4f} {score.recall:.4f}"
        sys.stdout.write(f"{name:13} {quality} {score.pages_per_second:8.1f} {score.p99_seconds * 1000:7.0f}\n")
    facts = score_all_facts({name: read for name, (_, read) in extractors.items()}, pages)
    ours = scores["ours"]
    return {
        "extraction_f1": round(ours.f1, 4),
        "extraction_precision": round(ours.precision, 4),
        "extraction_recall": round(ours.recall, 4),
        "headline_accuracy": round(facts.headline_accuracy, 4),
        "date_accuracy": round(facts.date_accuracy, 4),
        "dates_wrong": facts.dates_wrong,
        "dates_invented": facts.dates_invented,
        "authors_f1": round(facts.authors_f1, 4),
        "pages_per_second": round(ours.pages_per_second, 1),
        "extraction_p99_seconds": round(ours.p99_seconds, 4),
    }


def score_all_facts(readers: Mapping[str, Read], pages: Mapping[str, Page]) -> FactsScore:
    """Print how often headline, date and authors are right on the labelled pages, and what ours has not; the score of ours."""
    labels = {name: label for name, label in read_labels().items() if name in pages}
    held_out = {name: label for name, label in labels.items() if label.held_out}
    sys.stdout.write(
        f"{len(labels)} labelled    headline date   wrong invented authors F1; in brackets the {len(held_out)} held out\n"
    )
    scores = {}
    for name, read in readers.items():

        def read_page(page: str, read: Read = read) -> Facts:
            return read(pages[page])

        scores[name], new = score_facts(read_page, labels), score_facts(read_page, held_out)
        row = (
            f"{score.headline_accuracy:.4f} {score.date_accuracy:.4f} {score.dates_wrong:5} {score.dates_invented:8}"
            f" {score.authors_f1:.4f}"
            for score in (scores[name], new)
        )
        sys.stdout.write("{:13}  {}  ({})\n".format(name, *row))
    sys.stdout.writelines(f"  {miss}\n" for miss in scores["ours"].misses)
    return scores["ours"]
