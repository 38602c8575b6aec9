import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.salience import measure_salience
from services.enrich.core.spans import Field

LENGTHS: dict[Field, int] = {"headline": 50, "body": 1000}


def test_what_the_headline_names_and_the_text_names_most_is_all_that_it_is_about() -> None:
    assert measure_salience([("headline", 40), ("body", 900)], LENGTHS, 2) == 1.0


def test_the_headline_counts_more_than_any_place_in_the_body() -> None:
    assert measure_salience([("headline", 0)], LENGTHS, 9) > measure_salience([("body", 0)], LENGTHS, 9)


def test_early_counts_more_than_late() -> None:
    assert measure_salience([("body", 10)], LENGTHS, 1) > measure_salience([("body", 900)], LENGTHS, 1)


def test_often_counts_more_than_once() -> None:
    assert measure_salience([("body", 500)] * 4, LENGTHS, 4) > measure_salience([("body", 500)], LENGTHS, 4)


def test_the_formula_is_the_documented_one() -> None:
    assert measure_salience([("body", 500)], LENGTHS, 1) == pytest.approx(0.3 * 0.5 + 0.3)


@given(st.lists(st.tuples(st.sampled_from(["headline", "body"]), st.integers(0, 1000)), min_size=1), st.integers(1, 99))
def test_it_lies_between_nothing_and_all(mentions: list, most: int) -> None:
    assert 0 <= measure_salience(mentions, LENGTHS, most) <= 1
