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


def failure_of_search(error: ApiError | TransportError, what: str) -> Exception:
    """What a failed search means: TooComplex, or as `failure_of`."""
    if isinstance(error, ApiError) and error.meta.status == 400 and "too_many" in str(error.body):
        return TooComplex("too many words for an index of so many languages: search for fewer")
    return failure_of(error, what)


def require_complete(answer: dict[str, Any], what: str) -> dict[str, Any]:
    """The answer; Unavailable when it is only what some shards know."""
    gap = find_gap(answer)
    if gap is not None:
        raise Unavailable(f"{what}: {gap}")
    return answer


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
            raise failure_of_search(error, what) from error
        finally:
            self._free.release()
        return require_complete(response.body, what)

    async def _wait_for_turn(self, what: str) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise Unavailable(f"{what}: too many searches at once") from error
