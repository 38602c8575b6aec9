"""What may be asked for."""

import pytest
from pydantic import ValidationError

from services.search.core.parameters import PopularParameters, SearchParameters, Sort
from shared.popularity import Window


def error_fields(**values):
    with pytest.raises(ValidationError) as caught:
        SearchParameters.model_validate(values)
    return [error["loc"][0] for error in caught.value.errors()]


@pytest.mark.parametrize(
    "values",
    [
        {"q": "x" * 513},
        {"size": "0"},
        {"size": "101"},
        {"language": ["English"]},
        {"section": ["a"] * 11},
        {"publisher": ["x" * 1001]},
        {"from": "yesterday"},
        {"from": "1700000000"},
        {"from": "2024-11-21T10:00:00+25:00"},
        {"to": "2024-13-01"},
        {"sort": "views"},
        {"story": ["x"]},
        {"collapse": "section"},
        {"has_comments": "perhaps"},
        {"fields": "headline,body"},
        {"fields": "headline,"},
        {"cursor": "x" * 2001},
        {"nothing": "of the kind"},
    ],
)
def test_what_is_too_much_or_not_understood_is_refused_by_its_name(values):
    assert set(error_fields(**values)) == set(values)


def test_thirty_two_words_are_taken():
    assert SearchParameters(q=" ".join("abcdefghijklmnopqrstuvwxyz012345")).q.count(" ") == 31


def test_the_empty_fields_of_a_form_count_as_not_given():
    sent = {"q": "", "from": "", "to": "", "sort": "", "section": [""], "language": ["", "en"], "cursor": ""}

    assert SearchParameters.model_validate(sent) == SearchParameters(language=("en",))


def test_a_query_is_kept_as_it_was_typed_so_that_errors_can_point_into_it():
    assert SearchParameters(q="  border  trade ").q == "  border  trade "
    assert SearchParameters(q=" \n\u3000").q == ""


def test_fields_are_parted_by_commas_or_given_one_by_one():
    several = [
        SearchParameters.model_validate({"fields": given}) for given in (["headline, url"], ["headline", "url"], "headline,url")
    ]

    assert {asked.fields for asked in several} == {("headline", "url")}
    assert several[0].wants("url")
    assert not several[0].wants("date")
    assert SearchParameters().wants("date")


@pytest.mark.parametrize(
    ("values", "order"),
    [
        ({}, Sort.DATE),
        ({"sort": "relevance"}, Sort.DATE),
        ({"q": "bridge"}, Sort.RELEVANCE),
        ({"q": "bridge", "sort": "date"}, Sort.DATE),
        ({"q": "section:World", "sort": "relevance"}, Sort.DATE),
        ({"sort": "popularity"}, Sort.POPULARITY),
    ],
)
def test_without_words_hits_come_by_date(values, order):
    assert SearchParameters.model_validate(values).order == order


def test_the_pages_of_one_search_have_one_fingerprint_and_others_have_another():
    asked = SearchParameters(q="bridge", language=("en",))
    others = [
        SearchParameters(q="bridge"),
        SearchParameters(q="bridges", language=("en",)),
        SearchParameters(q="bridge", sort="date"),
        SearchParameters(q="bridge", language=("en",), collapse="story"),
    ]

    shown = {
        "cursor": "abc",
        "size": 7,
        "fields": ("url",),
        "facets": False,
        "highlight": False,
        "histogram": True,
        "explain": True,
    }
    assert asked.model_copy(update=shown).fingerprint == asked.fingerprint
    assert len({asked.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_a_measure_is_asked_for_in_a_window_that_it_has_lists_for():
    assert PopularParameters().listed_window is Window.DAY
    assert PopularParameters(measure="comments", window="this-week").listed_window is Window.THIS_WEEK
    assert PopularParameters(measure="engaged").listed_window is PopularParameters(measure="shares").listed_window is Window.DAY
    assert PopularParameters(measure="trending").listed_window is Window.HOUR
    with pytest.raises(ValidationError, match="by trending there are lists for the windows 1h, not for 7d"):
        PopularParameters(measure="trending", window="7d")
