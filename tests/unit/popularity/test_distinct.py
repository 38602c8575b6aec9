"""Distinct visitors of articles: as many as there were, within the error that is stated, wherever the log is cut."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.popularity.core.distinct import DistinctVisitors, Increments
from services.popularity.core.view_rows import ViewColumns, tell_articles

ARTICLE, OTHER = b"a" * 32, b"b" * 32
DAY = 86_400
START = 20_700 * DAY
ERROR = 0.034
VIEW = tuple[bytes, int, int]


def count(distinct: DistinctVisitors, views: list[VIEW], stored_at: int | None = None) -> Increments:
    """Views as article, visitor and second; each stored when it happened, or all at once."""
    articles, pairs, seconds = zip(*views, strict=True) if views else ((), (), ())
    times = np.array(seconds, np.int64)
    columns = ViewColumns(np.array(articles, "S32"), np.array(pairs, np.uint64), np.zeros(len(views), np.uint64), times)
    stored = times if stored_at is None else np.full(len(views), stored_at, np.int64)
    return distinct.count(columns, tell_articles(columns), stored)


def total(increments: Increments, article: bytes = ARTICLE) -> int:
    return sum(numbers.get(article, 0) for numbers in increments.values())


def flat(increments: Increments) -> Counter[tuple[int, bytes]]:
    return Counter({(hour, article): number for hour, numbers in increments.items() for article, number in numbers.items()})


def some_visitors(number: int) -> list[int]:
    generator = random.Random(number)  # noqa: S311 - test data, the same each time
    return [generator.getrandbits(64) for _ in range(number)]


def test_few_visitors_are_counted_exactly_however_often_they_come() -> None:
    views = [(ARTICLE, visitor, START + place) for place in range(3) for visitor in some_visitors(150)]

    assert total(count(DistinctVisitors(), views)) == 150


@pytest.mark.parametrize("number", [500, 5_000, 50_000])
def test_many_visitors_are_counted_within_the_stated_error(number: int) -> None:
    views = [(ARTICLE, visitor, START) for visitor in some_visitors(number)]

    assert total(count(DistinctVisitors(), views + views)) == pytest.approx(number, rel=ERROR)


def test_a_visitor_is_counted_in_the_hour_of_the_first_view_of_the_day() -> None:
    views = [(ARTICLE, 7, START + 60), (ARTICLE, 7, START + 3600), (ARTICLE, 8, START + 3600), (OTHER, 9, START + 60)]

    assert count(DistinctVisitors(), views) == {START // 3600: {ARTICLE: 1, OTHER: 1}, START // 3600 + 1: {ARTICLE: 1}}


def test_the_visitors_of_days_add_up() -> None:
    distinct = DistinctVisitors()

    assert [total(count(distinct, [(ARTICLE, 7, START + day * DAY)])) for day in (0, 1, 2)] == [1, 1, 1]


def test_a_view_of_yesterday_that_comes_late_finds_its_visitor() -> None:
    distinct = DistinctVisitors()
    count(distinct, [(ARTICLE, 7, START), (ARTICLE, 8, START + DAY)])

    assert total(count(distinct, [(ARTICLE, 7, START + 100)], stored_at=START + DAY + 100)) == 0


def test_a_day_is_deleted_when_no_view_of_it_can_come() -> None:
    distinct = DistinctVisitors()
    count(distinct, [(ARTICLE, 7, START)])
    (key,) = distinct.changes()

    count(distinct, [(OTHER, 7, START + 2 * DAY)])

    assert distinct.changes()[key] is None


VIEWS = st.lists(st.tuples(st.sampled_from([ARTICLE, OTHER]), st.integers(0, 300), st.integers(0, 2 * DAY)), max_size=60)


@given(VIEWS, st.integers(0, 60))
@settings(max_examples=100)
def test_where_the_log_is_cut_and_a_worker_starts_anew_changes_nothing(views: list[VIEW], cut: int) -> None:
    crowd = [(ARTICLE, visitor, START + place) for place, visitor in enumerate(some_visitors(240))]
    views = sorted(crowd + [(article, visitor, START + second) for article, visitor, second in views], key=lambda view: view[2])
    whole, first = count(DistinctVisitors(), views), DistinctVisitors()
    parts = [count(first, views[: 200 + cut])]
    stored = {key: value for key, value in first.changes().items() if value is not None}
    parts.append(count(DistinctVisitors(stored), views[200 + cut :]))

    assert sum(map(flat, parts), Counter()) == flat(whole)


@pytest.mark.parametrize("value", [b"", b"\x02" + bytes(12), b"\x01" + bytes(4), b"\x01" + bytes(40)])
def test_what_is_not_a_sketch_is_an_error(value: bytes) -> None:
    with pytest.raises(ValueError, match="sketch"):
        DistinctVisitors({b"distinct:20700:" + ARTICLE: value})
