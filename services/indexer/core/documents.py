"""Event → bulk action: what of articles, comments and lists stands in the index, and at which version.

Before this: enrich (`news.article.enriched.v1`, `news.article.retracted.v1`), ingest (`news.comment.posted.v1`) and popularity
(`news.popularity.ranked.v1`). After it: `verdicts`, which judges what Elasticsearch answered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from shared import indices
from shared.articles import HIGHEST_ENRICHMENT, HIGHEST_REVISION, ArticleEnriched, index_version
from shared.comments import CommentPosted
from shared.events import Record
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName
from shared.popularity import PopularityRanked

Json = dict[str, Any]

_TEXTS = ("headline", "body", "description")


@dataclass(frozen=True, slots=True)
class Action:
    """One document to write: the newest version wins, whatever the order. `place` is where its record stands in Kafka."""

    place: tuple[str, int, int]
    alias: str
    id: str
    version: int
    source: bytes
    outcome: OutcomeName = OutcomeName.INDEXED

    def lines(self) -> tuple[bytes, bytes]:
        """The two lines of a `_bulk` body, without their ends."""
        meta = {"_index": self.alias, "_id": self.id, "version": self.version, "version_type": "external", "require_alias": True}
        return orjson.dumps({"index": meta}), self.source


class _Refused(ValueError):
    """The event lacks what its document is identified by."""


def build_action(record: Record) -> Action | DeadLettered:
    """The action of a record, or why there is none.

    Only what identifies the document is checked here; the strict mapping of the index judges the rest.
    """
    kind = record.header("ce_type")
    if kind is None:
        return DeadLettered(DeadLetterCode.HEADERS_MISSING, "header ce_type is missing: not a CloudEvent in binary mode")
    build = _BUILDERS.get(kind)
    if build is None:
        return DeadLettered(DeadLetterCode.SCHEMA_UNKNOWN, f"event type {kind[:200]} has no document in this version")
    try:
        body = orjson.loads(record.value or b"")
        if not isinstance(body, dict):
            return DeadLettered(DeadLetterCode.INVALID, f"the value is a JSON {type(body).__name__}, not an object")
        return build((record.topic, record.partition, record.offset), body)
    except orjson.JSONDecodeError as error:
        return DeadLettered(DeadLetterCode.NOT_JSON, str(error))
    except (TypeError, RecursionError) as error:  # what can be read but not written: nested too deep
        return DeadLettered(DeadLetterCode.INVALID, f"the value cannot be a document: {error}")
    except _Refused as error:
        return DeadLettered(DeadLetterCode.INVALID, str(error))


def _article(place: tuple[str, int, int], body: Json) -> Action:
    article_id = _text(body, "article_id")
    revision = _number(body, "revision", 1, HIGHEST_REVISION)
    enrichment = _number(body, "enrichment", 0, HIGHEST_ENRICHMENT)
    document = _known(body, _ARTICLE_FIELDS)
    field = indices.language_field(str(body.get("language", "und")))
    for name in _TEXTS:
        if name in document:
            document[name] = {field: document[name]}
    entities = body.get("entities") or []
    if not isinstance(entities, list) or not all(isinstance(entity, dict) for entity in entities):
        raise _Refused("entities: not a list of objects")
    document["status"] = indices.PUBLISHED
    document["date"] = body.get("date_published") or body.get("date_retrieved")
    document["entity_names"] = list(dict.fromkeys(str(entity.get("name")) for entity in entities))
    return Action(place, indices.ARTICLES, article_id, index_version(revision, enrichment), orjson.dumps(document))


def _tombstone(place: tuple[str, int, int], body: Json) -> Action:
    article_id = _text(body, "article_id")
    revision = _number(body, "revision", 1, HIGHEST_REVISION)
    document = {
        "article_id": article_id,
        "revision": revision,
        "enrichment": HIGHEST_ENRICHMENT,  # above every enrichment of the same revision
        "status": indices.RETRACTED,
        "date_retracted": body.get("date_retracted"),
        "retraction_reason": body.get("reason"),
    }
    version = index_version(revision, HIGHEST_ENRICHMENT)
    return Action(place, indices.ARTICLES, article_id, version, orjson.dumps(document), OutcomeName.RETRACTED)


def _comment(place: tuple[str, int, int], body: Json) -> Action:
    version = _number(body, "revision", 1, HIGHEST_REVISION)
    document = _known(body, frozenset(CommentPosted.model_fields))
    return Action(place, indices.COMMENTS, _text(body, "comment_id"), version, orjson.dumps(document))


def _ranking(place: tuple[str, int, int], body: Json) -> Action:
    version = _number(body, "revision", 1, HIGHEST_REVISION)
    document = _known(body, frozenset(PopularityRanked.model_fields))
    return Action(place, indices.MOST_POPULAR, _text(body, "list_id"), version, orjson.dumps(document))


_ARTICLE_FIELDS = frozenset(ArticleEnriched.model_fields)

_BUILDERS: Mapping[str, Callable[[tuple[str, int, int], Json], Action]] = {
    "news.article.enriched.v1": _article,
    "news.article.retracted.v1": _tombstone,
    "news.comment.posted.v1": _comment,
    "news.popularity.ranked.v1": _ranking,
}


def _known(body: Json, fields: frozenset[str]) -> Json:
    """The fields that the mapping has; what a newer version added is kept under `extra`, stored but not indexed."""
    document = {name: value for name, value in body.items() if name in fields}
    extra = {name: value for name, value in body.items() if name not in fields}
    if extra:
        document["extra"] = extra
    return document


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value.encode()) <= 512:
        raise _Refused(f"{name}: not a text of 1 to 512 bytes, which a document id must be")
    return value


def _number(body: Json, name: str, least: int, most: int) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _Refused(f"{name}: not a whole number from {least} to {most}")
    return value
