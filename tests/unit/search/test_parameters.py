"""What may be asked for."""

import pytest
from pydantic import ValidationError

from services.search.core.parameters import PopularParameters, SearchParameters, Sort, count_terms
from shared.popularity import Window


def error_fields(**values):
    with pytest.raises(ValidationError) as caught:
        SearchParameters.model_validate(values)
    return [error["loc"][0] for error in caught.value.errors()]


@pytest.mark.parametrize(
    "values",
    [
        {"q": "x" * 257},
        {"q": " ".join("abcdefghijklmnopqrstuvwxyz0123456")},
        {"q": "-".join("abcdefghijklmnopqrstuvwxyz0123456")},
        {"q": "新" * 33},
        {"q": "😀" * 33},
        {"size": "0"},
        {"size": "101"},
        {"language": ["English"]},
        {"section": ["a"] * 11},
        {"publisher": ["x" * 1001]},
        {"from": "yesterday"},
        {"from": "2024-11-21T10:00:00"},
        {"to": "2024-13-01"},
        {"sort": "popularity"},
        {"cursor": "x" * 2001},
        {"nothing": "of the kind"},
    ],
)
def test_what_is_too_much_or_not_understood_is_refused_by_its_name(values):
    assert set(error_fields(**values)) == set(values)


def test_thirty_two_words_are_taken():
    assert SearchParameters(q=" ".join("abcdefghijklmnopqrstuvwxyz012345")).q.count(" ") == 31


def test_words_are_counted_as_the_engine_parts_them():
    words = {"क्षि " * 3: 3, "خانه‌ها": 1, "été": 1, "東京 2020": 3, "well-known facts": 3, '"a b" -c | d': 4, "👍🏽": 2}

    assert {text: count_terms(text) for text in words} == words


def test_the_empty_fields_of_a_form_count_as_not_given():
    sent = {"q": "", "from": "", "to": "", "sort": "", "section": [""], "language": ["", "en"], "cursor": ""}

    assert SearchParameters.model_validate(sent) == SearchParameters(language=("en",))


def test_control_characters_are_dropped_from_words():
    assert SearchParameters(q=" \x00border\u202e  trade\n").q == "border trade"


@pytest.mark.parametrize(
    ("values", "order"),
    [
        ({}, Sort.DATE),
        ({"sort": "relevance"}, Sort.DATE),
        ({"q": "bridge"}, Sort.RELEVANCE),
        ({"q": "bridge", "sort": "date"}, Sort.DATE),
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
    ]

    assert asked.model_copy(update={"cursor": "abc", "size": 7}).fingerprint == asked.fingerprint
    assert len({asked.fingerprint, *(other.fingerprint for other in others)}) == 4


def test_a_measure_is_asked_for_in_a_window_that_it_has_lists_for():
    assert PopularParameters().listed_window is Window.DAY
    assert PopularParameters(measure="comments", window="this-week").listed_window is Window.THIS_WEEK
    assert PopularParameters(measure="trending").listed_window is Window.HOUR
    with pytest.raises(ValidationError, match="by trending there are lists for the windows 1h, not for 7d"):
        PopularParameters(measure="trending", window="7d")
