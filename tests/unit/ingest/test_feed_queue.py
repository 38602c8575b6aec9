"""Which feed a worker gets next."""

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.feed_queue import FeedQueue
from services.ingest.feed_table import DueFeed

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def due(*names: str) -> list[DueFeed]:
    """Feeds named `host/number`."""
    return [DueFeed(name, name.split("/")[0], NOON) for name in names]


def taken(queue: FeedQueue) -> tuple[str, list[str]]:
    batch = queue.take()
    assert batch is not None
    return batch.host, [feed.feed_id for feed in batch.feeds]


@pytest.fixture
def queue():
    return FeedQueue()


def test_feeds_of_one_host_come_together_and_hosts_in_the_order_in_which_they_were_due(queue):
    queue.put(due("b/1", "a/1", "b/2"))

    assert [taken(queue), taken(queue)] == [("b", ["b/1", "b/2"]), ("a", ["a/1"])]


def test_a_host_that_a_worker_has_is_given_to_no_other(queue):
    queue.put(due("a/1"))
    assert taken(queue) == ("a", ["a/1"])
    queue.put(due("a/2", "b/1"))

    assert taken(queue) == ("b", ["b/1"])
    queue.release("a")
    assert taken(queue) == ("a", ["a/2"])


def test_a_host_with_many_feeds_lets_the_others_have_their_turn(queue):
    queue.put(due(*(f"a/{number}" for number in range(12)), "b/1"))

    assert [host for host, _ in (taken(queue), taken(queue))] == ["a", "b"]
    queue.release("a")
    assert taken(queue) == ("a", ["a/10", "a/11"])


def test_a_feed_is_in_hand_until_its_new_state_is_known(queue):
    queue.put(due("a/1"))
    taken(queue)
    queue.release("a")
    queue.put(due("a/1", "b/1"))
    assert taken(queue) == ("b", ["b/1"])
    assert queue.in_hand() == {"a/1", "b/1"}

    queue.done(["a/1"])
    queue.put(due("a/1"))

    assert taken(queue) == ("a", ["a/1"])


def test_who_waits_is_told_when_the_queue_closes(queue):
    answers: list[object] = []
    waiting = threading.Thread(target=lambda: answers.append(queue.take()))
    waiting.start()
    queue.close()
    waiting.join(5)

    assert answers == [None]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), max_size=60))
def test_every_feed_is_given_out_exactly_once_and_no_host_twice_at_a_time(names):
    queue = FeedQueue()
    with_workers: set[str] = set()
    given_out: list[str] = []
    queue.put(due(*(f"{host}/{number}" for host, number in names)))
    wanted = {f"{host}/{number}" for host, number in names}
    while len(given_out) < len(wanted):
        left = {name.split("/")[0] for name in wanted - set(given_out)}
        if left <= with_workers:  # nothing is to be had before a worker has done
            for host in with_workers:
                queue.release(host)
            with_workers.clear()
        host, feeds = taken(queue)
        assert host not in with_workers
        with_workers.add(host)
        given_out += feeds

    assert sorted(given_out) == sorted(wanted)
