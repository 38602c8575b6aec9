"""Fetches the pictures of publishers, few at once, and keeps those that were asked for last."""

import asyncio
import queue
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from services.search.core.image_kinds import sniff_picture
from services.search.picture_mirror import read_mirrored
from services.search.reader_page_settings import ReaderPageSettings
from shared.failures import Unavailable
from shared.guarded_fetch import Fetcher, FetchFailed, FetchLimits
from shared.logs import get_logger

_AT_ONCE = 4
#: Further ones are refused: whoever waits longer has turned the page.
_MOST_WAITING = 100
_TOTAL_SECONDS, _CONNECT_SECONDS = 6.0, 3.0
#: How long it is remembered that a picture could not be had.
_MISSING_SECONDS = 300.0
_MOST_KEPT = 10_000
_USER_AGENT = "Dateline/0.1 (pictures)"
_ACCEPTED = "image/avif,image/webp,image/png,image/jpeg,image/gif"
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, and what kind of one it is (media type)."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is none, in words for people, and since when (seconds of the monotonic clock)."""

    reason: str
    since: float


class Pictures:
    """Answers pictures by their addresses. Use it from one event loop."""

    def __init__(self, settings: ReaderPageSettings) -> None:
        self._mirror = settings.picture_mirror
        self._most_bytes = settings.most_picture_bytes
        self._room_bytes = settings.kept_picture_bytes
        limits = FetchLimits(
            most_bytes=settings.most_picture_bytes,
            total_seconds=_TOTAL_SECONDS,
            connect_seconds=_CONNECT_SECONDS,
            allowed=settings.picture_networks,
        )
        self._executor = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="pictures")
        self._fetchers: queue.SimpleQueue[Fetcher] = queue.SimpleQueue()  # one for each thread of the executor
        for _ in range(_AT_ONCE):
            self._fetchers.put(Fetcher(_USER_AGENT, limits))
        self._kept: OrderedDict[str, Picture | Missing] = OrderedDict()
        self._kept_bytes = 0
        self._under_way: dict[str, asyncio.Future[Picture | Missing]] = {}

    async def fetch(self, url: str) -> Picture | Missing:
        """The picture at an address, or why there is none. Unavailable when too many are waited for.

        However many ask for one, it is fetched once.
        """
        known = self._look_up(url)
        if known is not None:
            return known
        under_way = self._under_way.get(url)
        if under_way is None:
            if len(self._under_way) >= _MOST_WAITING:
                raise Unavailable("too many pictures at once")
            under_way = asyncio.get_running_loop().run_in_executor(self._executor, self._fetch, url)
            self._under_way[url] = under_way
            under_way.add_done_callback(lambda done: self._take(url, done))
        return await asyncio.shield(under_way)

    async def close(self) -> None:
        """Let go of connections, once what is being fetched has ended."""
        await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)
        while not self._fetchers.empty():
            with self._fetchers.get():
                pass

    def _look_up(self, url: str) -> Picture | Missing | None:
        known = self._kept.get(url)
        if isinstance(known, Missing) and time.monotonic() - known.since > _MISSING_SECONDS:
            del self._kept[url]
            return None
        if known is not None:
            self._kept.move_to_end(url)
        return known

    def _take(self, url: str, done: asyncio.Future[Picture | Missing]) -> None:
        del self._under_way[url]
        if done.cancelled() or done.exception() is not None:
            return
        self._kept[url] = found = done.result()
        self._kept_bytes += _size(found)
        while self._kept_bytes > self._room_bytes or len(self._kept) > _MOST_KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= _size(oldest)

    def _fetch(self, url: str) -> Picture | Missing:
        """In a thread of the executor."""
        content = None if self._mirror is None else read_mirrored(self._mirror, url, self._most_bytes)
        if content is None:
            fetcher = self._fetchers.get()
            try:
                fetched = fetcher.fetch(url, {"Accept": _ACCEPTED})
            except FetchFailed as error:
                return self._miss(url, str(error))
            finally:
                self._fetchers.put(fetcher)
            if fetched.status != 200:
                return self._miss(url, f"its server answered {fetched.status}")
            content = fetched.content
        kind = sniff_picture(content)
        return self._miss(url, "it is no JPEG, PNG, GIF, WebP or AVIF") if kind is None else Picture(content, kind)

    def _miss(self, url: str, reason: str) -> Missing:
        _log.info("no picture", url=url, reason=reason)
        return Missing(reason, time.monotonic())


def _size(found: Picture | Missing) -> int:
    return len(found.content) if isinstance(found, Picture) else 0
