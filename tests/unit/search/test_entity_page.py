"""What is known of an entity from the articles that name it."""

from typing import Any

import pytest

from services.search.core.cursors import InvalidCursor
from services.search.core.entity_page import (
    EntityPage,
    Locator,
    build_entity,
    build_entity_histogram,
    build_entity_popular,
    parse_entity,
    parse_entity_cursor,
    parse_name_of,
    parse_named_lately,
)
from services.search.core.queries import IS_PUBLISHED
from services.search.entity_pages import search_for
from tests.unit.search.builders import a_document, an_answer

CHILE = "country:CL"


def terms(*values, **more):
    return {"buckets": [{"key": value, "doc_count": count, **more} for value, count in values]}


def together(*named):
    buckets = [
        {"key": entity_id, "doc_count": count, "names": terms((name, count)), "types": terms((kind, count))}
        for entity_id, name, kind, count in named
    ]
    return {"buckets": buckets}


def found(*documents, **own):
    known = {"names": terms(("Chile", 3), ("チリ", 1)), "types": terms(("GPE", 4)), "roles": terms(), "countries": terms(("CL", 4))}
    degrees = {"latitude": {"value": -33.4489}, "longitude": {"value": -70.6693}}
    aggregations = {
        "named": {"own": known | degrees | own, "together": together(("person:1", "Ada Lund", "PERSON", 2))},
        "publishers": terms(("Courier", 4)),
        "languages": terms(("en", 3), ("ja", 1)),
        "first": {"value": 1_000.0},
        "last": {"value": 2_000.0},
    }
    return an_answer(*documents, aggregations=aggregations)


def shown(answer: dict[str, Any], entity_id: str, size: int) -> EntityPage:
    page = parse_entity(answer, entity_id, size)
    assert page is not None
    return page


def test_an_entity_has_the_name_that_most_articles_use_and_all_others_beside_it():
    page = shown(found(a_document()), CHILE, 20)

    assert (page.name, page.names, page.kind) == ("Chile", ("Chile", "チリ"), "Country")
    assert str(page.locator) == "33.45° S, 70.67° W"
    assert [(each.entity_id, each.name, each.kind, each.count) for each in page.together] == [("person:1", "Ada Lund", "Person", 2)]
    assert (page.publishers, page.languages, page.span) == ((("Courier", 4),), (("en", 3), ("ja", 1)), (1_000.0, 2_000.0))


def test_a_place_is_in_a_country_and_a_country_is_in_none():
    assert shown(found(a_document()), CHILE, 20).country_id is None
    assert shown(found(a_document()), "geonames:3871336", 20).country_id == CHILE


def test_a_person_has_a_role_and_no_place():
    nowhere = {"latitude": {"value": None}, "longitude": {"value": None}, "countries": terms()}
    page = shown(found(a_document(), roles=terms(("Mayor", 2)), types=terms(("PERSON", 2)), **nowhere), "person:1", 20)

    assert (page.kind, page.roles, page.locator, page.country_id) == ("Person", ("Mayor",), None, None)


def test_whom_no_article_names_is_not_known():
    assert parse_entity(found(names=terms()), CHILE, 20) is None


def test_a_kind_that_readers_have_no_word_for_is_not_named():
    assert shown(found(a_document(), types=terms(("CARDINAL", 1))), "cardinal:1", 20).kind is None


def test_there_is_a_next_page_while_there_are_more_articles_and_its_cursor_is_of_this_entity_only():
    answer = found(*(a_document() for _ in range(3)))
    for number, hit in enumerate(answer["hits"]["hits"]):
        hit["sort"] = [1_700_000_000_000 - number, f"id{number}"]

    page = shown(answer, CHILE, 2)

    assert len(page.hits) == 2
    assert parse_entity_cursor(CHILE, str(page.cursor)) == (1_699_999_999_999, "id1")
    assert shown(answer, CHILE, 3).cursor is None
    with pytest.raises(InvalidCursor):
        parse_entity_cursor("country:AR", str(page.cursor))


def test_only_published_articles_are_asked_for():
    for body in (build_entity(CHILE, 20, None), build_entity_popular(CHILE), build_entity_histogram(CHILE, "1d")):
        assert IS_PUBLISHED in body["query"]["bool"]["filter"]
    assert build_entity(CHILE, 20, (1, "a"))["search_after"] == [1, "a"]


@pytest.mark.parametrize(
    ("interval", "kind"), [("1d", "calendar_interval"), ("1y", "calendar_interval"), ("12d", "fixed_interval")]
)
def test_a_histogram_has_spans_of_the_calendar_where_there_are_such(interval, kind):
    assert build_entity_histogram(CHILE, interval)["aggs"]["time"]["date_histogram"][kind] == interval


def test_the_nearest_search_is_for_its_names_but_not_for_one_that_no_search_takes():
    page = shown(found(a_document(), names=terms(("Chile", 3), ("x" * 2000, 1))), CHILE, 20)

    assert search_for(page).entity == ("Chile",)


def test_names_and_those_named_lately_are_read_from_what_was_counted():
    lately = {"aggregations": {"named": {"together": together(("org:1", "Lund Lines", "ORG", 3))}}}

    assert [(each.name, each.kind) for each in parse_named_lately(lately)] == [("Lund Lines", "Organisation")]
    assert parse_name_of({"aggregations": {"named": {"own": {"names": terms(("Chile", 2))}}}}) == "Chile"
    assert parse_name_of({"aggregations": {"named": {"own": {"names": terms()}}}}) is None


def test_a_locator_says_which_way():
    assert str(Locator(52.5, 13.4)) == "52.50° N, 13.40° E"
    assert str(Locator(0.0, -0.5)) == "0.00° N, 0.50° W"
