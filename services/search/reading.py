"""What readers and programs ask for: bodies of `core` go to Elasticsearch, its answers come back through `core` as data."""

import asyncio
import secrets
import time
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from elasticsearch import AsyncElasticsearch

from services.search.collapsed import fetch_collapsed
from services.search.complete_answers import CompleteAnswers
from services.search.core import completing, corrections, queries, results, search_body, search_results
from services.search.core.answers import (
    Article,
    ArticleSummary,
    Comment,
    CommentsAnswer,
    Completions,
    Histogram,
    Hit,
    MostPopular,
    RecentComment,
    SearchAnswer,
    Tombstone,
)
from services.search.core.collapsing import stories_of
from services.search.core.cursors import Place, build_cursor, parse_cursor
from services.search.core.other_versions import OtherVersions, build_other_versions, parse_other_versions
from services.search.core.paging import Page, first_page, parse_page_cursor
from services.search.core.parameters import PopularFilters, PopularParameters, SearchParameters
from services.search.core.popular import MergedList, choose_parts, merge_parts, wanted_groups
from services.search.core.query_compiler import can_relax
from services.search.core.query_errors import QueryError
from services.search.core.query_language import LONGEST_QUERY
from services.search.lately import Lately
from services.search.marked import fetch_marked
from services.search.settings import ReadingSettings
from shared.indices import ARTICLES, COMMENTS, MOST_POPULAR
from shared.logs import get_logger

#: How many articles of a list are looked up at a time, until enough are found that are still published.
_LOOKED_UP = 100
#: How many times comments are asked for when those that came are on articles that are not published.
_MOST_ROUNDS = 5
_COMMENT_PLACE = (int, str)
#: How old an overview may be: Elasticsearch takes as long to show a new article. One a little older is good while it is renewed.
_FRESH_SECONDS, _STALE_SECONDS = 1.0, 5.0

_log = get_logger(__name__)

ANY_ARTICLE = PopularFilters()


