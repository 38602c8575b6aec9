"""Compares articles with all saved searches: their terms tell nearly everything, and Elasticsearch is asked for the rest.

Why not one request with all conditions: docs/decisions/0018-saved-searches.md has what that costs.
"""

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

import orjson
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, NotFoundError

from services.indexer.core.conditions import MAYBE, NO, ArticleTerms, judge
from services.indexer.core.documents import Action, Json
from services.indexer.core.verifying import build_verification, parse_verified
from services.indexer.filing import FiledSearches, Language, field_of
from services.indexer.matching_index import ensure_matching_index, fetch_articles_names
from services.indexer.saved_searches import SavedSearches
from services.indexer.terms import fetch_article_terms
from shared.elastic import failure_of
from shared.events import parse_seconds
from shared.failures import Unavailable
from shared.indices import MATCHING

#: Conditions of one request: many of them take much of the memory of Elasticsearch.
_CONDITIONS_AT_ONCE = 50
#: How often it is looked whether articles are analysed in another way now.
_LOOK_SECONDS = 15.0
_JSON = "application/vnd.elasticsearch+json; compatible-with=8"
_REFUSED = (400, 413)


class Matcher:
    """Compares the articles of a batch with all saved searches; for several threads."""

    def __init__(self, client: Elasticsearch, searches: SavedSearches, look_seconds: float = _LOOK_SECONDS) -> None:
        self._client = client
        self._searches = searches
        self._look_seconds = look_seconds
        self._filed: FiledSearches | None = None
        self._looking = threading.Lock()
        #: What stood behind the alias of articles when it was last looked, and when to look again, on the monotonic clock.
        self._names: frozenset[str] = frozenset()
        self._look_at = 0.0

    def find(self, articles: Sequence[Action]) -> list[list[str]]:
        """For each article, no two with the same id, the ids of the searches that it fits. Raises Unavailable and Misconfigured."""
        filed = self._look()
        documents = [action.content() for action in articles]
        try:
            found = fetch_article_terms(self._client, filed.index, documents)
            fitting: list[set[str]] = []
            unsure: dict[str, list[int]] = {}
            for number, (action, document, terms) in enumerate(zip(articles, documents, found, strict=True)):
                fitting.append(self._judge(action, filed.language(field_of(document)), terms, number, unsure))
            for number, search_id in self._verify(filed.index, articles, documents, unsure):
                fitting[number].add(search_id)
        except Unavailable:
            self._names = frozenset()  # if it was for the index that is gone, it is made again
            self._look_at = 0.0
            raise
        return [sorted(each) for each in fitting]

    def _look(self) -> FiledSearches:
        """The searches as articles are analysed now: filed anew when an index of articles was built anew with another analysis."""
        with self._looking:
            if self._filed is None or time.monotonic() >= self._look_at:
                names = fetch_articles_names(self._client)
                if self._filed is None or names != self._names:
                    index = ensure_matching_index(self._client)
                    if self._filed is None or index != self._filed.index:
                        self._filed = FiledSearches(self._client, self._searches, index)
                self._names = names
                self._look_at = time.monotonic() + self._look_seconds
            return self._filed

    def _judge(
        self, action: Action, language: Language, terms: ArticleTerms, number: int, unsure: dict[str, list[int]]
    ) -> set[str]:
        """The searches that it is sure to fit; those that it may fit are added to `unsure`."""
        accepted = parse_seconds(action.accepted)
        fitting = set()
        for search_id in language.filed.find(terms):
            search = self._searches.get(search_id)
            if search is None or (accepted is not None and accepted < search.created_seconds):
                continue
            verdict = judge(search.condition, terms, language.analyse)
            if verdict == MAYBE:
                unsure.setdefault(search_id, []).append(number)
            elif verdict != NO:
                fitting.add(search_id)
        return fitting

    def _verify(
        self, index: str, articles: Sequence[Action], documents: Sequence[Json], unsure: Mapping[str, list[int]]
    ) -> list[tuple[int, str]]:
        """Of the pairs that are not sure, those that Elasticsearch finds."""
        if not unsure:
            return []
        numbers = sorted({number for each in unsure.values() for number in each})
        mark = uuid.uuid4().hex
        ids = {f"{mark}.{number}": number for number in numbers}
        lines = [part for own_id, number in ids.items() for part in (_index_line(index, own_id), articles[number].source, b"\n")]
        place_of = {articles[number].id: number for number in numbers}
        try:
            self._write(b"".join(lines))
            pairs: list[tuple[str, str]] = []
            for field, some in _by_language(documents, numbers).items():
                of_language = [own_id for own_id, number in ids.items() if number in some]
                asked = [own_id for own_id, unsure_of in unsure.items() if not some.isdisjoint(unsure_of)]
                for first in range(0, len(asked), _CONDITIONS_AT_ONCE):
                    chunk = asked[first : first + _CONDITIONS_AT_ONCE]
                    queries = {own_id: search.query for own_id in chunk if (search := self._searches.get(own_id)) is not None}
                    pairs += self._ask(index, queries, [field], of_language) if queries else []
        finally:
            self._forget(index, list(ids))
        # Only what was unsure: an article may be older than a search that another one of the batch fits.
        return [(place_of[own_id], search_id) for search_id, own_id in pairs if place_of[own_id] in unsure[search_id]]

    def _write(self, body: bytes) -> None:
        try:
            answer = self._client.bulk(operations=cast("Any", body), refresh=True, filter_path="errors,items.*.error")
        except (ApiError, TransportError) as error:
            raise failure_of(error, "comparing articles with saved searches") from error
        if answer.get("errors"):
            raise Unavailable(f"Elasticsearch does not take articles for comparison: {str(answer.get('items'))[:300]}")

    def _ask(self, index: str, queries: Mapping[str, str], fields: Sequence[str], ids: Sequence[str]) -> list[tuple[str, str]]:
        """Which search fits which article (its id). Where a request is refused, the one condition that is at fault is dropped."""
        try:
            answer = self._client.perform_request(
                "POST",
                f"/{index}/_search",
                params={"filter_path": "timed_out,_shards.failed,aggregations.searches.buckets.*.articles.buckets.key"},
                headers={"accept": _JSON, "content-type": _JSON},
                body=build_verification(queries, fields, ids),
            ).body
        except NotFoundError as error:
            raise Unavailable(f"there is no index {MATCHING} any more") from error
        except ApiError as error:
            if error.meta.status not in _REFUSED:
                raise failure_of(error, "comparing articles with saved searches") from error
            if len(queries) == 1:
                self._searches.drop(next(iter(queries)), str(error)[:500])
                return []
            listed = list(queries.items())
            halves = (dict(listed[: len(listed) // 2]), dict(listed[len(listed) // 2 :]))
            return [pair for half in halves for pair in self._ask(index, half, fields, ids)]
        except TransportError as error:
            raise failure_of(error, "comparing articles with saved searches") from error
        if answer.get("timed_out") or answer["_shards"]["failed"]:
            raise Unavailable("Elasticsearch compared only some articles with saved searches")
        return parse_verified(answer)

    def _forget(self, index: str, ids: Sequence[str]) -> None:
        """Delete what was compared. What is left for a failure is in nobody's way."""
        with suppress(ApiError, TransportError):
            self._client.bulk(index=index, operations=[{"delete": {"_id": own_id}} for own_id in ids], filter_path="errors")


def _by_language(documents: Sequence[Json], numbers: Sequence[int]) -> dict[str, set[int]]:
    """Articles by language: what is asked of one language would only cost memory for the others."""
    grouped: dict[str, set[int]] = {}
    for number in numbers:
        grouped.setdefault(field_of(documents[number]), set()).add(number)
    return grouped


def _index_line(index: str, own_id: str) -> bytes:
    return orjson.dumps({"index": {"_index": index, "_id": own_id, "require_alias": True}}) + b"\n"
