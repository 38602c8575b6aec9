"""Streams that many listen to and one asks for: each different search or list is asked for once a second, whoever follows it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from services.search.core.events_out import StreamEvent
from services.search.settings import ReadingSettings
from shared.failures import Misconfigured, Unavailable
from shared.logs import get_logger

#: Between two questions for the same search or list.
_EVERY_SECONDS = 1.0
#: Events that may wait for one reader. Who is further behind is let go, and comes again from where it stopped.
MOST_WAITING = 1000

_log = get_logger(__name__)


class Source(Protocol):
    """Where the events of a channel come from."""

    @property
    def place(self) -> str:
        """Where a reader goes on who has had every event up to now."""

    @property
    def has_more(self) -> bool:
        """Whether there is more already than the last poll told."""

    async def poll(self) -> Sequence[StreamEvent]:
        """What is new since the last time. Raises Unavailable and Misconfigured."""


class Listener:
    """One reader of a channel."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[StreamEvent | None] = asyncio.Queue(MOST_WAITING)

    def put(self, event: StreamEvent) -> None:
        """Give it an event, or let it go when it reads too slowly."""
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            self.close()

    def close(self) -> None:
        """Let it go: its stream ends."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    @property
    def has_read_all(self) -> bool:
        """Whether it has taken every event of its channel."""
        return self._waiting.empty()

    async def next(self, timeout_seconds: float) -> StreamEvent | None:
        """The next event; None when it was let go. Raises TimeoutError when none came in time."""
        async with asyncio.timeout(timeout_seconds):
            return await self._waiting.get()


class Channel:
    """One search or list, and who follows it."""

    def __init__(self, source: Source, is_stopping: Callable[[], bool]) -> None:
        self.source = source
        self.listeners: set[Listener] = set()
        self._is_stopping = is_stopping
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while not self._is_stopping():
                is_quick = await self._pass_on() and self.source.has_more
                await asyncio.sleep(0 if is_quick else _EVERY_SECONDS)
        except Exception:  # noqa: BLE001 - whatever it is, the listeners must be let go, and connect again
            _log.exception("bug in a stream")
        finally:
            for listener in tuple(self.listeners):
                listener.close()

    async def _pass_on(self) -> bool:
        """Whether the source could be asked."""
        try:
            events = await self.source.poll()
        except (Unavailable, Misconfigured) as error:
            _log.warning("a stream waits", reason=str(error))
            return False
        for event in events:
            for listener in tuple(self.listeners):
                listener.put(event)
        return True


class Streams:
    """All channels that somebody listens to."""

    def __init__(self, settings: ReadingSettings, is_stopping: Callable[[], bool]) -> None:
        self._most_listeners = settings.stream_listeners
        self._most_channels = settings.streamed_searches
        self._is_stopping = is_stopping
        self._channels: dict[str, Channel] = {}

    def require_room(self, key: str) -> None:
        """Raises Unavailable when nobody else can listen, or when this would be one channel too many."""
        if sum(len(channel.listeners) for channel in self._channels.values()) >= self._most_listeners:
            raise Unavailable("so many listen to streams already that nobody else can")
        if not self.is_open(key) and len(self._channels) >= self._most_channels:
            raise Unavailable("so many different searches and lists are streamed already that no other can be")

    def is_open(self, key: str) -> bool:
        """Whether somebody listens to the channel of this key."""
        channel = self._channels.get(key)
        return channel is not None and not channel.task.done()

    def listen(self, key: str, build_source: Callable[[], Source]) -> tuple[Channel, Listener]:
        """A listener to the channel of this key, which is opened where nobody listens yet. Raises Unavailable when it is full.

        The channel's place is the listener's: it gets every event after that.
        """
        self.require_room(key)
        channel = self._channels.get(key)
        if channel is None or channel.task.done():
            channel = self._channels[key] = Channel(build_source(), self._is_stopping)
        listener = Listener()
        channel.listeners.add(listener)
        return channel, listener

    async def leave(self, key: str, channel: Channel, listener: Listener) -> None:
        """End listening; a channel that nobody follows any more is closed."""
        channel.listeners.discard(listener)
        if not channel.listeners:
            channel.task.cancel()
            if self._channels.get(key) is channel:
                del self._channels[key]

    async def close(self) -> None:
        """End all streams."""
        for channel in tuple(self._channels.values()):
            channel.task.cancel()
        self._channels.clear()
