"""Queries that somebody might type who remembers a headline, but not to the letter: two words inflected, one forgotten.

The articles are the English ones of the labelled pages (`../shared/data/extraction`): their headlines as they were read off the
pages, their bodies as the labels have them.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.benchmarks.labelled_pages import LABELS

_DATA = Path(__file__).parents[3] / "shared" / "data" / "extraction" / "ground-truth.json"
#: Words that carry too little to be changed or dropped.
_LITTLE = frozenset(
    word
    for line in (
        "a about after against all an and are as at be been before being but by can could does for from had has have her here his",
        "how i if in into is it its just like made make many more most much must new no not now of off on only or our out over",
        "says she should so some such than that the their them then there these they this those to up was we were what when where",
        "which while who why will with would you your",
    )
    for word in line.split()
)
_FEWEST_WORDS = 5


@cache
def labelled_articles() -> tuple[dict[str, Any], ...]:
    """The articles as `news.article.enriched.v1` has them."""
    truth = json.loads(_DATA.read_text(encoding="utf-8"))
    labels = json.loads(LABELS.read_text(encoding="utf-8"))["pages"]
    return tuple(
        _article(name, labels[name]["headline"], page["articleBody"])
        for name, page in sorted(truth.items())
        if name in labels and labels[name]["language"].startswith("en")
    )


def _article(name: str, headline: str, body: str) -> dict[str, Any]:
    article_id = hashlib.sha256(name.encode()).hexdigest()[:32]
    return {
        "article_id": article_id,
        "revision": 1_700_000_000_000,
        "headline": headline,
        "body": body,
        "language": "en",
        "date_published": "2026-06-01T12:00:00Z",
        "date_retrieved": "2026-06-01T12:00:00Z",
        "enrichment": 0,
        "language_confidence": 0.98,
        "recogniser": "labelled/1",
        "date_enriched": "2026-06-01T12:00:00Z",
    }


def found_again_queries() -> Iterator[tuple[str, str]]:
    """Article id and query, of every headline that is long enough."""
    for article in labelled_articles():
        query = build_query(article["headline"])
        if query is not None:
            yield article["article_id"], query


def build_query(headline: str) -> str | None:
    """The headline without its punctuation, two content words in another number or tense, and one left out; None if too short."""
    words = [
        word for each in headline.replace("’", "'").split() if (word := each.strip("\"'“”‘,.:;!?()[]–—-…|")) and "-" not in word
    ]
    words = [word for word in words if "'" not in word and ":" not in word]
    content = [place for place, word in enumerate(words) if word.lower() not in _LITTLE and word.isalpha() and len(word) > 3]
    if len(words) < _FEWEST_WORDS or len(content) < 4:
        return None
    # Words in small letters first: a name has neither number nor tense.
    changed = sorted((place for place in content if inflect(words[place].lower())), key=lambda place: words[place].istitle())[:2]
    if len(changed) < 2:
        return None
    (dropped,) = [place for place in content if place not in changed][-1:]
    return " ".join(
        str(inflect(word.lower())) if place in changed else word for place, word in enumerate(words) if place != dropped
    )


def inflect(word: str) -> str | None:
    """An English word in another number or tense, where a plain rule gives it; None elsewhere."""
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    if word.endswith("ing") and len(word) > 6 and word[-4] not in "aeiouy" and word[-4] != word[-5]:
        return word[:-3] + "ed"
    if word.endswith("ed") and len(word) > 5 and word[-3] not in "aeiouy" and word[-3] != word[-4]:
        return word[:-2] + "ing"
    if word.endswith(("ss", "us", "is", "as", "os", "ed", "ing", "ly", "ous", "ful", "x", "z", "ch", "sh")):
        return None
    if word.endswith("s"):
        return word[:-1]
    if word.endswith("y"):
        return word[:-1] + "ies" if word[-2] not in "aeiou" else word + "s"
    return word + "s"
