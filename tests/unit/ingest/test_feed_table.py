"""The table of all feeds."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.core.feed_records import FeedDefinition, FeedRecord, FeedState, WebSubLease, feed_id, feed_record, forget_feed
from services.ingest.feed_table import FeedTable

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://courier.example/feed"
ALL = range(4)


def a_definition(url=URL, **fields):
    return FeedDefinition(**{"feed_id": feed_id(url), "url": url, "added": NOW, **fields})


def a_state(url=URL, **fields):
    return FeedState(**{"feed_id": feed_id(url), "next_poll": NOW, "interval_seconds": 600, "last_poll": NOW, **fields})


@pytest.fixture
def table():
    return FeedTable(4)


def learn(table: FeedTable, *bodies: FeedRecord) -> None:
    table.learn([feed_record(body, 0) for body in bodies])


def due(table, now=NOW, partitions=ALL, passing=()):
    return [feed.feed_id for feed in table.due(partitions, now, passing)]


def test_a_feed_is_known_with_all_that_was_said_of_it(table):
    lease = WebSubLease(feed_id=feed_id(URL), topic_url=URL, expires=NOW)
    learn(table, a_state(), lease, a_definition())

    known = table.get(feed_id(URL))
    assert known is not None
    assert (known.definition, known.state, known.lease) == (a_definition(), a_state(), lease)
    assert table.all() == [known]


def test_a_feed_without_a_definition_is_none(table):
    learn(table, a_state())

    assert table.get(feed_id(URL)) is None
    assert (table.all(), due(table)) == ([], [])


def test_a_feed_that_was_taken_out_leaves_nothing(table):
    learn(table, a_definition(), a_state())
    table.learn(forget_feed(feed_id(URL), 0))
    learn(table, a_definition())

    known = table.get(feed_id(URL))
    assert known is not None
    assert known.state is None


def test_a_state_that_comes_late_does_not_undo_the_later_one(table):
    later = a_state(last_poll=NOW + timedelta(seconds=1), etag='"2"')
    learn(table, a_definition(), later)

    learn(table, a_state(etag='"1"'))

    known = table.get(feed_id(URL))
    assert known is not None
    assert known.state == later


def test_a_new_feed_is_due_at_once_and_a_polled_one_at_its_time(table):
    other = "https://gazette.example/feed"
    learn(table, a_definition(), a_definition(other), a_state(other, next_poll=NOW + timedelta(seconds=1)))

    assert due(table) == [feed_id(URL)]
    assert due(table, NOW + timedelta(seconds=1)) == [feed_id(URL), feed_id(other)]


def test_the_longest_due_come_first(table):
    urls = [f"https://courier.example/{number}" for number in range(5)]
    for number, url in enumerate(urls):
        learn(table, a_definition(url), a_state(url, next_poll=NOW - timedelta(seconds=number)))

    assert due(table) == [feed_id(url) for url in reversed(urls)]


@pytest.mark.parametrize("paused", [True, False])
def test_a_paused_feed_is_never_due(table, paused):
    learn(table, a_definition(paused=paused))

    assert bool(due(table)) != paused


def test_feeds_in_hand_and_feeds_of_other_partitions_are_left_out(table):
    learn(table, a_definition())
    own = table.partition_of(URL)

    assert due(table, partitions=[own]) == [feed_id(URL)]
    assert due(table, partitions=set(ALL) - {own}) == []
    assert due(table, passing=[feed_id(URL)]) == []
    assert [feed.definition for feed in table.of([own])] == [a_definition()]


def test_feeds_of_one_host_are_in_one_partition(table):
    urls = [
        f"https://{host}/{number}" for number, host in enumerate(("courier.example", "COURIER.example", "courier.example:8080"))
    ]

    assert len({table.partition_of(url) for url in urls}) == 1
