import threading
import time
from collections.abc import Callable

import pytest

from services.ingest.hosts import HostTurns, Stopping, host_of


def test_a_second_thread_waits_until_the_turn_is_over() -> None:
    turns = HostTurns(threading.Event())
    order: list[str] = []
    with turns.turn("one.test"):
        other = started(lambda: in_turn(turns, "one.test", lambda: order.append("second")))
        other.join(0.3)
        order.append("first")
    other.join(5)
    assert order == ["first", "second"]


def test_never_are_two_threads_in_the_turn_of_one_host() -> None:
    turns = HostTurns(threading.Event())
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(50):
            with turns.turn("one.test"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [started(work) for _ in range(8)]
    for thread in threads:
        thread.join(10)
    assert len(most) == 400
    assert max(most) == 1


def test_another_host_has_its_own_turn() -> None:
    turns = HostTurns(threading.Event())
    done = threading.Event()
    with turns.turn("one.test"):
        started(lambda: in_turn(turns, "two.test", done.set)).join(5)
        assert done.is_set()


def test_a_thread_that_has_the_turn_gets_it_again_for_the_pages_of_the_feed() -> None:
    turns = HostTurns(threading.Event())
    with turns.turn("one.test"), turns.turn("one.test"):
        waiting = started(lambda: in_turn(turns, "one.test", lambda: None))
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_thread_that_has_a_turn_gets_no_other_host_s_so_that_two_threads_never_wait_for_each_other() -> None:
    turns = HostTurns(threading.Event())
    with turns.turn("one.test"), pytest.raises(RuntimeError, match=r"the turn of one\.test must be over"), turns.turn("two.test"):
        pass
    with turns.turn("two.test"):
        pass


def test_the_turn_ends_with_an_exception_too() -> None:
    turns = HostTurns(threading.Event())
    with pytest.raises(ZeroDivisionError), turns.turn("one.test"):
        raise ZeroDivisionError
    done = threading.Event()
    started(lambda: in_turn(turns, "one.test", done.set)).join(5)
    assert done.is_set()


def test_a_turn_begins_its_gap_after_the_end_of_the_one_before() -> None:
    turns = HostTurns(threading.Event())
    with turns.turn("one.test", 0.3):
        ended = time.monotonic()
    with turns.turn("one.test", 0.3):
        assert time.monotonic() - ended >= 0.3


def test_no_gap_is_longer_than_a_minute() -> None:
    stop, times = threading.Event(), Times()
    turns = HostTurns(stop, times)
    with turns.turn("one.test"):
        pass
    times.now = 60.0
    threading.Timer(2.0, stop.set).start()  # ends the wait that must not be
    with turns.turn("one.test", 3_600.0):
        pass


def test_stop_ends_the_wait_for_a_turn() -> None:
    stop = threading.Event()
    turns = HostTurns(stop)
    refused = threading.Event()

    def work() -> None:
        with pytest.raises(Stopping), turns.turn("one.test"):
            pass
        refused.set()

    with turns.turn("one.test"):
        thread = started(work)
        stop.set()
        thread.join(5)
        assert refused.is_set()


def test_stop_ends_the_wait_for_a_gap() -> None:
    stop = threading.Event()
    turns = HostTurns(stop)
    with turns.turn("one.test"):
        pass
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Stopping), turns.turn("one.test", 60.0):
        pass
    assert time.monotonic() - began < 30


def test_hosts_that_nobody_waits_for_are_forgotten_when_there_are_many() -> None:
    times = Times()
    turns = HostTurns(threading.Event(), times)
    for number in range(25_000):
        times.now += 0.1
        with turns.turn(f"host-{number}.test"):
            pass
    assert len(turns) <= 10_000


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.TEST:8443/a", "news.test"),
        ("http://news.test./a", "news.test"),
        ("http://[::1]/a", "::1"),
        ("http://[bad", ""),
        ("no address", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host


class Times:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def started(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def in_turn(turns: HostTurns, host: str, work: Callable[[], object]) -> None:
    with turns.turn(host):
        work()
