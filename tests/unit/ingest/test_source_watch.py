"""How a feed does, and the sentences that say so."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.feed_records import FeedDefinition, FeedState, feed_id
from services.ingest.core.source_watch import Condition, duration, gap_of_dates, judge_condition, judge_surge, mean_gap

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://courier.example/feed"
HOUR, DAY = 3600.0, 86_400.0


def a_definition(**fields):
    return FeedDefinition(**{"feed_id": feed_id(URL), "url": URL, "added": NOW - timedelta(days=90), **fields})


def a_state(**fields):
    own = {
        "feed_id": feed_id(URL),
        "next_poll": NOW,
        "interval_seconds": 600,
        "last_poll": NOW,
        "last_success": NOW,
        "last_new_article": NOW - timedelta(hours=1),
        "new_article_seconds": 3 * HOUR,
    }
    return FeedState(**own | fields)


def judged(definition=None, **state):
    return judge_condition(definition or a_definition(), a_state(**state), NOW)


def test_a_feed_with_news_is_well():
    assert judged() == (Condition.OK, "")


def test_a_feed_is_new_until_its_first_poll():
    assert judge_condition(a_definition(), None, NOW) == (Condition.NEW, "it has not been polled yet")


def test_a_paused_feed_is_paused_whatever_else_it_is():
    assert judged(a_definition(paused=True), error="the server answered 500")[0] is Condition.PAUSED


def test_a_failing_feed_says_why_and_how_often():
    assert judged(error="the server answered 500", failures=1) == (Condition.FAILING, "the server answered 500")
    assert judged(error="the server answered 500", failures=4)[1] == "the server answered 500 (4 times in a row)"


@pytest.mark.parametrize(
    ("quiet_days", "usual", "condition"),
    [
        (2.9, HOUR, Condition.OK),  # three days at the least: a weekend is no silence
        (3.1, HOUR, Condition.SILENT),
        (7.9, DAY, Condition.OK),  # eight times what is usual
        (8.1, DAY, Condition.SILENT),
        (3.1, None, Condition.SILENT),
    ],
)
def test_a_feed_is_silent_when_nothing_new_comes_for_much_longer_than_usual(quiet_days, usual, condition):
    assert judged(last_new_article=NOW - timedelta(days=quiet_days), new_article_seconds=usual)[0] is condition


def test_silence_is_told_in_words():
    quiet = judged(last_new_article=NOW - timedelta(days=5), new_article_seconds=3 * HOUR)

    assert quiet == (Condition.SILENT, "no new article for 5 days; usually one every 3 hours")


def test_a_feed_that_never_brought_an_article_is_silent_three_days_after_it_was_added():
    never = {"last_new_article": None, "new_article_seconds": None}

    assert judged(a_definition(added=NOW - timedelta(days=2)), **never)[0] is Condition.OK
    assert judged(a_definition(added=NOW - timedelta(days=4)), **never) == (
        Condition.SILENT,
        "no article since it was added, 4 days ago",
    )


def test_a_surge_is_told_until_the_next_poll():
    assert judged(surge="40 new articles came") == (Condition.SURGING, "40 new articles came")


@pytest.mark.parametrize(
    ("new", "since", "usual", "surges"),
    [
        (19, HOUR, HOUR, False),  # fewer than a feed may bring at any time
        (20, HOUR, HOUR, True),
        (20, 10 * HOUR, HOUR, False),  # ten would be usual
        (50, 10 * HOUR, HOUR, True),
        (500, None, HOUR, False),  # the first poll
        (500, HOUR, None, False),  # nothing is usual yet
    ],
)
def test_far_more_articles_than_usual_are_a_surge(new, since, usual, surges):
    assert (judge_surge(new, since, usual) is not None) == surges


def test_a_surge_says_how_many_would_be_usual():
    assert judge_surge(60, 4 * HOUR, HOUR) == "60 new articles came within 4 hours, where about 4 would be usual"


def test_the_mean_gap_follows_the_latest_articles_more_and_many_at_once_more_still():
    assert mean_gap(None, 4 * HOUR, 2) == 2 * HOUR
    assert mean_gap(HOUR, 6 * HOUR, 1) == 2 * HOUR
    assert mean_gap(HOUR, None, 1) == HOUR
    assert mean_gap(HOUR, 6 * HOUR, 0) == HOUR


@given(st.none() | st.floats(1, 1e8), st.floats(0.001, 1e8), st.integers(1, 500))
def test_the_mean_gap_lies_between_what_it_was_and_what_was_seen(previous, since, new):
    gap = mean_gap(previous, since, new)
    bounds = [since / new, previous if previous is not None else since / new]

    assert min(bounds) * 0.999 <= gap <= max(bounds) * 1.001


def test_the_dates_of_the_entries_give_the_first_guess():
    dates = [NOW - timedelta(hours=hours) for hours in (0, 2, 6)]

    assert gap_of_dates(dates) == 3 * HOUR
    assert gap_of_dates(dates[:2]) is None
    assert gap_of_dates([NOW] * 5) is None


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 seconds"), (1, "1 second"), (59, "59 seconds"), (90, "2 minutes"), (DAY, "1 day"), (1e6, "12 days")],
)
def test_durations_are_told_in_their_largest_unit(seconds, told):
    assert duration(seconds) == told
