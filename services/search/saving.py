"""Saved searches on their way to Kafka and from Elasticsearch."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from pydantic import SecretStr

from services.search.core import queries, results
from services.search.core.answers import ArticleSummary
from services.search.core.cursors import Place, build_cursor, parse_cursor
from services.search.core.parameters import PopularFilters
from services.search.core.saved import (
    MatchesAnswer,
    SavedSearch,
    build_matches,
    build_saved_count,
    build_saved_query,
    parse_matches,
    parse_saved,
)
from services.search.reading import Reading
from shared.events import Event, encode_event
from shared.indices import ARTICLES, MATCHES, SAVED_SEARCHES
from shared.producing import Producer
from shared.saved_searches import SearchSaved
from shared.settings import KafkaSettings
from shared.topics import SEARCHES
from shared.webhook_signatures import derive_secret

_SOURCE = "dateline/search"
_PLACE = (int, str, int)
_ANY_ARTICLE = PopularFilters()


class SearchPublisher:
    """Sends what is saved to Kafka. It connects when something is saved for the first time: reading needs no Kafka."""

    def __init__(self, settings: KafkaSettings, webhook_key: SecretStr | None) -> None:
        self._settings = settings
        self._webhook_key = webhook_key
        self._connecting = threading.Lock()
        self._producer: Producer | None = None

    @property
    def has_webhooks(self) -> bool:
        """Whether matches can be sent to webhooks."""
        return self._webhook_key is not None

    def secret_of(self, body: SearchSaved) -> str | None:
        """What deliveries to the webhook of a search are signed with, if it has one."""
        if self._webhook_key is None or body.webhook is None:
            return None
        return derive_secret(self._webhook_key.get_secret_value().encode(), body.search_id)

    async def publish(self, body: SearchSaved) -> None:
        """Returns once it is acknowledged. Raises Unavailable and Misconfigured."""
        await asyncio.to_thread(self._send, body)

    def _send(self, body: SearchSaved) -> None:
        with self._connecting:
            if self._producer is None:
                self._producer = Producer(self._settings, "dateline-search")
        now = datetime.now(UTC)
        event = Event(f"{body.search_id}.{body.revision}", _SOURCE, now, now, body)
        self._producer.send_all([encode_event(event, SEARCHES, body.search_id)])

    async def close(self) -> None:
        """Disconnect, where it is connected."""
        if self._producer is not None:
            await asyncio.to_thread(self._producer.close)


class SavedSearches:
    """Reads saved searches and their matches. Raises what `Reading` raises."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def fetch(self, search_id: str) -> SavedSearch | None:
        """A saved search, or None."""
        return parse_saved(await self._reading.fetch(SAVED_SEARCHES, build_saved_query(search_id)))

    async def count(self) -> int:
        """How many there are; one that was saved a moment ago may be missing."""
        answer = await self._reading.fetch(SAVED_SEARCHES, build_saved_count())
        count: int = answer["hits"]["total"]["value"]
        return count

    async def fetch_matches(self, search_id: str, size: int, cursor: str | None) -> MatchesAnswer:
        """A page of matches. Raises InvalidCursor."""
        fingerprint = f"matches:{search_id}"
        after: Place | None = None if cursor is None else parse_cursor(cursor, fingerprint, _PLACE)
        answer = await self._reading.fetch(MATCHES, build_matches(search_id, size + 1, after))
        hits = answer["hits"]["hits"]
        following = build_cursor(fingerprint, tuple(hits[size - 1]["sort"])) if len(hits) > size else None
        answer["hits"]["hits"] = hits[:size]
        articles = await self._fetch_articles({hit["_source"]["article_id"] for hit in hits[:size]})
        return MatchesAnswer(search_id=search_id, matches=parse_matches(answer, articles), cursor=following)

    async def _fetch_articles(self, article_ids: set[str]) -> Sequence[ArticleSummary]:
        if not article_ids:
            return ()
        body = queries.build_summaries(sorted(article_ids), _ANY_ARTICLE)
        return results.parse_summaries(await self._reading.fetch(ARTICLES, body))


def get_saved_searches(request: Request) -> SavedSearches:
    """What reads saved searches for this app."""
    saved: SavedSearches = request.app.state.saved_searches
    return saved


SavedSearchesOf = Annotated[SavedSearches, Depends(get_saved_searches)]
