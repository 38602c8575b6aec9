"""The visitor rule against a model that goes through the log view by view and keeps every counted view in a table."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.popularity.core.visitors import GRACE_SECONDS, RecentVisitors
from tests.visitor_model import VisitorModel

WINDOW = 1800
START = 1_790_000_100
VIEW = tuple[int, int, int]


def judge(visitors: RecentVisitors, views: list[VIEW]) -> list[bool]:
    columns = list(zip(*views, strict=True)) or [(), (), ()]
    pairs, seconds, stored_at = columns
    judged: list[bool] = visitors.judge(
        np.array(pairs, np.uint64), np.array(seconds, np.int64), np.array(stored_at, np.int64)
    ).tolist()
    return judged


def a_log(steps: list[tuple[int, int, int]]) -> list[VIEW]:
    """Views from (pair, age, seconds gone since the one before)."""
    views, now = [], START
    for pair, age, gone in steps:
        now += gone
        views.append((pair, now - age, now))
    return views


STEPS = st.lists(
    st.tuples(
        st.integers(0, 3) | st.sampled_from([2**64 - 1, 2**63]),
        st.sampled_from([0, 1, 299, 300, 301, 1799, 1800, 1801, 3600, 5400, 80_000]) | st.integers(0, 4000),
        st.sampled_from([0, 1, 1799, 1800, 2100, 2101, -5000]) | st.integers(0, 700),
    ),
    max_size=40,
)


@given(steps=STEPS, cuts=st.lists(st.integers(0, 40), max_size=4), starts_anew=st.booleans())
@settings(max_examples=600)
def test_the_rule_is_that_of_the_model_wherever_the_log_is_cut_and_the_worker_starts_anew(
    *, steps: list[tuple[int, int, int]], cuts: list[int], starts_anew: bool
) -> None:
    views, model = a_log(steps), VisitorModel(WINDOW)
    visitors, stored, judged = RecentVisitors(WINDOW), dict[bytes, bytes](), list[bool]()
    places = [0, *sorted(cuts), len(views)]
    for start, end in itertools.pairwise(places):
        judged += judge(visitors, views[start:end])
        for key, value in visitors.changes().items():
            if value is None:
                stored.pop(key)
            else:
                stored[key] = value
        if starts_anew:
            visitors = RecentVisitors(WINDOW, stored)

    assert judged == [model.counts(*view) for view in views]
    assert len(visitors) == sum(len(slot) for _, slot in model.slots.values())


def test_who_keeps_reading_counts_once_every_window() -> None:
    views = a_log([(1, 0, 60)] * 120)

    assert sum(judge(RecentVisitors(WINDOW), views)) == 4


def test_a_visitor_counts_again_after_the_window_to_the_second() -> None:
    assert judge(RecentVisitors(WINDOW), a_log([(1, 0, 0), (1, 0, 1799), (1, 0, 1)])) == [True, False, True]


def test_others_and_other_articles_count() -> None:
    assert judge(RecentVisitors(WINDOW), a_log([(1, 0, 0), (2, 0, 0), (2**64 - 1, 0, 0)])) == [True, True, True]


def test_a_repeat_that_happened_before_the_view_that_came_first_is_a_repeat() -> None:
    assert judge(RecentVisitors(WINDOW), a_log([(1, 0, 0), (1, 200, 10)])) == [True, False]


@given(st.permutations(list(range(-GRACE_SECONDS, 1))))
def test_the_order_of_what_comes_within_the_grace_changes_nothing(ages: list[int]) -> None:
    assert sum(judge(RecentVisitors(WINDOW), [(1, START + age, START) for age in ages])) == 1


def test_the_same_view_sent_a_hundred_thousand_times_counts_once_however_old_it_says_it_is() -> None:
    views = [(1, START - 80_000, START + number // 1000) for number in range(100_000)]

    assert sum(judge(RecentVisitors(WINDOW), views)) == 1


def test_what_is_remembered_is_bounded_by_two_windows_and_the_grace() -> None:
    visitors = RecentVisitors(WINDOW)
    for minute in range(6 * 60):
        judge(visitors, [(minute, START + 60 * minute, START + 60 * minute)])

    assert len(visitors) <= (2 * WINDOW + GRACE_SECONDS) // 60 + 1


def test_another_window_begins_with_nothing_and_deletes_what_the_last_one_left() -> None:
    before = RecentVisitors(WINDOW)
    judge(before, [(1, START, START)])
    stored = {key: value for key, value in before.changes().items() if value is not None}

    after = RecentVisitors(30, stored)

    assert len(after) == 0
    assert after.changes() == dict.fromkeys(stored)


@pytest.mark.parametrize("value", [b"", b"\x02" + bytes(60), b"\x01" + bytes(28) + b"\x09\x00\x00\x00"])
def test_what_is_not_visitors_is_an_error(value: bytes) -> None:
    with pytest.raises(ValueError, match="visitors"):
        RecentVisitors(WINDOW, {b"visitors.1.0": value})


def test_many_counted_views_become_values_that_a_record_can_hold() -> None:
    visitors = RecentVisitors(WINDOW)
    judge(visitors, [(number, START, START) for number in range(120_000)])

    values = [value for value in visitors.changes().values() if value is not None]

    assert len(values) == 3
    assert max(map(len, values)) < 1_000_000
