"""The one way to Elasticsearch for all that is searched: a complete answer, or a failure (failure-modes F23)."""

import asyncio
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from services.search.core.results import find_gap
from services.search.settings import ReadingSettings
from shared.elastic import failure_of
from shared.failures import Unavailable

#: On top of the time that Elasticsearch is given, for the way there and back.
_ON_THE_WAY_SECONDS = 1.0


class TooComplex(ValueError):
    """A search that Elasticsearch refuses, for it would have to look for too many words in too many languages."""


class CompleteAnswers:
    """Sends bodies, so many at once. Raises Unavailable when an answer is not complete, TooComplex, or as `failure_of`."""

    def __init__(self, client: AsyncElasticsearch, settings: ReadingSettings) -> None:
        self._client = client.options(request_timeout=settings.timeout_seconds + _ON_THE_WAY_SECONDS)
        self._timeout_seconds = settings.timeout_seconds
        self._free = asyncio.Semaphore(settings.concurrent_searches)

    async def fetch(self, alias: str, body: dict[str, Any], preference: str | None = None) -> dict[str, Any]:
        """What `_search` answers. Searches of the same `preference` go to the same copies of the shards."""
        what = f"searching {alias}"
        await self._wait_for_turn(what)
        try:
            response = await self._client.search(
                index=alias,
                body={**body, "timeout": f"{round(self._timeout_seconds * 1000)}ms"},
                allow_partial_search_results=False,
                preference=preference,
            )
        except (ApiError, TransportError) as error:
            if isinstance(error, ApiError) and error.meta.status == 400 and "too_many" in str(error.body):
                raise TooComplex("too many words for an index of so many languages: search for fewer") from error
            raise failure_of(error, what) from error
        finally:
            self._free.release()
        answer: dict[str, Any] = response.body
        gap = find_gap(answer)
        if gap is not None:
            raise Unavailable(f"{what}: {gap}")
        return answer

    async def _wait_for_turn(self, what: str) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise Unavailable(f"{what}: too many searches at once") from error
