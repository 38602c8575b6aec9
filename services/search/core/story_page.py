"""One story as its publishers tell it: who came first, who followed, and how their versions differ.

Before this: `services.search.story_pages`, which asks. After it: `story.html`, which shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.search.core.answers import ArticleSummary
from services.search.core.cursors import Place, build_cursor, parse_cursor
from services.search.core.entity_page import Named, build_together, parse_together
from services.search.core.plain_texts import plain_document
from services.search.core.queries import IS_PUBLISHED, MOST_COUNTED, SUMMARY_FIELDS, Body
from services.search.core.results import Json

#: In order of time.
_BY_TIME: list[Body] = [{"date": "asc"}, {"article_id": "asc"}]
_PLACE = (int, str)
_VALUES = 20
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class Told:
    """How one publisher tells it. `later` and `words_more` say how that differs from the first; both are None of the first."""

    article: ArticleSummary
    words: int | None
    later: str | None
    words_more: int | None
    is_in_other_language: bool


@dataclass(frozen=True)
class StoryPage:
    """A page of the versions of a story, in order of time."""

    story_id: str
    first: ArticleSummary
    told: tuple[Told, ...]
    total: int
    publishers: tuple[str, ...]
    languages: tuple[tuple[str, int], ...]
    named: tuple[Named, ...]
    lasted: str | None
    cursor: str | None


def parse_story_cursor(story_id: str, cursor: str) -> Place:
    """Behind which article a page begins. Raises InvalidCursor."""
    return parse_cursor(cursor, _fingerprint(story_id), _PLACE)


def _fingerprint(story_id: str) -> str:
    return f"story:{story_id}"


def build_story(story_id: str, size: int, after: Place | None) -> Body:
    """The articles of a story, one more than a page has, and what is counted of them all."""
    body: Body = {
        "query": _of_story(story_id),
        "sort": _BY_TIME,
        "size": size + 1,
        "track_total_hits": MOST_COUNTED,
        "_source": [*SUMMARY_FIELDS, "word_count"],
        "aggs": {
            "named": {"nested": {"path": "entities"}, "aggs": {"together": build_together()}},
            "publishers": {"terms": {"field": "publisher", "size": _VALUES}},
            "languages": {"terms": {"field": "language", "size": _VALUES}},
            "first": {"min": {"field": "date"}},
            "last": {"max": {"field": "date"}},
        },
    }
    return body if after is None else body | {"search_after": list(after)}


def build_story_begin(story_id: str) -> Body:
    """The article that told it first, which all others are compared with."""
    return {
        "query": _of_story(story_id),
        "sort": _BY_TIME,
        "size": 1,
        "track_total_hits": False,
        "_source": [*SUMMARY_FIELDS, "word_count"],
    }


def _of_story(story_id: str) -> Body:
    return {"bool": {"filter": [IS_PUBLISHED, {"term": {"story_id": story_id}}]}}


def parse_story(answer: Json, begin: Json, story_id: str, size: int) -> StoryPage | None:
    """What was found; None where no published article is of this story."""
    found, aggregations = answer["hits"]["hits"], answer["aggregations"]
    if not found or not begin["hits"]["hits"]:
        return None
    first, first_words = _parse(begin["hits"]["hits"][0])
    following = build_cursor(_fingerprint(story_id), tuple(found[size - 1]["sort"])) if len(found) > size else None
    seconds = ((aggregations["last"]["value"] or 0) - (aggregations["first"]["value"] or 0)) / 1000
    return StoryPage(
        story_id=story_id,
        first=first,
        told=tuple(_compare(*_parse(hit), first, first_words) for hit in found[:size]),
        total=answer["hits"]["total"]["value"],
        publishers=_keys(aggregations["publishers"]["buckets"]),
        languages=tuple((bucket["key"], bucket["doc_count"]) for bucket in aggregations["languages"]["buckets"]),
        named=parse_together(aggregations["named"]["together"]),
        lasted=write_length(seconds) if seconds >= _MINUTE else None,
        cursor=following,
    )


def _keys(buckets: Sequence[Json]) -> tuple[str, ...]:
    return tuple(bucket["key"] for bucket in buckets)


def _parse(hit: Json) -> tuple[ArticleSummary, int | None]:
    source: dict[str, Any] = plain_document(hit["_source"])
    return ArticleSummary.model_validate(source), source.get("word_count")


def _compare(article: ArticleSummary, words: int | None, first: ArticleSummary, first_words: int | None) -> Told:
    if article.article_id == first.article_id:
        return Told(article, words, later=None, words_more=None, is_in_other_language=False)
    return Told(
        article,
        words,
        later=_later(first.date, article.date),
        words_more=None if words is None or first_words is None else words - first_words,
        is_in_other_language=article.language != first.language,
    )


def _later(first: datetime, date: datetime) -> str:
    seconds = (date - first).total_seconds()
    return f"{write_length(seconds)} later" if seconds >= _MINUTE else "at the same time"


def write_length(seconds: float) -> str:
    """A length of time in one or two units: `3 minutes`, `2 hours 5 minutes`, `3 days`; days from three on stand alone."""
    minutes = int(seconds) // _MINUTE
    days, hours = minutes // (_DAY // _MINUTE), minutes // (_HOUR // _MINUTE)
    if days >= 3:
        return _count(days, "day")
    if days:
        return _two(_count(days, "day"), hours % 24, "hour")
    return _two(_count(hours, "hour"), minutes % 60, "minute") if hours else _count(minutes, "minute")


def _two(larger: str, number: int, unit: str) -> str:
    return f"{larger} {_count(number, unit)}" if number else larger


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
