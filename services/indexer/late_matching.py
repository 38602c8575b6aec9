"""Articles that were indexed in the moment before every indexer knew a new saved search: found by one look into the index.

The record of a saved search comes to one indexer only, as that of an article does, and is not done with before this was looked up.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from services.indexer.core.documents import Action
from services.indexer.core.verifying import for_languages
from services.indexer.saved_searches import SavedSearch, SavedSearches
from shared.elastic import failure_of
from shared.events import format_time
from shared.failures import Unavailable
from shared.indices import ARTICLES, language_field
from shared.logs import get_logger

_log = get_logger(__name__)
#: So long after it was saved, every indexer knows a search: each asks for new ones several times a second.
KNOWN_SECONDS = 2.0
#: So long after it was saved, what was to be found is found: a record that is read again later has nothing to add.
_LOOKED_UP_SECONDS = 3600.0
#: For so long what a search was told is remembered. Its record comes as it is saved, mostly.
_REMEMBERED_SECONDS = 60.0
#: How far the clocks of two machines may be apart.
_CLOCKS_SECONDS = 5.0
_FORBIDDEN = 403
_MOST_ARTICLES = 1000
_MOST_LANGUAGES = 200
#: What is found stands for no record in Kafka.
_NOWHERE = ("", 0, 0)
_SHOWN = ["article_id", "revision", "headline", "url", "publisher", "section", "language", "date"]


class LateMatches:
    """Looks for what new searches missed, and remembers what they were told. For threads."""

    def __init__(self, client: Elasticsearch, searches: SavedSearches, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._searches = searches
        self._sleep = sleep
        self._remembering = threading.Lock()
        #: Matches of searches that are new, by what their ids are made of, with the time after which they are of no use.
        self._told: dict[tuple[str, str, int], float] = {}

    def remember(self, search_id: str, article: Action) -> None:
        """The search was told of the article when that was indexed."""
        search = self._searches.get(search_id)
        now = time.time()
        if search is None or now - search.created_seconds > _REMEMBERED_SECONDS:
            return
        with self._remembering:
            while self._told and next(iter(self._told.values())) < now:
                del self._told[next(iter(self._told))]
            self._told[search_id, article.id, article.revision] = now + _REMEMBERED_SECONDS

    def find(self, saved: Mapping[str, float]) -> dict[str, list[Action]]:
        """The articles that fit some searches, and of which these were not told; by their ids, with when they were saved.

        Waits until all indexers know the searches: what is indexed from then on is compared with them. Raises Unavailable and
        Misconfigured.
        """
        now = time.time()
        young = [created for created in saved.values() if now - created < _LOOKED_UP_SECONDS]
        if not young:
            return {}
        self._sleep(min(KNOWN_SECONDS, max(0.0, max(young) + KNOWN_SECONDS - now)))
        searches = [search for own_id in saved if (search := self._searches.get(own_id)) and search.created_seconds >= min(young)]
        self._refresh()
        fields = self._languages_since(min(young))
        return {search.search_id: self._find_one(search, fields) for search in searches} if fields else {}

    def _refresh(self) -> None:
        try:
            self._client.indices.refresh(index=ARTICLES)
        except ApiError as error:
            if error.meta.status != _FORBIDDEN:  # without the right to refresh, what the index shows by itself is looked through
                raise failure_of(error, "looking for what a new saved search missed") from error
        except TransportError as error:
            raise failure_of(error, "looking for what a new saved search missed") from error

    def _languages_since(self, seconds: float) -> list[str]:
        """The fields that the articles have their texts in which came since then: none, mostly."""
        languages = {"terms": {"field": "language", "size": _MOST_LANGUAGES, "missing": "und"}}
        answer = self._search(size=0, query={"bool": {"filter": _since(seconds)}}, aggs={"languages": languages})
        buckets = answer["aggregations"]["languages"]["buckets"]
        return sorted({language_field(bucket["key"]) for bucket in buckets})

    def _find_one(self, search: SavedSearch, fields: Sequence[str]) -> list[Action]:
        condition = orjson.loads(for_languages(search.query, fields))
        try:
            answer = self._search(
                size=_MOST_ARTICLES,
                query={"bool": {"filter": [condition, *_since(search.created_seconds)]}},
                source_includes=_SHOWN,
                version=True,
            )
        except _Refused as reason:
            _log.error("what a new saved search missed is not known", search=search.search_id, reason=str(reason))
            return []
        hits = answer["hits"]["hits"]
        found = [Action(_NOWHERE, ARTICLES, hit["_id"], hit["_version"], orjson.dumps(hit["_source"])) for hit in hits]
        return [article for article in found if (search.search_id, article.id, article.revision) not in self._told]

    def _search(self, **asked: Any) -> dict[str, Any]:
        try:
            answer = self._client.search(index=ARTICLES, allow_partial_search_results=False, track_total_hits=False, **asked)
        except ApiError as error:
            if error.meta.status == 400:
                raise _Refused(str(error)[:500]) from error
            raise failure_of(error, "looking for what a new saved search missed") from error
        except TransportError as error:
            raise failure_of(error, "looking for what a new saved search missed") from error
        found: dict[str, Any] = answer.body
        return found


class _Refused(Unavailable):
    """Elasticsearch does not take a condition: it asks too much, in so many languages."""


def _since(seconds: float) -> list[dict[str, Any]]:
    """What was indexed since a search was saved, and had come in by then; articles do not say when they were accepted."""
    saved = datetime.fromtimestamp(seconds, UTC)
    indexed = saved - timedelta(seconds=_CLOCKS_SECONDS)
    return [
        {"range": {"date_indexed": {"gte": format_time(indexed)}}},
        {"range": {"date_retrieved": {"gte": format_time(saved)}}},
    ]
