"""How often headline, date and authors are right: beside what a person read on the pages, see page_labels.json."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from re import findall
from typing import Any

LABELS = Path(__file__).with_name("page_labels.json")


@dataclass(frozen=True)
class Facts:
    """What is known of an article beside its text; `published` as precise as it is known.

    `held_out` is a label of a page that the rules were not made with.
    """

    headline: str
    published: datetime | date | None
    authors: tuple[str, ...]
    held_out: bool = False


@dataclass(frozen=True)
class FactsScore:
    """Parts of pages that are right. `dates_wrong` counts other days than the page says, `dates_invented` those where it says none.

    Attributes:
        authors_f1: over all names of all pages.
        misses: a line each, to read.
    """

    headline_accuracy: float
    date_accuracy: float
    dates_wrong: int
    dates_invented: int
    authors_f1: float
    misses: tuple[str, ...]


def parse_stated(text: str | None) -> datetime | date | None:
    """A date as the labels write it."""
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def read_labels(path: Path = LABELS) -> dict[str, Facts]:
    """What the pages say, by their id."""
    rows: dict[str, dict[str, Any]] = json.loads(path.read_text())["pages"]
    return {
        name: Facts(row["headline"], parse_stated(row["date_published"]), tuple(row["authors"]), row["held_out"])
        for name, row in rows.items()
    }


def list_days(time: datetime | date | None) -> frozenset[date]:
    """The day that the page shows, and the day in UTC: extractors give the one or the other."""
    if not isinstance(time, datetime):
        return frozenset([time] if time else [])
    return frozenset([time.date(), time.astimezone(UTC).date()] if time.tzinfo else [time.date()])


def fold_words(text: str) -> tuple[str, ...]:
    """The words alone: kinds of quotes and dashes, blanks and capitals are typography."""
    return tuple(findall(r"\w+", text.casefold()))


def _f1(right: int, found: int, stated: int) -> float:
    return 2 * right / (found + stated) if found + stated else 1.0


def score_facts(extract: Callable[[str], Facts], labels: Mapping[str, Facts]) -> FactsScore:
    """Compare what `extract` finds on each page, given by its id, with the labels."""
    headlines = dates = wrong = invented = right_names = found_names = stated_names = 0
    misses = []
    for name, stated in labels.items():
        found = extract(name)
        same_headline = fold_words(found.headline) == fold_words(stated.headline)
        same_day = list_days(found.published) & list_days(stated.published) or found.published is stated.published is None
        found_authors, stated_authors = ({fold_words(author) for author in facts.authors} for facts in (found, stated))
        headlines += same_headline
        dates += bool(same_day)
        wrong += bool(found.published and stated.published and not same_day)
        invented += bool(found.published and not stated.published)
        right_names += len(found_authors & stated_authors)
        found_names += len(found_authors)
        stated_names += len(stated_authors)
        if not same_headline:
            misses.append(f"{name[:8]} headline {found.headline!r}, on the page {stated.headline!r}")
        if not same_day:
            misses.append(f"{name[:8]} date {found.published}, on the page {stated.published}")
        if found_authors != stated_authors:
            misses.append(f"{name[:8]} authors {found.authors}, on the page {stated.authors}")
    total = len(labels)
    return FactsScore(
        headline_accuracy=headlines / total if total else 0.0,
        date_accuracy=dates / total if total else 0.0,
        dates_wrong=wrong,
        dates_invented=invented,
        authors_f1=_f1(right_names, found_names, stated_names),
        misses=tuple(misses),
    )
