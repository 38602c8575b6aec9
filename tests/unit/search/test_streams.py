"""Channels, their listeners, and the text that browsers read."""

import asyncio

import pytest

from services.search import streams_api
from services.search.core.events_out import StreamEvent, write_event, write_heartbeat, write_start
from services.search.settings import ReadingSettings
from services.search.streams import MOST_WAITING, Listener, Streams
from shared.failures import Unavailable


class Script:
    """A source that tells what a test gives it, and may fail."""

    def __init__(self, *polls):
        self.polls = list(polls)
        self.place = "start"
        self.asked = 0

    @property
    def has_more(self):
        return bool(self.polls)

    async def poll(self):
        self.asked += 1
        told = self.polls.pop(0) if self.polls else []
        if isinstance(told, Exception):
            raise told
        if told:
            self.place = told[-1].id
        return told


def an_event(number):
    return StreamEvent(str(number), "article", f'{{"n":{number}}}')


def run(body, stopping=lambda: False, **settings):
    async def with_streams():
        streams = Streams(ReadingSettings(**settings), stopping)
        try:
            return await body(streams)
        finally:
            await streams.close()

    return asyncio.run(with_streams())


def test_one_channel_serves_all_who_listen_to_the_same():
    source = Script([an_event(1)], [an_event(2)])

    async def body(streams):
        heard = [streams.listen("same", lambda: source) for _ in range(3)]
        assert len({channel for channel, _ in heard}) == 1
        return [[(await listener.next(5)).id for _ in range(2)] for _, listener in heard]

    assert run(body) == [["1", "2"]] * 3
    assert source.asked <= 3


def test_while_elasticsearch_is_away_a_channel_waits_and_then_goes_on():
    source = Script(Unavailable("away"), [an_event(1)])

    async def body(streams):
        _, listener = streams.listen("x", lambda: source)
        return await listener.next(5)

    assert run(body) == an_event(1)


def test_a_listener_who_does_not_read_is_let_go_and_the_others_hear_on():
    source = Script([an_event(n) for n in range(MOST_WAITING)], [an_event("last")])

    async def body(streams):
        _, slow = streams.listen("x", lambda: source)
        _, quick = streams.listen("x", lambda: source)
        heard = [(await quick.next(5)).id for _ in range(MOST_WAITING + 1)]
        return heard[-1], await slow.next(5)

    assert run(body) == ("last", None)


def test_a_bug_in_a_source_ends_its_streams_so_that_readers_connect_again():
    async def body(streams):
        _, listener = streams.listen("x", lambda: Script(ValueError("bug")))
        return await listener.next(5)

    assert run(body) is None


def test_streams_end_when_the_service_stops():
    async def body(streams):
        _, listener = streams.listen("x", Script)
        return await listener.next(5)

    assert run(body, stopping=lambda: True) is None


def test_a_channel_without_listeners_asks_no_more():
    async def body(streams):
        channel, listener = streams.listen("x", Script)
        await streams.leave("x", channel, listener)
        await asyncio.wait([channel.task], timeout=5)
        return channel.task.done(), streams.listen("x", Script)[0] is channel

    assert run(body) == (True, False)


@pytest.mark.parametrize("settings", [{"stream_listeners": 1}, {"streamed_searches": 1}])
def test_there_is_a_limit_to_listeners_and_to_channels(settings):
    async def body(streams):
        channel, listener = streams.listen("one", Script)
        with pytest.raises(Unavailable):
            streams.listen("two", Script)
        await streams.leave("one", channel, listener)
        streams.listen("two", Script)

    run(body, **settings)


def test_who_would_find_no_room_is_told_so_before_anything_is_asked():
    async def body(streams):
        streams.require_room("one")
        streams.listen("one", Script)
        streams.require_room("one")  # a channel that is open already takes more listeners
        with pytest.raises(Unavailable):
            streams.require_room("two")
        return streams.is_open("one"), streams.is_open("two")

    assert run(body, streamed_searches=1) == (True, False)


def test_silence_is_broken_by_comments_that_move_the_place_on(monkeypatch):
    monkeypatch.setattr(streams_api, "_HEARTBEAT_SECONDS", 0.01)
    source = Script([an_event(7)])

    async def nothing():
        return
        yield

    async def body(streams):
        channel, listener = streams.listen("x", lambda: source)
        parts = streams_api._follow(channel, listener, nothing(), None)  # noqa: SLF001 - the part that the routes share
        return [await anext(parts) for _ in range(3)]

    assert run(body) == [write_start("start"), write_event(an_event(7)), write_heartbeat("7")]


def test_what_was_missed_comes_before_what_happens_and_the_event_that_is_known_not_at_all():
    async def missed():
        for number in (4, 5):
            yield an_event(number)

    async def body(streams):
        channel, listener = streams.listen("x", lambda: Script([an_event(6)]))
        parts = streams_api._follow(channel, listener, missed(), "4")  # noqa: SLF001 - the part that the routes share
        return [await anext(parts) for _ in range(3)]

    assert run(body) == [write_start("4"), write_event(an_event(5)), write_event(an_event(6))]


def test_events_are_written_as_browsers_read_them():
    assert write_event(StreamEvent("a1", "article", '{"headline":"Brücke\\nx"}')) == (
        b"id: a1\nevent: article\ndata: " + '{"headline":"Brücke\\nx"}'.encode() + b"\n\n"
    )
    assert write_heartbeat("a1").startswith(b":")


def test_a_listener_that_was_let_go_hears_nothing_more_than_that():
    async def body():
        listener = Listener()
        listener.put(an_event(1))
        listener.close()
        return await listener.next(1), listener.has_read_all

    assert asyncio.run(body()) == (None, True)
