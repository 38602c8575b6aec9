"""A TCP proxy on a loopback port that can be told to fail: one link between services and an engine."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 64 * 1024


class Link:
    """Passes bytes on between those who connect to `port` and `target_port`, until it is cut or swallows what comes."""

    def __init__(self, port: int, target_port: int) -> None:
        self.port = port
        self._target_port = target_port
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self._passes: asyncio.Event
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"link {port}", daemon=True)
        self._thread.start()
        self._started.wait(10)

    def cut(self) -> None:
        """Every connection is reset, and no new one is taken."""
        self._loop.call_soon_threadsafe(self._cut)

    def swallow(self) -> None:
        """Connections stay, and new ones are taken, but nothing comes through, in either direction."""
        self._loop.call_soon_threadsafe(self._passes.clear)

    def mend(self) -> None:
        """As at first; what was swallowed comes through now, as it does after a route has come back."""
        self._loop.call_soon_threadsafe(self._mend)

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._passes = asyncio.Event()
        self._passes.set()
        server = self._loop.run_until_complete(asyncio.start_server(self._connect, "127.0.0.1", self.port))
        self._started.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def _cut(self) -> None:
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def _mend(self) -> None:
        self._is_cut = False
        self._passes.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:  # the engine is away: so is the link
            writer.transport.abort()
            return
        ends = {writer, target_writer}
        self._writers |= ends
        try:
            await asyncio.gather(self._pass_on(reader, target_writer), self._pass_on(target_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._passes.wait()
                writer.write(chunk)
                await writer.drain()
        with suppress(OSError):
            if writer.can_write_eof():
                writer.write_eof()


@contextmanager
def linked(port: int, target_port: int) -> Iterator[Link]:
    """A link that is closed afterwards."""
    link = Link(port, target_port)
    try:
        yield link
    finally:
        link.close()
