"""Answers to searches, read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.search.core import search_results
from services.search.core.answers import FacetValue, ScoreParts
from services.search.core.paging import Page, first_page, parse_page_cursor
from services.search.core.parameters import SearchParameters
from services.search.core.relevance import explain_score
from services.search.core.search_body import FACETS
from tests.builders import NOON
from tests.unit.search.builders import a_document, a_hit, an_answer

KEY = b"k" * 32
FIRST = Page(1_732_190_400)
NO_FACETS: dict[str, Any] = {name: {"values": {"buckets": []}} for name in FACETS} | {"has_comments": {"doc_count": 0}}


def build(answer, asked, page=FIRST):
    return search_results.build_search_answer(answer, asked, page, KEY)


def test_the_last_page_has_no_cursor_and_one_before_it_leads_to_the_next():
    answer = an_answer(*(a_document(article_id=str(number)) for number in range(3)), aggregations=NO_FACETS)
    asked = SearchParameters(q="bridge", size=2)

    page = build(answer, asked)
    last = build(answer, SearchParameters(q="bridge", size=3))

    assert ([hit.article_id for hit in page.hits], page.total) == (["0", "1"], 3)
    assert page.cursor is not None
    assert parse_page_cursor(KEY, asked.fingerprint, page.cursor) == Page(FIRST.as_of_seconds, (1.5, 1, "a"))
    assert (len(last.hits), last.cursor) == (3, None)


def test_where_looking_was_given_up_the_cursor_leads_on_from_there():
    answer = an_answer(*(a_document(article_id=str(number)) for number in range(3)), aggregations=NO_FACETS)
    asked = SearchParameters(collapse="story", size=5)

    cursor = search_results.build_search_answer(answer, asked, Page(60, is_relaxed=True), KEY, (7, "b")).cursor

    assert cursor is not None
    assert parse_page_cursor(KEY, asked.fingerprint, cursor) == Page(60, (7, "b"), is_relaxed=True)


def test_facets_and_totals_are_those_that_were_counted():
    languages, sections = {"buckets": [{"key": "en", "doc_count": 7}]}, {"buckets": [{"key": "World", "doc_count": 5}]}
    counted = {"language": languages, "section": {"values": sections}, "has_comments": {"doc_count": 3}}
    answer = an_answer(aggregations={**NO_FACETS, **counted})
    answer["hits"]["total"] = {"value": 10_000, "relation": "gte"}

    found = build(answer, SearchParameters())

    assert found.facets is not None
    assert (found.facets.language, found.facets.has_comments) == ((FacetValue(value="en", count=7),), 3)
    assert found.facets.section == (FacetValue(value="World", count=5),), "narrowed by other filters"
    assert (found.total, found.total_is_exact) == (10_000, False)
    assert build(an_answer(), SearchParameters(facets=False)).facets is None


def test_a_score_is_explained_by_its_parts():
    week_old = datetime.fromtimestamp(FIRST.as_of_seconds - 7 * 86_400, UTC)

    parts = explain_score(3.1, week_old, 999, FIRST.as_of_seconds)

    assert parts.model_dump() == pytest.approx(ScoreParts(text=2.0, freshness=0.25, popularity=0.3).model_dump())


def test_a_hit_is_explained_when_that_was_asked_and_it_has_a_score():
    answer = an_answer(a_document(views=9), aggregations=NO_FACETS)

    (hit,) = build(answer, SearchParameters(q="bridge", explain=True)).hits
    (by_date,) = build(answer, SearchParameters(q="bridge", explain=True, sort="date")).hits

    assert hit.explanation is not None
    assert hit.explanation.popularity == pytest.approx(0.1)
    assert by_date.explanation is None


def test_without_highlights_there_are_none():
    answer = an_answer(a_document(), aggregations=NO_FACETS)

    assert build(answer, SearchParameters(highlight=False)).hits[0].highlights is None
    assert build(answer, SearchParameters()).hits[0].highlights is not None


def a_story(*article_ids):
    hits = [{"_source": a_document(article_id=each, publisher=f"P{each}")} for each in article_ids]
    return {"key": "s", "doc_count": 9, "newest": {"hits": {"hits": hits}}}


def test_a_hit_names_who_else_tells_its_story_but_not_itself():
    answer = an_answer(aggregations={"stories": {"buckets": [a_story("1", "2", "3", "4", "5", "6")]}})

    told, alone = search_results.add_also_in([a_hit(article_id="3", story_id="s"), a_hit(story_id=None)], answer)

    assert told.also_in is not None
    assert (told.also_in.count, [other.publisher for other in told.also_in.articles]) == (8, ["P1", "P2", "P4", "P5", "P6"])
    assert alone.also_in is None


def test_a_story_that_one_article_tells_is_told_by_nobody_else():
    bucket = a_story("3") | {"doc_count": 1}

    (hit,) = search_results.add_also_in(
        [a_hit(article_id="3", story_id="s")], an_answer(aggregations={"stories": {"buckets": [bucket]}})
    )

    assert hit.also_in is None


def test_a_span_is_known_when_it_was_asked_and_something_was_found():
    spans = [{"first": {"value": first}, "last": {"value": 2.0}} for first in (1.0, None)]

    found = [search_results.parse_span(an_answer(aggregations={"span": span})) for span in spans]

    assert [*found, search_results.parse_span(an_answer())] == [(1.0, 2.0), None, None]


def test_a_histogram_has_times_in_utc():
    buckets = [{"key": 1000 * int(NOON.timestamp()), "doc_count": 4}]

    histogram = search_results.parse_histogram(an_answer(aggregations={"time": {"buckets": buckets}}), "1h")

    assert [(bucket.start, bucket.count) for bucket in histogram.buckets] == [(NOON, 4)]


def test_pages_that_are_asked_for_within_a_minute_are_of_the_same_moment():
    assert first_page(119.9) == first_page(60) == Page(60)
