"""What pages need again and again, as it was a moment ago, so that hardly any page waits for it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
#: Elasticsearch takes as long to show a new article. What is a little older is good while it is renewed.
_FRESH_SECONDS, _STALE_SECONDS = 1.0, 5.0
_MOST_KEPT = 500


@dataclass
class _Kept:
    """An answer, when it was asked for (monotonic clock), and the renewal under way."""

    answer: Any = None
    since: float = float("-inf")
    renewal: "asyncio.Task[None] | None" = None


class Lately:
    """Keeps the last answer of each question. Use it from one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    async def ask(self, question: Hashable, fetch: Callable[[], Awaitable[T]]) -> T:
        """The answer of `fetch`, or the one of a moment ago. However many ask at once, it is fetched once.

        Who waits for it gets its failure; when nobody does, the next one to come tries again.
        """
        kept = self._kept.setdefault(question, _Kept())
        self._kept.move_to_end(question)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        age_seconds = self._clock() - kept.since
        if age_seconds > _FRESH_SECONDS:
            if kept.renewal is None or kept.renewal.done():
                kept.renewal = asyncio.create_task(self._renew(kept, fetch))
                kept.renewal.add_done_callback(_take_failure)
            if age_seconds > _STALE_SECONDS:
                await asyncio.shield(kept.renewal)
        answer: T = kept.answer
        return answer

    async def _renew(self, kept: _Kept, fetch: Callable[[], Awaitable[Any]]) -> None:
        asked = self._clock()
        kept.answer = await fetch()
        kept.since = asked


def _take_failure(renewal: "asyncio.Task[None]") -> None:
    if not renewal.cancelled():
        renewal.exception()
