"""Counts of one article: buckets of event time that are bounded, whatever comes and in whatever order."""

import random
import struct
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.popularity.core.counting import (
    KEPT,
    MINUTES_IN,
    RECENT_COMMENTS,
    WINDOWS,
    ArticleCounts,
    Cells,
    Grain,
    add_comment,
    add_count,
    add_reported,
    add_visitors,
    bucket_keys,
    count_from,
    decode_counts,
    empty_cells,
    encode_counts,
    first_bucket,
    total,
)
from shared.popularity import Measure, Window

NOW = 29_400_000
#: Minutes around NOW: many close together, some as far apart as the longest window and beyond.
MINUTES = st.integers(NOW - 90, NOW) | st.integers(NOW - 60 * 24 * 40, NOW) | st.integers(0, NOW)


def counted(minutes: list[int]) -> ArticleCounts:
    counts = ArticleCounts()
    for minute in minutes:
        add_count(counts.views, bucket_keys(minute), 1)
    return counts


def count_in(cells: "Cells[int]", window: Window) -> int:
    return count_from(cells, *first_bucket(window, NOW))


def test_a_view_counts_in_every_window_that_reaches_back_to_it() -> None:
    views = counted([NOW - 90]).views

    assert {window: count_in(views, window) for window in WINDOWS} == {
        Window.HOUR: 0,
        Window.DAY: 1,
        Window.WEEK: 1,
        Window.MONTH: 1,
    }


def test_the_hour_takes_the_minute_under_way_and_the_59_before() -> None:
    views = counted([NOW - 60, NOW - 59, NOW]).views

    assert count_in(views, Window.HOUR) == 2


def test_a_view_too_late_for_its_minute_counts_in_its_hour() -> None:
    views = counted([NOW, NOW - KEPT[Grain.MINUTE]]).views

    assert count_from(views, Grain.MINUTE, 0) == 1
    assert count_from(views, Grain.HOUR, 0) == 2


def test_a_view_too_late_for_every_bucket_counts_in_the_total() -> None:
    views = counted([NOW, NOW - 60 * 24 * 365]).views

    assert count_from(views, Grain.DAY, 0) == 1
    assert total(views) == 2


def test_many_views_at_once_count_as_that_many() -> None:
    views = empty_cells()

    add_count(views, bucket_keys(NOW), 4_000_000_000)

    assert count_in(views, Window.HOUR) == total(views) == 4_000_000_000


