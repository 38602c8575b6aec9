"""Saved searches: what may be asked, the condition that articles must fit, and what is answered about them.

Before this: `parameters` and `query_compiler`. After it: `services.search.saved_api`, and the indexer, which compares articles.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlsplit

import orjson
from pydantic import Field, field_validator, model_validator

from services.search.core.answers import ArticleSummary, NextCursor
from services.search.core.cursors import Place
from services.search.core.matching import build_matching
from services.search.core.parameters import SearchFilters
from services.search.core.search_body import FACETS
from shared.articles import Frozen, UTCTime, WebURL
from shared.saved_searches import ANY_LANGUAGE, SearchSaved
from shared.text import Line, clean_line

Body = dict[str, Any]
_FILTERS = tuple(name for name in SearchFilters.model_fields if name != "q")


class SavedSearchSubmission(SearchFilters):
    """A search to be saved. At least one word, or one filter."""

    name: Line = Field(default="", max_length=200, description="what its feed is called; `q` if absent")
    webhook: WebURL | None = Field(default=None, description="where matches are sent, as they come, by POST")

    @field_validator("webhook")
    @classmethod
    def _can_be_asked(cls, webhook: str | None) -> str | None:
        if webhook is not None:
            parts = urlsplit(webhook)  # a ValueError says what is wrong with it
            if parts.port == 0 or not parts.hostname:
                raise ValueError("it names no host and port that can be reached")
            if "@" in parts.netloc:
                raise ValueError("it holds a user or password: deliveries are signed instead")
        return webhook

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.has_comments is not None:
            raise ValueError("has_comments: an article that comes in has none yet")
        if not self.q and not any(getattr(self, name) for name in _FILTERS):
            raise ValueError("it would match every article: give q or a filter")
        if ANY_LANGUAGE in self.model_dump_json():
            raise ValueError(f"{ANY_LANGUAGE} cannot be searched for")
        return self


class SavedSearch(Frozen):
    """A saved search. Whoever knows its id may read its matches."""

    search_id: str = Field(description="128 random bits")
    name: str
    q: str
    filters: Mapping[str, tuple[str, ...]] = Field(default={}, description="as they were asked")
    has_webhook: bool = False
    created: UTCTime = Field(description="articles that are accepted from then on are matched")


class SavedSearchCreated(SavedSearch):
    """A search that was saved just now."""

    webhook_secret: str | None = Field(
        default=None, description="what deliveries are signed with, see docs/saved-searches.md; it is never shown again"
    )


class Match(Frozen):
    """An article that fitted a saved search when it was indexed, as it is now."""

    search_id: str
    revision: int = Field(description="the revision that fitted")
    matched: UTCTime
    article: ArticleSummary


class MatchesAnswer(Frozen):
    """Matches of a saved search, newest first; without articles that were retracted since."""

    search_id: str
    matches: tuple[Match, ...]
    cursor: NextCursor


def build_condition(asked: SavedSearchSubmission) -> str:
    """The condition that articles must fit, in whatever language. Raises QueryError."""
    # No part of it depends on the time: what is sorted and scored is not asked here.
    return orjson.dumps(build_matching(asked, [ANY_LANGUAGE], 0.0)).decode()


def build_saved(asked: SavedSearchSubmission, search_id: str, now: datetime) -> SearchSaved:
    """The body of the event. Raises QueryError."""
    asked_for = asked.model_dump(mode="json", include=set(_FILTERS), exclude_defaults=True, by_alias=True)
    filters = {name: tuple(value) if isinstance(value, list) else (value,) for name, value in asked_for.items()}
    return SearchSaved(
        search_id=search_id,
        revision=round(now.timestamp() * 1000),
        name=clean_line(asked.name or asked.q)[:200],
        q=asked.q,
        filters=filters,
        condition=build_condition(asked),
        webhook=asked.webhook,
        created=now,
    )


def build_deleted(saved: SavedSearch, now: datetime) -> SearchSaved:
    """The body of the event that a search is deleted; nothing is left of what it asked."""
    revision = max(round(now.timestamp() * 1000), round(saved.created.timestamp() * 1000) + 1)
    return SearchSaved(search_id=saved.search_id, revision=revision, created=saved.created, is_deleted=True)


def build_filters(saved: SavedSearch) -> SearchFilters:
    """What a saved search asks, as it would be asked now."""
    given = {name: list(values) if name in FACETS else values[0] for name, values in saved.filters.items()}
    return SearchFilters.model_validate({"q": saved.q, **given})


def build_saved_query(search_id: str) -> Body:
    """The document of a saved search."""
    return {"query": {"bool": {"filter": [{"term": {"search_id": search_id}}]}}, "size": 1, "track_total_hits": False}


def build_saved_count() -> Body:
    """How many there are."""
    query = {"bool": {"must_not": [{"term": {"is_deleted": True}}]}}
    return {"query": query, "size": 0, "track_total_hits": True}


def parse_saved(answer: Mapping[str, Any]) -> SavedSearch | None:
    """The saved search of an answer; None when there is none, or it was deleted."""
    hits = answer["hits"]["hits"]
    if not hits or hits[0]["_source"].get("is_deleted"):
        return None
    return SavedSearch.model_validate(hits[0]["_source"])


def build_matches(search_id: str, size: int, after: Place | None) -> Body:
    """The newest matches of a search, after a place."""
    body: Body = {
        "query": {"bool": {"filter": [{"term": {"search_id": search_id}}]}},
        "sort": [{"matched": "desc"}, {"article_id": "asc"}, {"revision": "desc"}],
        "size": size,
        "track_total_hits": False,
    }
    return body if after is None else body | {"search_after": list(after)}


def parse_matches(answer: Mapping[str, Any], articles: Sequence[ArticleSummary]) -> tuple[Match, ...]:
    """The matches whose articles are among those that are published."""
    known = {article.article_id: article for article in articles}
    sources = [hit["_source"] for hit in answer["hits"]["hits"]]
    return tuple(
        Match.model_validate({**source, "article": known[source["article_id"]]})
        for source in sources
        if source["article_id"] in known
    )


def may_save(presented: str, hashes: Sequence[str]) -> bool:
    """Whether a bearer token is one of those whose SHA-256 are given; as quick for a wrong one as for a right one."""
    digest = hashlib.sha256(presented.encode("utf-8", "surrogateescape")).hexdigest()
    return True in [hmac.compare_digest(digest, known.lower()) for known in hashes]
