"""Whole results, page by page, as they were at one point in time: no article that changes meanwhile is missed or told twice."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from services.search.complete_answers import failure_of_search, require_complete
from services.search.core.exports import build_export
from services.search.settings import ReadingSettings
from shared.elastic import failure_of
from shared.failures import Unavailable
from shared.indices import ARTICLES

Json = dict[str, Any]

#: How long a reader may take for one page. Elasticsearch keeps what the point in time needs until then.
KEPT_SECONDS = 60
#: A page of an export is large, and nobody waits for it to be shown.
_PAGE_SECONDS = 30.0


class WholeResult:
    """All articles that fit a query; to be closed. Raises what `failure_of_search` and `require_complete` do."""

    def __init__(self, client: AsyncElasticsearch, query: Json, columns: Sequence[str], page_size: int) -> None:
        self._client = client.options(request_timeout=_PAGE_SECONDS)
        self._query = query
        self._columns = columns
        self._page_size = page_size
        self._point_in_time: str | None = None
        self._first: Json = {}
        self.total = 0

    async def open(self) -> None:
        """Read the first page; afterwards `total` is known, which is exact."""
        try:
            opened = await self._client.open_point_in_time(index=ARTICLES, keep_alive=f"{KEPT_SECONDS}s")
        except (ApiError, TransportError) as error:
            raise failure_of(error, "exporting") from error
        self._point_in_time = opened["id"]
        self._first = await self._fetch(None)
        self.total = self._first["hits"]["total"]["value"]

    async def pages(self) -> AsyncIterator[list[Json]]:
        """The documents of each page; the next one is read when it is asked for."""
        hits = self._first["hits"]["hits"]
        self._first = {}
        while hits:
            yield [hit["_source"] for hit in hits]
            if len(hits) < self._page_size:
                return
            hits = (await self._fetch(hits[-1]["sort"]))["hits"]["hits"]

    async def close(self) -> None:
        """Let go of the point in time. Where that fails Elasticsearch does so itself after some time."""
        if self._point_in_time is not None:
            with suppress(ApiError, TransportError):
                await self._client.options(request_timeout=2, max_retries=0).close_point_in_time(id=self._point_in_time)
            self._point_in_time = None

    async def _fetch(self, after: Sequence[Any] | None) -> Json:
        body = build_export(self._query, self._columns, self._page_size, after)
        body |= {"pit": {"id": self._point_in_time, "keep_alive": f"{KEPT_SECONDS}s"}, "timeout": f"{_PAGE_SECONDS:.0f}s"}
        try:
            response = await self._client.search(body=body, allow_partial_search_results=False)
        except (ApiError, TransportError) as error:
            raise failure_of_search(error, "exporting") from error
        answer: Json = require_complete(response.body, "exporting")
        self._point_in_time = answer.get("pit_id", self._point_in_time)
        return answer


class Exports:
    """The exports that are under way: at most so many."""

    def __init__(self, client: AsyncElasticsearch, settings: ReadingSettings) -> None:
        self._client = client
        self._free = settings.concurrent_exports
        #: How many articles one export may hold.
        self.most_rows = settings.export_rows

    async def open(self, query: Json, columns: Sequence[str], page_size: int) -> WholeResult:
        """A result that is open; to be given back by `close`. Raises Unavailable when there are too many."""
        if not self._free:
            raise Unavailable("so many exports are under way already that no other can begin")
        self._free -= 1
        result = WholeResult(self._client, query, columns, page_size)
        try:
            await result.open()
        except BaseException:
            await self.close(result)
            raise
        return result

    async def close(self, result: WholeResult) -> None:
        """Give a result back."""
        self._free += 1
        await result.close()