@given(st.lists(MINUTES, max_size=60))
def test_buckets_hold_what_came_in_their_time(minutes: list[int]) -> None:
    views = counted(minutes).views

    for grain in Grain:
        expected = Counter(minute // MINUTES_IN[grain] for minute in minutes)
        newest = max(expected, default=0)
        kept = {bucket: number for bucket, number in expected.items() if bucket > newest - KEPT[grain]}
        found = {bucket: count_from(views, grain, bucket, bucket + 1) for bucket in expected}
        assert {bucket: number for bucket, number in found.items() if number} == kept
    assert total(views) == len(minutes)


@given(st.lists(MINUTES, max_size=60), st.randoms(use_true_random=False))
def test_the_order_in_which_views_come_does_not_matter(minutes: list[int], generator: random.Random) -> None:
    shuffled = list(minutes)
    generator.shuffle(shuffled)

    assert encode_counts(counted(minutes)) == encode_counts(counted(shuffled))


def test_an_article_viewed_every_minute_for_years_takes_a_bounded_value() -> None:
    counts = ArticleCounts()
    for minute in range(NOW - 60 * 24 * 60, NOW):
        add_count(counts.views, bucket_keys(minute), 1)

    assert len(counts.views) == sum(KEPT) + 1
    assert len(encode_counts(counts)) < 2300


@given(st.lists(MINUTES, max_size=30), st.lists(st.tuples(st.binary(min_size=16, max_size=16), MINUTES), max_size=80))
def test_counts_survive_being_stored(minutes: list[int], comments: list[tuple[bytes, int]]) -> None:
    counts = counted(minutes)
    for minute in minutes[::3]:
        add_visitors(counts, bucket_keys(minute), 2)
    for minute in minutes[::2]:
        add_reported(counts, Measure.ENGAGED, bucket_keys(minute), 1800)
    for minute in minutes[::5]:
        add_reported(counts, Measure.SHARES, bucket_keys(minute), 1)
    for comment_id, minute in comments:
        add_comment(counts, comment_id, minute)

    assert decode_counts(encode_counts(counts)) == counts


def test_counts_of_articles_without_shares_and_engaged_time_are_stored_as_before_there_were_any() -> None:
    counts = counted([NOW])
    add_visitors(counts, bucket_keys(NOW), 1)
    add_comment(counts, bytes(16), NOW)
    assert counts.comments is not None
    assert counts.visitors is not None
    head = struct.pack("<BHHHH", 2, len(counts.views), len(counts.comments), len(counts.visitors), 1)
    before = head + b"".join(cells.tobytes() for cells in (counts.views, counts.comments, counts.visitors)) + bytes(16)

    assert encode_counts(counts) == before
    assert decode_counts(before) == counts


@pytest.mark.parametrize("measure", [Measure.SHARES, Measure.ENGAGED])
def test_an_article_that_nobody_viewed_may_be_shared_and_read(measure: Measure) -> None:
    counts = ArticleCounts()
    add_reported(counts, measure, bucket_keys(NOW), 5)

    found = decode_counts(encode_counts(counts))

    cells = found.cells(measure)
    assert cells is not None
    assert (total(cells), total(found.views)) == (5, 0)


def test_counts_of_the_first_form_are_read() -> None:
    counts = counted([NOW])
    add_comment(counts, bytes(16), NOW)
    assert counts.comments is not None
    head = struct.pack("<BHHH", 1, len(counts.views), len(counts.comments), 1)

    assert decode_counts(head + counts.views.tobytes() + counts.comments.tobytes() + bytes(16)) == counts


@pytest.mark.parametrize(
    "value", [b"", b"\x02" + bytes(20), b"\x03" + bytes(20), b"\x04" + bytes(20), encode_counts(counted([NOW]))[:-1], bytes(7)]
)
def test_what_is_not_counts_is_an_error(value: bytes) -> None:
    with pytest.raises(ValueError, match="counts"):
        decode_counts(value)


def test_a_comment_posted_again_counts_once() -> None:
    counts = ArticleCounts()

    assert [add_comment(counts, bytes(16), NOW), add_comment(counts, bytes(16), NOW + 1)] == [True, False]
    assert counts.comments is not None
    assert total(counts.comments) == 1


def test_only_the_last_comments_of_an_article_are_remembered() -> None:
    counts = ArticleCounts()
    ids = [number.to_bytes(16, "big") for number in range(RECENT_COMMENTS + 1)]
    for comment_id in ids:
        add_comment(counts, comment_id, NOW)

    assert not add_comment(counts, ids[1], NOW)
    assert add_comment(counts, ids[0], NOW)
    assert len(counts.comment_ids) == RECENT_COMMENTS * 16


def test_a_comment_id_is_not_found_across_two_others() -> None:
    counts = ArticleCounts()
    add_comment(counts, b"a" * 8 + b"b" * 8, NOW)
    add_comment(counts, b"c" * 8 + b"d" * 8, NOW)

    assert add_comment(counts, b"b" * 8 + b"c" * 8, NOW)


@pytest.mark.parametrize("window", WINDOWS)
def test_the_first_bucket_of_a_window_is_the_first_that_counts(window: Window) -> None:
    grain, bucket = first_bucket(window, NOW)
    first = bucket * MINUTES_IN[grain]

    assert count_in(counted([first]).views, window) == 1
    assert count_in(counted([first - 1]).views, window) == 0
