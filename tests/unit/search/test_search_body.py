"""Whole bodies of searches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core import search_body
from services.search.core.paging import Page
from services.search.core.parameters import SearchParameters
from services.search.core.query_compiler import compile_query
from services.search.core.query_language import parse_query

AS_OF = 1_732_190_400
FIRST = Page(AS_OF)
PUBLISHED = {"term": {"status": "published"}}
BY_DATE = [{"date": "desc"}, {"article_id": "asc"}]
SUMMARY = [
    *("article_id", "revision", "headline", "description", "url", "authors", "publisher", "section", "language", "image_url"),
    *("date", "date_published", "date_modified", "date_retrieved", "story_id"),
]
COMMENTED = {"range": {"comments": {"gte": 1}}}


def facet(field, size, *others, **more):
    terms = {"field": field, "size": size, **more}
    return {"filter": {"bool": {"filter": list(others)}}, "aggs": {"values": {"terms": terms}}} if others else {"terms": terms}


def build(page=FIRST, **asked):
    return search_body.build_search(SearchParameters(**asked), ("en",), page)


def compiled(text):
    query = parse_query(text)
    assert query is not None
    return compile_query(query, ("en",))


def test_a_search_for_words_favours_fresh_and_popular_articles_and_filters_tombstones():
    functions = [
        {"weight": 1},
        {"exp": {"date": {"origin": AS_OF * 1000, "scale": "7d", "decay": 0.5}}, "weight": 0.5},
        {"field_value_factor": {"field": "views", "modifier": "log1p", "missing": 0}, "weight": 0.1},
    ]

    assert build(q="bridge -closed") == {
        "query": {
            "function_score": {
                "query": {"bool": {"must": [compiled("bridge -closed")], "filter": [PUBLISHED]}},
                "functions": functions,
                "score_mode": "sum",
                "boost_mode": "multiply",
            }
        },
        "aggs": {
            "language": facet("language", 50),
            "section": facet("section", 30),
            "publisher": facet("publisher", 20),
            "entity": facet("entity_names", 20),
            "author": facet("authors", 20),
            "keyword": facet("keywords_found", 20),
            "story": facet("story_id", 10, min_doc_count=2),
            "has_comments": {"filter": {"bool": {"filter": [COMMENTED]}}},
        },
        "sort": [{"_score": "desc"}, *BY_DATE],
        "size": 21,
        "track_total_hits": 10_000,
        "_source": SUMMARY,
    }


def test_a_search_with_filters_narrows_hits_but_lets_each_facet_count_its_other_values():
    asked = {"language": ("en", "fr"), "entity": ("Imran Khan",), "date_from": "2024-11", "date_to": "2024-11-21"}
    body = build(page=Page(AS_OF, (1732147200000, "abc")), **asked)

    language = {"terms": {"language": ["en", "fr"]}}
    entity = {"terms": {"entity_names": ["Imran Khan"]}}
    dates = {"range": {"date": {"gte": "2024-11-01T00:00:00+00:00", "lte": "2024-11-21T23:59:59.999999+00:00"}}}
    assert body["query"] == {"bool": {"filter": [PUBLISHED, dates]}}
    assert body["aggs"]["language"] == facet("language", 50, entity)
    assert body["aggs"]["section"] == facet("section", 30, language, entity)
    assert body["aggs"]["entity"] == facet("entity_names", 20, language)
    assert body["aggs"]["has_comments"] == {"filter": {"bool": {"filter": [language, entity, COMMENTED]}}}
    assert body["post_filter"] == {"bool": {"filter": [language, entity]}}
    assert (body["sort"], body["search_after"]) == (BY_DATE, [1732147200000, "abc"])


@pytest.mark.parametrize("order", ["date", "popularity"])
def test_no_score_is_counted_where_hits_do_not_come_by_it(order):
    body = build(q="bridge", sort=order)

    assert body["query"] == {"bool": {"filter": [compiled("bridge"), PUBLISHED]}}
    views = {"views": {"order": "desc", "missing": 0, "unmapped_type": "integer"}}
    assert body["sort"] == (BY_DATE if order == "date" else [views, *BY_DATE])


@pytest.mark.parametrize(("has_comments", "condition"), [(True, COMMENTED), (False, {"bool": {"must_not": [COMMENTED]}})])
def test_articles_with_comments_or_without_can_be_asked_for(has_comments, condition):
    assert build(has_comments=has_comments)["post_filter"] == {"bool": {"filter": [condition]}}


def test_only_what_is_answered_is_read():
    asked = build(q="bridge", fields=("url", "score"), facets=False, highlight=False, explain=True)

    assert asked["_source"] == ["article_id", "revision", "headline", "url", "language", "date", "views"]
    assert "aggs" not in asked
    assert "story_id" in build(q="bridge", fields=("url",), collapse="story")["_source"]


def test_the_first_of_stories_are_those_of_the_search_in_its_order():
    asked = SearchParameters(q="bridge", section=("World",), collapse="story")

    body = search_body.build_firsts(asked, ("en",), FIRST, ["a", "b"])

    whole = search_body.build_search(asked, ("en",), FIRST)
    assert body["query"]["bool"]["must"] == [whole["query"]]
    assert body["query"]["bool"]["filter"] == [{"terms": {"story_id": ["a", "b"]}}, {"terms": {"section": ["World"]}}]
    assert (body["sort"], body["collapse"], body["size"]) == (whole["sort"], {"field": "story_id"}, 2)


def test_a_histogram_is_asked_for_on_the_first_page_only():
    language = {"terms": {"language": ["en"]}}
    span = {"first": {"min": {"field": "date"}}, "last": {"max": {"field": "date"}}}

    assert build(histogram=True, language=("en",))["aggs"]["span"] == {"filter": {"bool": {"filter": [language]}}, "aggs": span}
    assert "span" not in build(histogram=True, page=Page(AS_OF, (1, "a")))["aggs"]


@pytest.mark.parametrize(
    ("days", "interval"),
    [
        (0, "1h"),
        (4, "1h"),
        (5, "1d"),
        (98, "1d"),
        (99, "1w"),
        (600, "1w"),
        (2000, "1M"),
        (8000, "1q"),
        (30_000, "1y"),
        (365_000, "3725d"),
    ],
)
def test_the_longer_the_span_the_longer_the_intervals_of_a_histogram(days, interval):
    assert search_body.choose_interval(0, days * 86_400_000) == interval


@given(st.floats(-6e13, 2.5e14), st.floats(0, 3e14))
def test_a_histogram_has_no_more_than_a_hundred_intervals(first, length):
    interval = search_body.choose_interval(first, first + length)

    shortest_days = {"1h": 1 / 24, "1d": 1, "1w": 7, "1M": 28, "1q": 90, "1y": 365}.get(interval) or int(interval[:-1])
    assert length / 86_400_000 / shortest_days + 2 <= 100


def test_a_histogram_counts_what_is_found_by_calendar_or_by_number_of_days():
    asked = SearchParameters(q="bridge", section=("World",))

    body = search_body.build_histogram(asked, ("en",), FIRST, "1M")

    conditions = [{"bool": {"filter": [compiled("bridge"), PUBLISHED]}}, {"terms": {"section": ["World"]}}]
    assert body["query"] == {"bool": {"filter": conditions}}
    assert body["aggs"] == {"time": {"date_histogram": {"field": "date", "calendar_interval": "1M"}}}
    years = search_body.build_histogram(asked, ("en",), FIRST, "3725d")
    assert years["aggs"]["time"]["date_histogram"]["fixed_interval"] == "3725d"


def test_the_others_of_stories_are_looked_up_with_one_more_than_is_shown_for_one_of_them_is():
    body = search_body.build_also_in(["a", "b"])

    assert body["query"] == {"bool": {"filter": [PUBLISHED, {"terms": {"story_id": ["a", "b"]}}]}}
    assert body["aggs"]["stories"]["terms"] == {"field": "story_id", "size": 2}
    assert body["aggs"]["stories"]["aggs"]["newest"]["top_hits"]["size"] == 6
