"""Faults that a real Elasticsearch does not give on demand."""

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.search.core.parameters import SearchParameters
from services.search.reading import Reading, TooComplex
from services.search.settings import ReadingSettings
from shared.elastic import connect_elastic_async
from shared.failures import Misconfigured, Unavailable
from shared.settings import ElasticsearchSettings
from tests.doubles import http_double
from tests.unit.search.builders import an_answer

NOTHING: dict[str, Any] = {"language": {"buckets": []}, "section": {"buckets": []}}


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
        (401, "security_exception", Misconfigured),
        (400, "too_many_clauses", TooComplex),
        (400, "too_many_nested_clauses", TooComplex),
        (400, "parsing_exception", Unavailable),
    ],
)
def test_a_refusal_becomes_a_failure_that_says_who_must_act(status, reason, kind):
    error = failure(lambda path, body: (status, {"error": {"type": reason, "root_cause": [{"type": reason}]}, "status": status}))

    assert type(error) is kind


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
