"""Faults that a real Elasticsearch does not give on demand."""

import asyncio
import threading
import time
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.search.complete_answers import TooComplex
from services.search.core.parameters import SearchParameters
from services.search.core.search_body import FACETS
from services.search.reading import Reading
from services.search.settings import ReadingSettings
from shared.elastic import connect_elastic_async
from shared.failures import Misconfigured, NotLetIn, Unavailable
from shared.settings import ElasticsearchSettings
from tests.doubles import http_double
from tests.unit.search.builders import a_document, an_answer

NONE: dict[str, Any] = {"buckets": []}
NOTHING: dict[str, Any] = {"language": NONE, "section": NONE}
#: What is counted beside hits, and a word that was meant.
FOUND: dict[str, Any] = {
    **{name: {"values": NONE} for name in FACETS},
    "has_comments": {"doc_count": 0},
    "time": NONE,
    "span": {"first": {"value": 0}, "last": {"value": 1}},
}
SUGGESTED: dict[str, Any] = {"suggest": {"4": [{"options": [{"text": "harbor"}]}]}}


@asynccontextmanager
async def reading(url, **settings):
    async with connect_elastic_async(ElasticsearchSettings(url=url)) as client:
        yield Reading(client, ReadingSettings(**settings))


def failure(answer, **settings):
    """What a search comes to, whose every request gets this answer."""

    async def search(url):
        async with reading(url, **settings) as reader:
            await reader.search(SearchParameters(q="bridge"))

    with http_double(answer) as url, pytest.raises((Unavailable, Misconfigured, TooComplex)) as caught:
        asyncio.run(search(url))
    return caught.value


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (an_answer() | {"timed_out": True}, Unavailable, "took longer"),
        (an_answer() | {"_shards": {"total": 3, "failed": 1}}, Unavailable, "1 of 3 shards"),
    ],
)
def test_an_incomplete_answer_is_none(answer, kind, says):
    error = failure(lambda path, body: (200, answer))

    assert isinstance(error, kind)
    assert says in str(error)


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (503, "search_phase_execution_exception", Unavailable),
        (429, "es_rejected_execution_exception", Unavailable),
        (404, "index_not_found_exception", Misconfigured),
        (401, "security_exception", NotLetIn),
        (400, "too_many_clauses", TooComplex),
        (400, "too_many_nested_clauses", TooComplex),
        (400, "parsing_exception", Unavailable),
    ],
)
def test_a_refusal_becomes_a_failure_that_says_who_must_act(status, reason, kind):
    error = failure(lambda path, body: (status, {"error": {"type": reason, "root_cause": [{"type": reason}]}, "status": status}))

    assert type(error) is kind


@pytest.mark.parametrize("part", [b'"suggest"', b'"minimum_should_match":"-40%"', b'"date_histogram"', b'"stories"'])
def test_no_part_of_an_answer_may_be_missing(part):
    """Whichever request of those that make up an answer is not answered completely, there is no answer."""
    hits = an_answer(*([a_document(story_id="5" * 32)] if part == b'"stories"' else []), aggregations=FOUND) | SUGGESTED
    incomplete = an_answer() | {"_shards": {"total": 2, "failed": 1}}
    overview = an_answer(aggregations=NOTHING)
    asked = SearchParameters(q="old harbour bridge", histogram=True, collapse="story")

    async def search(url):
        async with reading(url) as reader:
            await reader.search(asked)

    def answer(path, body):
        whole = overview if b'"size":500' in body else hits
        return 200, incomplete if part in body else whole

    with http_double(answer) as url, pytest.raises(Unavailable, match="1 of 2 shards"):
        asyncio.run(search(url))


def test_an_overview_that_is_a_little_old_is_good_while_it_is_renewed(monkeypatch):
    asked = []

    def answer(path, body):
        asked.append(body)
        return 200, an_answer(aggregations={"language": {"buckets": [{"key": "en"}, {"key": "fr"}][: len(asked)]}, "section": NONE})

    async def look(url):
        async with reading(url) as reader:
            first = await reader.fetch_overview()
            now = time.monotonic()
            monkeypatch.setattr(time, "monotonic", lambda: now + 2)
            assert await reader.fetch_overview() == first
            await reader._renewal  # noqa: SLF001 - nobody else waits for it
            renewed = await reader.fetch_overview()
            return first.language_fields, renewed.language_fields

    with http_double(answer) as url:
        assert asyncio.run(look(url)) == (("en", "other"), ("en", "fr", "other"))
    assert len(asked) == 2


def test_an_old_overview_is_waited_for_and_its_failure_is_that_of_the_search(monkeypatch):
    answers = [an_answer(aggregations=NOTHING), an_answer() | {"timed_out": True}]

    async def look(url):
        async with reading(url) as reader:
            await reader.fetch_overview()
            now = time.monotonic()
            monkeypatch.setattr(time, "monotonic", lambda: now + 10)
            with pytest.raises(Unavailable):
                await reader.fetch_overview()

    with http_double(lambda path, body: (200, answers.pop(0))) as url:
        asyncio.run(look(url))


def test_elasticsearch_is_told_how_long_it_may_take_and_to_leave_nothing_out():
    asked = []

    def answer(path, body):
        asked.append((path, body))
        return 200, an_answer(aggregations=NOTHING) | {"timed_out": True}

    failure(answer, timeout_seconds=0.25)

    path, body = asked[0]
    assert path.startswith("/articles/_search?")
    assert "allow_partial_search_results=false" in path
    assert b'"timeout":"250ms"' in body


def test_more_searches_than_may_run_at_once_wait_and_then_give_up():
    may_answer = threading.Event()

    def answer(path, body):
        may_answer.wait(10)
        return 200, an_answer(aggregations=NOTHING)

    async def search(url):
        async with reading(url, concurrent_searches=1, timeout_seconds=0.2) as reader:
            first = asyncio.create_task(reader.fetch_latest())
            with pytest.raises(Unavailable, match="too many searches at once"):
                await asyncio.gather(reader.fetch_latest(), first)
            may_answer.set()
            assert await first == ()
            assert await reader.fetch_latest() == ()

    with http_double(answer) as url:
        asyncio.run(search(url))
