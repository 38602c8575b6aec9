"""What pages need again and again is fetched once a second, and hardly anybody waits for it."""

import asyncio

import pytest

from services.search import lately
from services.search.lately import Lately
from shared.failures import Unavailable


class Source:
    """Answers how often it was asked; waits, or fails, when it is told so."""

    def __init__(self):
        self.asked = 0
        self.failure = None
        self.go = asyncio.Event()
        self.go.set()

    async def fetch(self):
        await self.go.wait()
        if self.failure is not None:
            raise self.failure
        self.asked += 1
        return self.asked


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self):
        return self.now


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def test_what_is_fresh_is_not_fetched_again_and_other_questions_are():
    async def ask():
        kept, source = Lately(Clock()), Source()
        return [await kept.ask(question, source.fetch) for question in ("a", "a", "b", "a")]

    assert asyncio.run(ask()) == [1, 1, 2, 1]


def test_what_is_a_little_older_is_answered_at_once_while_it_is_renewed():
    async def ask():
        clock, source = Clock(), Source()
        kept = Lately(clock)
        first = await kept.ask("a", source.fetch)
        clock.now = 4.0
        source.go.clear()
        second = await kept.ask("a", source.fetch)
        source.go.set()
        await settle()
        return first, second, await kept.ask("a", source.fetch)

    assert asyncio.run(ask()) == (1, 1, 2)


def test_what_is_old_is_waited_for_once_by_all_who_ask():
    async def ask():
        clock, source = Clock(), Source()
        kept = Lately(clock)
        await kept.ask("a", source.fetch)
        clock.now = 60.0
        return await asyncio.gather(*(kept.ask("a", source.fetch) for _ in range(5)))

    assert asyncio.run(ask()) == [2] * 5


def test_who_waits_gets_the_failure_and_the_next_one_tries_again():
    async def ask():
        kept, source = Lately(Clock()), Source()
        source.failure = Unavailable("away")
        with pytest.raises(Unavailable):
            await kept.ask("a", source.fetch)
        source.failure = None
        return await kept.ask("a", source.fetch)

    assert asyncio.run(ask()) == 1


def test_while_it_cannot_be_renewed_the_last_answer_is_good_for_some_seconds_only():
    async def ask():
        clock, source = Clock(), Source()
        kept = Lately(clock)
        await kept.ask("a", source.fetch)
        source.failure = Unavailable("away")
        clock.now = 3.0
        stale = await kept.ask("a", source.fetch)
        await settle()
        clock.now = 6.0
        with pytest.raises(Unavailable):
            await kept.ask("a", source.fetch)
        return stale

    assert asyncio.run(ask()) == 1


def test_of_many_questions_the_one_not_asked_for_longest_is_forgotten(monkeypatch):
    monkeypatch.setattr(lately, "_MOST_KEPT", 2)

    async def ask():
        kept, source = Lately(Clock()), Source()
        return [await kept.ask(question, source.fetch) for question in ("a", "b", "a", "c", "a", "b")]

    assert asyncio.run(ask()) == [1, 2, 1, 3, 1, 4]
