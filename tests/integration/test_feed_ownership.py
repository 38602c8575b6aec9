"""Which feeds are a poller's: the consumer group on the real Kafka says so."""

import threading
from contextlib import closing, contextmanager

import pytest

from ops.cli.setup import create_topics
from services.ingest.feed_ownership import FeedOwnership, Holdings
from shared.outcomes import NewRecord
from shared.topics import FEEDS_STATE
from tests.kafka_topics import kafka_settings, produce
from tests.pollers import PARTITIONS
from tests.stack import eventually

ALL = frozenset(range(PARTITIONS))


@pytest.fixture
def settings(engines):
    """Of a Kafka where every partition holds something."""
    settings = kafka_settings(engines.kafka_bootstrap)
    create_topics(settings, PARTITIONS, 1)
    produce(engines.kafka_bootstrap, *(NewRecord(FEEDS_STATE, b"test:0", b"{}", (), number) for number in ALL))
    return settings


@contextmanager
def refreshing(settings, holdings):
    """A member of the group while the body runs, which has learnt all there is."""
    stop = threading.Event()

    def work():
        with closing(FeedOwnership(settings, lambda _: 10**9, holdings)) as ownership:
            while not stop.is_set():
                ownership.refresh(1.0)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def refreshed(ownership, look):
    def seen():
        ownership.refresh(1.0)
        return look()

    return seen


def test_a_partition_is_ours_only_once_all_that_its_owner_before_wrote_is_learnt(settings):
    learnt = dict.fromkeys(ALL, 0)
    holdings = Holdings()
    with closing(FeedOwnership(settings, learnt.__getitem__, holdings)) as ownership:
        eventually(refreshed(ownership, ownership.awaited), lambda awaited: awaited == ALL)
        assert holdings.owned() == frozenset()

        learnt[2] = 10**9

        eventually(refreshed(ownership, holdings.owned), lambda owned: owned == {2})
        assert ownership.awaited() == ALL - {2}


def test_what_the_group_gives_to_another_is_no_longer_ours_and_comes_back_when_the_other_leaves(settings):
    mine, others = Holdings(), Holdings()
    with refreshing(settings, mine):
        eventually(mine.owned, lambda owned: owned == ALL)
        with refreshing(settings, others):
            eventually(lambda: (mine.owned(), others.owned()), lambda owned: all(owned) and owned[0] | owned[1] == ALL, 60)
            assert not mine.owned() & others.owned()

        eventually(mine.owned, lambda owned: owned == ALL, 60)


def test_no_partition_is_two_pollers_at_any_time(settings):
    """Also not for a moment while the group settles."""
    mine, others = Holdings(), Holdings()
    stop = threading.Event()
    doubles: list[frozenset[int]] = []

    def look():
        while not stop.is_set():
            both = mine.owned() & others.owned()
            if both and both & mine.owned() & others.owned():  # the two were not looked at in one moment
                doubles.append(both)

    looking = threading.Thread(target=look)
    looking.start()
    with refreshing(settings, mine):
        eventually(mine.owned, lambda owned: owned == ALL)
        with refreshing(settings, others):
            eventually(lambda: (mine.owned(), others.owned()), lambda owned: all(owned) and owned[0] | owned[1] == ALL, 60)
    stop.set()
    looking.join(5)

    assert doubles == []
