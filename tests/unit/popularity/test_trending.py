"""Scores: how they move with what they are made of."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.popularity.core.trending import decay, rounded, score_trends, views_per_day

HOURS = 23.0
COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5000), st.integers(0, 3)), min_size=1, max_size=20)


def scores(*articles: tuple[float, float, float, int]) -> list[float]:
    """Of articles with views now, views before, hours out, and a section."""
    now, before, out, sections = (np.array(column, np.float64) for column in zip(*articles, strict=True))
    found: list[float] = score_trends(now, before, out, sections.astype(np.int64), HOURS).score.tolist()
    return found


@given(COUNTS, st.integers(1, 100))
def test_more_views_in_the_hour_never_score_lower_within_a_section(articles: list[tuple[int, int, int]], more: int) -> None:
    rows = [(float(now), float(before), HOURS, section) for now, before, section in articles]
    first = rows[0]
    before = scores(*rows)
    others = scores((first[0] + more, *first[1:]), *rows[1:])

    assert others[0] > before[0]


@given(COUNTS)
def test_a_score_is_the_residual_of_what_was_expected(articles: list[tuple[int, int, int]]) -> None:
    now, before, sections = (np.array(column, np.float64) for column in zip(*articles, strict=True))
    trends = score_trends(now, before, np.full(len(now), HOURS), sections.astype(np.int64), HOURS)

    assert np.all(trends.expected >= 0)
    assert np.allclose(trends.score, (now - trends.expected) / np.sqrt(trends.expected + 1))


def test_what_is_read_as_ever_does_not_trend() -> None:
    steady = scores(*[(100.0, 2300.0, HOURS, 1)] * 5)

    assert all(abs(score) < 0.1 for score in steady)


def test_what_is_read_twice_as_much_as_ever_trends_and_its_neighbours_do_not() -> None:
    (rising, *others) = scores((200.0, 2300.0, HOURS, 1), *[(100.0, 2300.0, HOURS, 1)] * 20)

    assert rising > 5
    assert all(score < 0 for score in others)


def test_an_hour_in_which_the_whole_section_is_read_more_is_no_news_of_an_article() -> None:
    assert all(abs(score) < 1 for score in scores(*[(300.0, 2300.0, HOURS, 1)] * 20))


def test_a_new_article_is_measured_by_its_section() -> None:
    quiet = scores((50.0, 0.0, 0.0, 1), *[(10.0, 230.0, HOURS, 1)] * 20)[0]
    busy = scores((50.0, 0.0, 0.0, 1), *[(100.0, 2300.0, HOURS, 1)] * 20)[0]

    assert quiet > 5
    assert busy < 0


def test_a_view_weighs_half_after_six_hours() -> None:
    assert decay(np.array([100.0, 94.0, 88.0, 101.0]), 100).tolist() == [1.0, 0.5, 0.25, 1.0]


def test_views_a_day_are_of_the_days_that_an_article_was_out() -> None:
    counts, minutes_out = np.array([70.0, 70.0, 70.0]), np.array([14 * 1440.0, 2 * 1440.0, 30.0])

    assert views_per_day(counts, minutes_out, 7 * 1440.0).tolist() == [10.0, 35.0, 70.0]
    assert views_per_day(counts, minutes_out, None).tolist() == [5.0, 35.0, 70.0]


@pytest.mark.parametrize(
    ("value", "expected"), [(1234567.0, 1234570.0), (0.123456789, 0.123457), (0.0, 0.0), (-9.87654321, -9.87654)]
)
def test_scores_are_rounded_to_six_digits(value: float, expected: float) -> None:
    assert math.isclose(float(rounded(np.array([value]))[0]), expected, rel_tol=1e-12)
