"""What is held is not given away while it is being published."""

import threading

from services.ingest.feed_ownership import Holdings


def test_only_what_is_owned_can_be_held():
    holdings = Holdings()
    holdings.add([1])

    assert (holdings.hold(1), holdings.hold(2)) == (True, False)


def test_what_is_dropped_can_be_held_no_longer():
    holdings = Holdings()
    holdings.add([1, 2])
    holdings.drop([1], 0.0)

    assert holdings.owned() == {2}
    assert not holdings.hold(1)


def test_dropping_waits_for_what_is_held():
    holdings = Holdings()
    holdings.add([1])
    holdings.hold(1)
    dropping = threading.Thread(target=holdings.drop, args=([1], 30.0))
    dropping.start()
    dropping.join(0.1)
    assert dropping.is_alive()
    assert holdings.owned() == frozenset()

    holdings.release([1])
    dropping.join(5)

    assert not dropping.is_alive()


def test_dropping_does_not_wait_for_ever():
    holdings = Holdings()
    holdings.add([1])
    holdings.hold(1)

    holdings.drop([1], 0.01)

    assert holdings.owned() == frozenset()


def test_a_partition_that_comes_back_can_be_held_again():
    holdings = Holdings()
    holdings.add([1])
    holdings.drop([1], 0.0)
    holdings.add([1])

    assert holdings.hold(1)
