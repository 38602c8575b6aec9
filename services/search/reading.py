"""The only module that talks to Elasticsearch: bodies of `core.queries` go out, complete answers come back to `core.results`."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from services.search.core import queries, results
from services.search.core.answers import (
    Article,
    ArticleSummary,
    Comment,
    CommentsAnswer,
    Hit,
    MostPopular,
    RecentComment,
    SearchAnswer,
    Tombstone,
)
from services.search.core.cursors import Place, build_cursor, parse_cursor
from services.search.core.parameters import PopularFilters, PopularParameters, SearchParameters
from services.search.core.popular import MergedList, choose_parts, merge_parts, wanted_groups
from services.search.settings import ReadingSettings
from shared.elastic import failure_of
from shared.failures import Unavailable
from shared.indices import ARTICLES, COMMENTS, MOST_POPULAR

#: How many articles of a list are looked up at a time, until enough are found that are still published.
_LOOKED_UP = 100
#: How many times comments are asked for when those that came are on articles that are not published.
_MOST_ROUNDS = 5
_COMMENT_PLACE = (int, str)
#: How long an overview is good: as long as Elasticsearch takes to show a new article.
_KEPT_SECONDS = 1.0
#: On top of the time that Elasticsearch is given, for the way there and back.
_ON_THE_WAY_SECONDS = 1.0

ANY_ARTICLE = PopularFilters()


class TooComplex(ValueError):
    """A search that Elasticsearch refuses, for it would have to look for too many words in too many languages."""


class Reading:
    """Everything that is read. Raises Unavailable when Elasticsearch does not answer completely, Misconfigured as `failure_of`."""

    def __init__(self, client: AsyncElasticsearch, settings: ReadingSettings) -> None:
        self._client = client.options(request_timeout=settings.timeout_seconds + _ON_THE_WAY_SECONDS)
        self._timeout_seconds = settings.timeout_seconds
        self._overview: results.Overview | None = None
        self._overview_since = 0.0
        self._free = asyncio.Semaphore(settings.concurrent_searches)

    async def search(self, parameters: SearchParameters) -> SearchAnswer:
        """One page of hits. Raises InvalidCursor and TooComplex."""
        after = None
        if parameters.cursor is not None:
            after = parse_cursor(parameters.cursor, parameters.fingerprint, results.cursor_kinds(parameters))
        fields = (await self.fetch_overview()).language_fields
        # The same search goes to the same copies of the shards, so that scores agree from page to page.
        answer = await self._fetch(ARTICLES, queries.build_search(parameters, fields, after), preference=parameters.fingerprint)
        return results.build_search_answer(answer, parameters)

    async def fetch_article(self, article_id: str) -> Article | Tombstone | None:
        """An article, what is left of a retracted one, or None."""
        return results.parse_article(await self._fetch(ARTICLES, queries.build_article(article_id)))

    async def fetch_related(self, article: Article, size: int) -> tuple[ArticleSummary, ...]:
        """What is like an article."""
        return results.parse_summaries(await self._fetch(ARTICLES, queries.build_related(article, size)))

    async def fetch_latest(self) -> tuple[Hit, ...]:
        """The newest articles."""
        return results.parse_hits(await self._fetch(ARTICLES, queries.build_latest()))

    async def fetch_overview(self) -> results.Overview:
        """What the index holds, or held a second ago: every search and every page needs it."""
        if self._overview is None or time.monotonic() - self._overview_since > _KEPT_SECONDS:
            self._overview = results.parse_overview(await self._fetch(ARTICLES, queries.build_overview()))
            self._overview_since = time.monotonic()
        return self._overview

    async def fetch_comments(self, article_id: str, size: int, cursor: str | None = None) -> CommentsAnswer:
        """Comments on an article, newest first. Raises InvalidCursor."""
        fingerprint = f"comments:{article_id}"
        after = None if cursor is None else parse_cursor(cursor, fingerprint, _COMMENT_PLACE)
        comments, places = await self._fetch_comments(article_id, size + 1, after)
        return CommentsAnswer(
            article_id=article_id,
            comments=comments[:size],
            cursor=build_cursor(fingerprint, places[size - 1]) if len(comments) > size else None,
        )

    async def fetch_recent_comments(self, size: int) -> tuple[RecentComment, ...]:
        """The newest comments on articles that are published."""
        recent: list[RecentComment] = []
        after = None
        for _ in range(_MOST_ROUNDS):
            comments, places = await self._fetch_comments(None, 2 * size, after)
            articles = await self._fetch_summaries({comment.article_id for comment in comments}, ANY_ARTICLE)
            known = {article.article_id: article for article in articles}
            recent += [
                RecentComment(article=known[comment.article_id], **comment.model_dump())
                for comment in comments
                if comment.article_id in known
            ]
            if len(recent) >= size or len(comments) < 2 * size:
                break
            after = places[-1]
        return tuple(recent[:size])

    async def fetch_most_popular(self, parameters: PopularParameters) -> MostPopular:
        """The lists of all partitions together, less what is not published or does not pass the filters."""
        merged = await self._fetch_merged(parameters)
        wanted, pinned = parameters.size, parameters.pin
        articles = list(await self._fetch_summaries(pinned, ANY_ARTICLE))
        entries = results.build_entries(merged.places, articles, pinned)
        looked_up = 0
        while len(entries) < wanted and looked_up < len(merged.places):
            places = merged.places[looked_up : looked_up + _LOOKED_UP]
            articles += await self._fetch_summaries([place.entry.article_id for place in places], parameters)
            looked_up += len(places)
            entries = results.build_entries(merged.places, articles, pinned)
        shown = entries[:wanted]
        return MostPopular(
            measure=parameters.measure,
            window=parameters.listed_window,
            as_of=merged.as_of,
            is_complete=len(shown) == wanted or not merged.is_cut,
            entries=results.explain_entries(shown, merged.places) if parameters.explain else shown,
        )

    async def _fetch_merged(self, parameters: PopularParameters) -> MergedList:
        groups, days = wanted_groups(parameters), parameters.published_within_days
        group_ids = [group.id for group in groups if group.id is not None]
        body = queries.build_lists(parameters.measure, parameters.listed_window, group_ids, days)
        found = results.parse_lists(await self._fetch(MOST_POPULAR, body))
        return merge_parts(choose_parts(found, groups, days))

    async def _fetch_comments(
        self, article_id: str | None, size: int, after: Place | None
    ) -> tuple[tuple[Comment, ...], list[Place]]:
        answer = await self._fetch(COMMENTS, queries.build_comments(article_id, size, after))
        return results.parse_comments(answer), [tuple(hit["sort"]) for hit in answer["hits"]["hits"]]

    async def _fetch_summaries(self, article_ids: Iterable[str], filters: PopularFilters) -> tuple[ArticleSummary, ...]:
        wanted = sorted(article_ids)
        if not wanted:
            return ()
        return results.parse_summaries(await self._fetch(ARTICLES, queries.build_summaries(wanted, filters)))

    async def _fetch(self, alias: str, body: dict[str, Any], preference: str | None = None) -> dict[str, Any]:
        """A complete answer, or a failure."""
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
        gap = results.find_gap(answer)
        if gap is not None:
            raise Unavailable(f"{what}: {gap}")
        return answer

    async def _wait_for_turn(self, what: str) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise Unavailable(f"{what}: too many searches at once") from error
