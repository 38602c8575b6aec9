"""How long it takes to compare an article with 10,000 saved searches: `make bench NAME=saved_searches`.

Searches are 2 to 4 words of one real sentence; every tenth has a filter by language or section as well, every tenth is a phrase or
excludes a word. Articles are recombined from the same sentences, so that hundreds of searches fit an article: many more than do in
real life. What is done once for a language, when it is met for the first time, is timed by itself.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from elasticsearch import Elasticsearch

from ops.cli.setup import create_indices
from services.indexer.core.documents import Action, build_action
from services.indexer.matching import Matcher
from services.indexer.saved_searches import SavedSearches
from shared.articles import ArticleEnriched
from shared.events import Record
from tests.benchmarks.many_articles import are_there, recombined_articles
from tests.builders import a_record
from tests.engines import DOWNLOADS_HOME, running_engines
from tests.saving import a_saved_record, a_saved_search

_SEARCHES, _BATCHES, _SINGLES = 10_000, 20, 300
_QUICK_BATCHES, _QUICK_SINGLES = 5, 60
_BATCH = 100
_SEED = 10
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_FEWEST_LETTERS = 4


def run(*, quick: bool) -> dict[str, float]:
    """Figures: match_ms_per_article, match_ms_single (median), match_ms_single_p99, match_ms_new_language, matches_per_article."""
    if not are_there():
        sys.stdout.write("skipped: the sentences that articles are made of do not lie beside the project\n")
        return {}
    batches, singles = (_QUICK_BATCHES, _QUICK_SINGLES) if quick else (_BATCHES, _SINGLES)
    articles = list(islice(recombined_articles(batches * _BATCH + singles, _SEED), batches * _BATCH + singles))
    actions = [_action(article, number) for number, article in enumerate(articles)]
    searches = SavedSearches()
    for number, (q, filters) in enumerate(islice(_searches(articles), _SEARCHES)):
        searches.learn([a_saved_record(a_saved_search(q, created=_LONG_AGO, **filters), number)])
    with tempfile.TemporaryDirectory(prefix="dateline-matching-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with running_engines(DOWNLOADS_HOME, folder / "engines") as engines, Elasticsearch(engines.elasticsearch_url) as elastic:
            create_indices(elastic)
            client = elastic.options(request_timeout=60)
            return _measure(Matcher(client, searches), actions, singles)


def _measure(matcher: Matcher, actions: Sequence[Action], singles: int) -> dict[str, float]:
    one_of_each = list({next(iter(action.content()["headline"])): action for action in actions}.values())
    started = time.monotonic()
    matcher.find(one_of_each)
    new_language_ms = (time.monotonic() - started) * 1000 / len(one_of_each)
    single_ms, found = [], 0
    for action in actions[:singles]:
        started = time.monotonic()
        found += len(matcher.find([action])[0])
        single_ms.append((time.monotonic() - started) * 1000)
    started = time.monotonic()
    for first in range(singles, len(actions), _BATCH):
        matcher.find(actions[first : first + _BATCH])
    batched_ms = (time.monotonic() - started) * 1000 / (len(actions) - singles)
    figures = {
        "match_ms_per_article": round(batched_ms, 2),
        "match_ms_single": round(statistics.median(single_ms), 1),
        "match_ms_single_p99": round(statistics.quantiles(single_ms, n=100)[98], 1),
        "match_ms_new_language": round(new_language_ms),
        "matches_per_article": round(found / singles),
    }
    for name, value in figures.items():
        sys.stdout.write(f"{name:<24}{value:>10}\n")
    return figures


def _action(article: dict[str, object], number: int) -> Action:
    made = a_record(ArticleEnriched.model_validate(article), topic="articles.enriched")
    record = Record("articles.enriched", 0, number, made.key, made.value, made.headers, 0)
    action = build_action(record)
    assert isinstance(action, Action), action
    return action


def _searches(articles: Sequence[dict[str, object]]) -> Iterator[tuple[str, dict[str, object]]]:
    draw = random.Random(_SEED)  # noqa: S311 - the same searches every time
    sentences = [each for article in articles for each in str(article["body"]).replace("\n", " ").split(". ")]
    while True:
        words = [word for word in (each.strip("\"'.,;:()") for each in draw.choice(sentences).split()) if _is_word(word)]
        if len(words) < 4:
            continue
        chosen = draw.sample(words, draw.randint(2, 4))
        kind = draw.random()
        if kind < 0.05:
            yield " ".join(chosen), {"language": ["en"]}
        elif kind < 0.1:
            yield " ".join(chosen), {"section": ["World"]}
        elif kind < 0.15:
            yield f'"{words[0]} {words[1]}"', {}
        elif kind < 0.2:
            yield f"{' '.join(chosen[1:])} NOT {chosen[0]}", {}
        else:
            yield " ".join(chosen), {}


def _is_word(text: str) -> bool:
    return text.isalpha() and len(text) >= _FEWEST_LETTERS and text not in ("AND", "OR", "NOT")