class Reading:
    """Everything that is read. Raises what `CompleteAnswers` raises."""

    def __init__(self, client: AsyncElasticsearch, settings: ReadingSettings) -> None:
        self._answers = CompleteAnswers(client, settings)
        self._overview: results.Overview | None = None
        self._overview_since = 0.0
        self._renewal: asyncio.Task[results.Overview] | None = None
        #: What pages show that may be a moment old.
        self.lately = Lately()
        #: What cursors are signed with.
        self.cursor_key = _cursor_key(settings)

    async def search(self, parameters: SearchParameters) -> SearchAnswer:
        """One page of hits. Raises InvalidCursor, QueryError and TooComplex."""
        page = first_page(time.time())
        if parameters.cursor is not None:
            page = parse_page_cursor(self.cursor_key, parameters.fingerprint, parameters.cursor)
        fields = (await self.fetch_overview()).language_fields
        answer, looked_until = await self._fetch_page(parameters, fields, page)
        did_you_mean = None
        total = search_results.count_found(answer)
        if parameters.cursor is None and parameters.q and total <= corrections.FEW_FOUND:
            did_you_mean, relaxed = await asyncio.gather(
                self._correct(parameters, fields, page, total), self._relax(parameters, fields, page, total)
            )
            page, answer, looked_until = relaxed or (page, answer, looked_until)
        histogram, others, answer = await asyncio.gather(
            self._fetch_histogram(parameters, fields, page, answer),
            self._fetch_others(parameters, answer),
            self._mark(parameters, answer),
        )
        found = search_results.build_search_answer(answer, parameters, page, self.cursor_key, looked_until)
        hits = found.hits if others is None else search_results.add_also_in(found.hits, others)
        return found.model_copy(update={"did_you_mean": did_you_mean, "histogram": histogram, "hits": hits})

    async def _fetch_page(
        self, parameters: SearchParameters, fields: tuple[str, ...], page: Page
    ) -> tuple[dict[str, Any], Place | None]:
        """What Elasticsearch answers, and until where was looked, see `fetch_collapsed`."""
        # The same search goes to the same copies of the shards, so that scores agree from page to page.
        ask = partial(self.fetch, ARTICLES, preference=parameters.fingerprint)
        if parameters.collapse:
            return await fetch_collapsed(ask, parameters, fields, page)
        return await ask(search_body.build_search(parameters, fields, page)), None

    async def _mark(self, parameters: SearchParameters, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer with highlights, where they are asked for."""
        if not parameters.highlight or not parameters.wants("highlights"):
            return answer
        hits = answer["hits"]["hits"]
        ask = partial(self.fetch, ARTICLES, preference=parameters.fingerprint)
        marked = await fetch_marked(ask, parameters.query, hits[: parameters.size])
        return {**answer, "hits": {**answer["hits"], "hits": [*marked, *hits[parameters.size :]]}}

    async def _relax(
        self, parameters: SearchParameters, fields: tuple[str, ...], page: Page, total: int
    ) -> tuple[Page, dict[str, Any], Place | None] | None:
        """What has most of the words, where nothing has them all."""
        if total or not can_relax(parameters.query):
            return None
        relaxed = replace(page, is_relaxed=True)
        answer, looked_until = await self._fetch_page(parameters, fields, relaxed)
        return (relaxed, answer, looked_until) if search_results.count_found(answer) else None

    async def _correct(self, parameters: SearchParameters, fields: tuple[str, ...], page: Page, total: int) -> str | None:
        """The query with its words corrected, if that finds more than `total` articles."""
        query = parameters.query
        asked = None if query is None else corrections.build_suggestions(query)
        if query is None or asked is None:
            return None
        q = corrections.correct(parameters.q, query, await self.fetch(ARTICLES, asked))
        if q is None or len(q) > LONGEST_QUERY:
            return None
        try:
            body = search_body.build_count(parameters.model_copy(update={"q": q}), fields, page)
        except QueryError:  # a word became one of the language's own
            return None
        return q if search_results.count_found(await self.fetch(ARTICLES, body)) > total else None

    async def _fetch_histogram(
        self, parameters: SearchParameters, fields: tuple[str, ...], page: Page, answer: dict[str, Any]
    ) -> Histogram | None:
        span = search_results.parse_span(answer)
        if span is None:
            return None
        interval = search_body.choose_interval(*span)
        body = search_body.build_histogram(parameters, fields, page, interval)
        return search_results.parse_histogram(await self.fetch(ARTICLES, body), interval)

    async def _fetch_others(self, parameters: SearchParameters, answer: dict[str, Any]) -> dict[str, Any] | None:
        """The other articles of the stories of a page, where they are asked for."""
        story_ids = sorted(stories_of(answer["hits"]["hits"][: parameters.size]))
        if parameters.collapse is None or not parameters.wants("also_in") or not story_ids:
            return None
        return await self.fetch(ARTICLES, search_body.build_also_in(story_ids))

    async def complete(self, prefix: str, size: int) -> Completions:
        """Names and keywords that begin like this."""
        return completing.parse_completions(await self.fetch(ARTICLES, completing.build_completion(prefix, size)))

    async def fetch_article(self, article_id: str) -> Article | Tombstone | None:
        """An article, what is left of a retracted one, or None."""
        return results.parse_article(await self.fetch(ARTICLES, queries.build_article(article_id)))

    async def fetch_related(self, article: Article, size: int) -> tuple[ArticleSummary, ...]:
        """What is like an article."""
        return results.parse_related(await self.fetch(ARTICLES, queries.build_related(article, size)), size)

    async def fetch_other_versions(self, article: Article) -> OtherVersions:
        """Who else tells an article's story, and the article in other languages."""
        return parse_other_versions(await self.fetch(ARTICLES, build_other_versions(article)), article)

    async def fetch_latest(self) -> tuple[Hit, ...]:
        """The newest articles."""
        return results.parse_hits(await self.fetch(ARTICLES, queries.build_latest()))

    async def fetch_headlines(self, size: int) -> tuple[ArticleSummary, ...]:
        """A few of the newest articles."""
        return results.parse_summaries(await self.fetch(ARTICLES, queries.build_headlines(size)))

    async def fetch_overview(self) -> results.Overview:
        """What the index holds, or held a moment ago: every search and every page needs it, and nearly none waits for it."""
        age_seconds = time.monotonic() - self._overview_since
        if self._overview is not None and age_seconds <= _FRESH_SECONDS:
            return self._overview
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew_overview())
            self._renewal.add_done_callback(_take_failure)
        if self._overview is not None and age_seconds <= _STALE_SECONDS:
            return self._overview
        return await asyncio.shield(self._renewal)

    async def _renew_overview(self) -> results.Overview:
        asked = time.monotonic()
        self._overview = results.parse_overview(await self.fetch(ARTICLES, queries.build_overview()))
        self._overview_since = asked
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
        found = results.parse_lists(await self.fetch(MOST_POPULAR, body))
        return merge_parts(choose_parts(found, groups, days))

    async def _fetch_comments(
        self, article_id: str | None, size: int, after: Place | None
    ) -> tuple[tuple[Comment, ...], list[Place]]:
        answer = await self.fetch(COMMENTS, queries.build_comments(article_id, size, after))
        return results.parse_comments(answer), [tuple(hit["sort"]) for hit in answer["hits"]["hits"]]

    async def _fetch_summaries(self, article_ids: Iterable[str], filters: PopularFilters) -> tuple[ArticleSummary, ...]:
        wanted = sorted(article_ids)
        if not wanted:
            return ()
        return results.parse_summaries(await self.fetch(ARTICLES, queries.build_summaries(wanted, filters)))

    async def fetch(self, alias: str, body: dict[str, Any], preference: str | None = None) -> dict[str, Any]:
        """A complete answer to a body, see `CompleteAnswers`."""
        return await self._answers.fetch(alias, body, preference)


def _cursor_key(settings: ReadingSettings) -> bytes:
    if settings.cursor_key is not None:
        return settings.cursor_key.get_secret_value().encode()
    _log.warning("no cursor key is set: cursors are good for this process only", setting="DATELINE_SEARCH_CURSOR_KEY")
    return secrets.token_bytes(32)


def _take_failure(renewal: asyncio.Task[results.Overview]) -> None:
    """Whoever waits for it gets its failure; when nobody does, the next one to come tries again."""
    if not renewal.cancelled():
        renewal.exception()
