"""Did you mean."""

import pytest

from services.search.core.corrections import build_suggestions, correct
from services.search.core.query_language import parse_query

TERM = {"field": "words", "suggest_mode": "popular", "size": 1, "prefix_length": 1, "min_word_length": 4}


def suggesting(**options):
    """An answer; the names of the options are `at` and the position of a word."""
    return {"suggest": {name.removeprefix("at"): [{"options": [{"text": text}] if text else []}] for name, text in options.items()}}


def corrected(q, **options):
    query = parse_query(q)
    assert query is not None
    return correct(q, query, suggesting(**options))


def test_each_word_is_asked_for_but_those_that_are_short_or_names_or_in_quotes():
    query = parse_query('harbuor the "brigde" entity:Zarrif headline:brigde well-konwn 漢字漢字漢字')
    assert query is not None

    assert build_suggestions(query) == {
        "size": 0,
        "suggest": {"0": {"text": "harbuor", "term": TERM}, "44": {"text": "brigde", "term": TERM}},
    }


@pytest.mark.parametrize("q", ["the", '"harbuor"', "entity:harbuor", "date:2024", "a-b-c-d"])
def test_where_there_is_no_such_word_nothing_is_asked(q):
    query = parse_query(q)
    assert query is not None

    assert build_suggestions(query) is None


def test_all_but_the_corrected_words_stays_as_it_was_typed():
    assert corrected("  Harbuor  (brigde OR x) -date:2024", at2="harbour", at12="bridge") == "  Harbour  (bridge OR x) -date:2024"


def test_what_has_no_correction_is_not_corrected():
    assert corrected("harbour bridge", at0="", at8="") is None
    assert corrected("harbour bridge") is None
