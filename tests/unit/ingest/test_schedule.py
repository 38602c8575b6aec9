"""When a feed is polled next."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.schedule import MOST_FLOOR_SECONDS, Pace, Sight, parse_max_age, parse_retry_after, plan_next

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PACE = Pace(600, 86_400)
HOUR = 3600.0

intervals = st.none() | st.floats(0.1, 1e7)
sights = st.builds(
    Sight,
    news=st.none() | st.integers(0, 500),
    mean_gap_seconds=st.none() | st.floats(0.001, 1e9),
    floor_seconds=st.none() | st.floats(0, 1e12),
    retry_after_seconds=st.none() | st.floats(0, 1e12),
    failures=st.integers(0, 10_000),
    gone=st.booleans(),
    leased=st.booleans(),
)


def delay(interval=HOUR, jitter=0.0, pace=PACE, **sight):
    return plan_next(interval, Sight(**sight), pace, jitter).delay_seconds


@given(intervals, sights, st.floats(0, 1))
def test_whatever_was_seen_the_next_poll_is_between_the_shortest_interval_and_a_tenth_above_the_longest(interval, sight, jitter):
    plan = plan_next(interval, sight, PACE, jitter)

    assert 600 <= plan.interval_seconds <= 86_400
    assert 600 <= plan.delay_seconds <= 86_400 * 1.1


@given(intervals, sights, st.floats(0, 1))
def test_jitter_only_makes_a_poll_later_so_that_nothing_asked_for_is_undercut(interval, sight, jitter):
    exact = plan_next(interval, sight, PACE, 0.0)

    assert plan_next(interval, sight, PACE, jitter).delay_seconds >= exact.delay_seconds
    assert exact.delay_seconds >= min(sight.retry_after_seconds or 0, 86_400)


def test_a_feed_that_brings_news_is_polled_twice_as_often_and_one_that_does_not_a_quarter_less():
    assert delay(news=3) == HOUR / 2
    assert delay(news=0) == HOUR * 1.25


@given(st.lists(st.booleans(), min_size=60, max_size=60))
def test_the_interval_follows_what_the_feed_does_within_its_limits(found):
    interval = None
    for news in found:
        interval = plan_next(interval, Sight(news=int(news)), PACE, 0.0).interval_seconds
    if not any(found):
        assert interval == 86_400
    if all(found):
        assert interval == 600


def test_a_quiet_feed_is_never_left_for_longer_than_its_articles_are_usually_apart():
    interval = HOUR
    for _ in range(50):
        interval = plan_next(interval, Sight(news=0, mean_gap_seconds=2 * HOUR), PACE, 0.0).interval_seconds

    assert interval == 2 * HOUR


def test_how_long_a_feed_says_that_it_stays_is_a_floor_but_not_beyond_reason():
    assert delay(interval=600, news=1, floor_seconds=1800) == 1800
    assert delay(interval=600, news=1, floor_seconds=86_400 * 7) == MOST_FLOOR_SECONDS


def test_retry_after_is_honoured_up_to_the_longest_interval():
    assert delay(failures=1, retry_after_seconds=5 * HOUR) == 5 * HOUR
    assert delay(failures=1, retry_after_seconds=1e9) == 86_400


def test_failures_back_off_exponentially_up_to_the_longest_interval_and_leave_the_interval_as_it_was():
    assert [delay(interval=600, failures=count) for count in (1, 2, 3, 20)] == [1200, 2400, 4800, 86_400]
    assert plan_next(HOUR, Sight(failures=9), PACE, 0.0).interval_seconds == HOUR


def test_a_feed_that_is_gone_is_asked_at_the_longest_interval_only():
    assert delay(failures=1, gone=True) == 86_400


def test_a_feed_whose_hub_pushes_is_polled_to_watch_over_the_hub():
    assert delay(interval=600, news=1, leased=True) == 86_400 / 4


def test_limits_that_exclude_each_other_are_refused():
    with pytest.raises(ValueError, match="shortest"):
        Pace(10, 5)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300.0),
        ("Tue, 24 Nov 2026 12:05:00 -0000", 300.0),
        (format_datetime(NOW - timedelta(days=5), usegmt=True), 0.0),
        ("99999999999999999999", 9_999_999_999.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    assert parse_retry_after(header, NOW) == seconds


@given(st.text())
def test_no_header_makes_reading_it_fail(header):
    assert (parse_retry_after(header, NOW) or 0) >= 0
    assert (parse_max_age(header) or 0) >= 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("max-age=300", 300.0),
        ("public, max-age=300, s-maxage=900", 900.0),
        ('Max-Age="60"', 60.0),
        ("no-cache", None),
        ("x-max-age=5", None),
        (None, None),
    ],
)
def test_max_age_is_read_from_cache_control(header, seconds):
    assert parse_max_age(header) == seconds
