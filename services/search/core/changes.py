"""The feed of changes: articles in the order in which they were indexed, so that a reader who goes on where it stopped misses none.

The indexer stamps `date_indexed` immediately before it writes, and writes again with a new stamp what took it longer than
`indexer.late_seconds`. So what becomes visible is stamped at most that long, and a refresh, ago: whoever leaves out the last
`search.changes_delay_seconds` sees nothing appear behind the place where it stopped. An article that is written again moves to the
end, so a reader sees the newest state of each, and may see one state twice.

Before this: `services.search.archive`, which fetches a page. After it: the API and the streams.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from pydantic import Field

from services.search.core.answers import ArticleSummary
from services.search.core.cursors import build_cursor, parse_cursor
from services.search.core.plain_texts import plain_document
from shared.articles import Frozen, UTCTime
from shared.indices import RETRACTED

Body = dict[str, Any]
Json = Mapping[str, Any]

#: When an article was indexed, in ms since 1970, and its id.
Place: TypeAlias = tuple[int, str]

#: What Elasticsearch sorts an article by that was indexed by a version which did not stamp it.
_NO_STAMP = -(2**63)
#: Before every article.
BEGINNING: Place = (_NO_STAMP, " ")
_FINGERPRINT = "changes"
_ORDER: list[Body] = [{"date_indexed": {"order": "asc", "missing": "_first", "unmapped_type": "date"}}, {"article_id": "asc"}]
_SOURCE = (*ArticleSummary.model_fields, "status", "enrichment", "date_indexed", "date_retracted")


class Kind(StrEnum):
    """What became of an article."""

    PUBLISHED = "published"
    RETRACTED = "retracted"


class Change(Frozen):
    """The newest state of an article. The same revision and enrichment may come again; a newer one replaces what was known."""

    kind: Kind = Field(description="`published`: it is new or changed; `retracted`: it must no longer be shown")
    article_id: str
    revision: int = Field(description="only grows for an article")
    enrichment: int = Field(description="grows within a revision when entities or language are found anew")
    date_indexed: UTCTime | None = Field(default=None, description="null for what was indexed before there were stamps")
    date_retracted: UTCTime | None = None
    article: ArticleSummary | None = Field(default=None, description="null when it was retracted")


class ChangesAnswer(Frozen):
    """A page of changes, oldest first."""

    changes: tuple[Change, ...]
    cursor: str = Field(description="pass it as `since` for what comes next; also after an empty page")
    is_end: bool = Field(description="true when nothing more is known for now: ask again in some seconds")


@dataclass(frozen=True)
class ChangesPage:
    """A page of changes, each with its place; `is_end`: no more were indexed before `until_ms`."""

    changes: tuple[tuple[Place, Change], ...]
    is_end: bool
    until_ms: int

    @property
    def reached(self) -> Place:
        """The place behind everything on this page, from where the next one goes on."""
        return place_before(self.until_ms) if self.is_end else self.changes[-1][0]


def build_changes(after: Place, until_ms: int, size: int, conditions: Mapping[str, Any] | None = None) -> Body:
    """What was indexed after a place and before a time, oldest first, one more than asked for.

    Args:
        after: where the page before ended, or BEGINNING.
        until_ms: in ms since 1970, exclusive.
        size: of the page.
        conditions: a query that the articles must fit besides, if any.
    """
    # Not "before the time", for that is not true of what has no stamp.
    query: Body = {"must_not": [_indexed_from(until_ms)], "filter": [] if conditions is None else [conditions]}
    if after[0] > _NO_STAMP:
        query["filter"].append(_indexed_from(after[0]))  # what lies before the place need not even be looked at
    return {
        "query": {"bool": query},
        "sort": _ORDER,
        "search_after": list(after),
        "size": size + 1,
        "track_total_hits": False,
        "_source": list(_SOURCE),
    }


def _indexed_from(time_ms: int) -> Body:
    return {"range": {"date_indexed": {"gte": time_ms, "format": "epoch_millis"}}}


def parse_changes(answer: Json, size: int, until_ms: int) -> ChangesPage:
    """The page of an answer to `build_changes` with this size and time."""
    hits = answer["hits"]["hits"]
    changes = tuple((parse_place(hit["sort"]), _change(hit["_source"])) for hit in hits[:size])
    return ChangesPage(changes, len(hits) <= size, until_ms)


def build_last_change() -> Body:
    """When something was indexed last, be it an article or what is left of a retracted one."""
    return {"query": {"match_all": {}}, "aggs": {"last": {"max": {"field": "date_indexed"}}}, "size": 0, "track_total_hits": False}


def parse_last_change(answer: Json, until_ms: int) -> datetime | None:
    """The whole second of the last change, of an answer to `build_last_change`; None while others may still appear within it.

    Args:
        answer: Elasticsearch's.
        until_ms: before when everything that was indexed can be seen, in ms since 1970.
    """
    last_ms = answer["aggregations"]["last"]["value"]
    if last_ms is None or last_ms // 1000 >= until_ms // 1000:
        return None
    return datetime.fromtimestamp(last_ms // 1000, UTC)


def parse_place(values: Any) -> Place:
    """The place of a hit, which is what it was sorted by."""
    stamp, article_id = values
    return int(stamp), str(article_id)


def _change(source: Json) -> Change:
    is_retracted = source["status"] == RETRACTED
    own = {name: source.get(name) for name in ("article_id", "revision", "enrichment", "date_indexed", "date_retracted")}
    return Change.model_validate(
        {
            **own,
            "kind": Kind.RETRACTED if is_retracted else Kind.PUBLISHED,
            "article": None if is_retracted else ArticleSummary.model_validate(plain_document(source)),
        }
    )


def build_place_cursor(place: Place) -> str:
    """The cursor for what is indexed after a place."""
    return build_cursor(_FINGERPRINT, place)


def parse_place_cursor(text: str) -> Place:
    """The place of a cursor. Raises InvalidCursor."""
    return parse_place(parse_cursor(text, _FINGERPRINT, (int, str)))


def place_before(time_ms: int) -> Place:
    """The place before everything that is indexed at a time or later."""
    return time_ms, " "
