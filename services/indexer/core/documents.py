"""Event → bulk action: what of articles, comments and lists stands in the index, and at which version.

Before this: enrich (`news.article.enriched.v1`, `news.article.retracted.v1`), ingest (`news.comment.posted.v1`), popularity
(`news.popularity.ranked.v1`), search (`news.search.saved.v1`) and the indexer itself (`news.search.matched.v1`). After it:
`history`, which older revisions are kept, and `verdicts`, which judges what Elasticsearch answered.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.indexer.core.derived import DERIVED, TEXTS, derive
from shared import indices
from shared.articles import HIGHEST_ENRICHMENT, HIGHEST_REVISION, ArticleEnriched, index_version
from shared.comments import CommentPosted
from shared.events import Record
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName
from shared.popularity import PopularityRanked
from shared.saved_searches import SearchMatched, SearchSaved

Place = tuple[str, int, int]
Json = dict[str, Any]

#: An id that stands in JSON as it is.
_PLAIN_ID = re.compile(r"[\w.:-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Action:
    """One document to write: the newest version wins, whatever the order. `place` is where its record stands in Kafka.

    `accepted` is when ingest accepted what an article was made of, RFC 3339.
    """

    place: Place
    alias: str
    id: str
    version: int
    source: bytes
    outcome: OutcomeName = OutcomeName.INDEXED
    accepted: str | None = None

    @property
    def revision(self) -> int:
        """Of an article, the revision that its version stands for."""
        return self.version // (HIGHEST_ENRICHMENT + 1)

    def content(self) -> Json:
        """The document, read from its bytes."""
        content: Json = orjson.loads(self.source)
        return content

    def lines(
        self, stamp: str | None, *, index: str | None = None, again: bool = False, counts: bytes = b""
    ) -> tuple[bytes | memoryview, ...]:
        """The two lines of a `_bulk` body, with their ends, in parts.

        Args:
            stamp: RFC 3339; an article's document says so as `date_indexed`. None for one that says when already.
            index: where it is written instead of to what the alias writes to.
            again: the same version is written over, since nobody knows whether it was written before.
            counts: members of a JSON object, each with a comma behind it, that an article's document gets besides.
        """
        own_id = self.id if _PLAIN_ID.fullmatch(self.id) else orjson.dumps(self.id)[1:-1].decode()
        meta = (
            f'{{"index":{{"_index":"{index or self.alias}","_id":"{own_id}","version":{self.version},'
            f'"version_type":"{"external_gte" if again else "external"}","require_alias":{"false" if index else "true"}}}}}\n'
        ).encode()
        if self.alias != indices.ARTICLES or stamp is None:
            return meta, self.source, b"\n"
        return meta, b'{"date_indexed":"%b",%b' % (stamp.encode(), counts), memoryview(self.source)[1:], b"\n"


class _Refused(ValueError):
    """The event lacks what its document is identified by."""


def build_action(record: Record) -> Action | DeadLettered:
    """The action of a record, or why there is none.

    Only what identifies the document is checked here, and what is derived from; the strict mapping of the index judges the rest.
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
        return build(record, body)
    except orjson.JSONDecodeError as error:
        return DeadLettered(DeadLetterCode.NOT_JSON, str(error))
    except (TypeError, RecursionError) as error:  # what can be read but not written: nested too deep
        return DeadLettered(DeadLetterCode.INVALID, f"the value cannot be a document: {error}")
    except _Refused as error:
        return DeadLettered(DeadLetterCode.INVALID, str(error))


def _article(record: Record, body: Json) -> Action:
    article_id = _text(body, "article_id")
    revision = _number(body, "revision", 1, HIGHEST_REVISION)
    enrichment = _number(body, "enrichment", 0, HIGHEST_ENRICHMENT)
    document = _known(body, _ARTICLE_FIELDS)
    document["status"] = indices.PUBLISHED
    document["date"] = body.get("date_published") or body.get("date_retrieved")
    _shape(document)
    version = index_version(revision, enrichment)
    accepted = record.header("ce_acceptedtime")
    return Action(_place(record), indices.ARTICLES, article_id, version, orjson.dumps(document), accepted=accepted)


def _shape(document: Json) -> None:
    """Put the texts into the field of their language, and add what is derived."""
    field = indices.language_field(str(document.get("language", "und")))
    texts: dict[str, str] = {}
    for name in TEXTS:
        text = document.get(name)
        if text is not None:
            document[name] = {field: text}
            if isinstance(text, str):
                texts[name] = text
    entities, keywords = document.get("entities") or (), document.get("keywords_found") or ()
    try:
        named = [(str(entity["name"]), entity.get("salience") or 0.0) for entity in entities]
        document.update(derive(texts, named, [str(keyword) for keyword in keywords]))
    except (KeyError, TypeError, AttributeError):
        raise _Refused("entities: not a list of objects with a name each, or keywords_found: not a list") from None


def _tombstone(record: Record, body: Json) -> Action:
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
    return Action(_place(record), indices.ARTICLES, article_id, version, orjson.dumps(document), OutcomeName.RETRACTED)


def _comment(record: Record, body: Json) -> Action:
    version = _number(body, "revision", 1, HIGHEST_REVISION)
    document = _known(body, frozenset(CommentPosted.model_fields))
    return Action(_place(record), indices.COMMENTS, _text(body, "comment_id"), version, orjson.dumps(document))


def _ranking(record: Record, body: Json) -> Action:
    version = _number(body, "revision", 1, HIGHEST_REVISION)
    document = _known(body, frozenset(PopularityRanked.model_fields))
    return Action(_place(record), indices.MOST_POPULAR, _text(body, "list_id"), version, orjson.dumps(document))


def _saved_search(record: Record, body: Json) -> Action:
    """Without its condition, which is of use to the indexer only, and without its webhook, which may hold a secret."""
    version = _number(body, "revision", 1, HIGHEST_REVISION)
    document = _known(body, frozenset(SearchSaved.model_fields))
    document["has_webhook"] = document.get("webhook") is not None
    document = {name: value for name, value in document.items() if name not in ("condition", "webhook")}
    return Action(_place(record), indices.SAVED_SEARCHES, _text(body, "search_id"), version, orjson.dumps(document))


def _match(record: Record, body: Json) -> Action:
    """Without what is shown of the article: that is asked of the article, which may be retracted by then."""
    version = _number(body, "revision", 1, HIGHEST_REVISION)
    own_id = f"{_text(body, 'search_id')}.{_text(body, 'article_id')}.{version}"
    document = _known(body, frozenset(SearchMatched.model_fields))
    document = {name: value for name, value in document.items() if name not in ("headline", "url")}
    return Action(_place(record), indices.MATCHES, own_id, version, orjson.dumps(document))


def _place(record: Record) -> Place:
    return record.topic, record.partition, record.offset


_ARTICLE_FIELDS = frozenset(ArticleEnriched.model_fields)

_BUILDERS: Mapping[str, Callable[[Record, Json], Action]] = {
    "news.article.enriched.v1": _article,
    "news.article.retracted.v1": _tombstone,
    "news.comment.posted.v1": _comment,
    "news.popularity.ranked.v1": _ranking,
    "news.search.saved.v1": _saved_search,
    "news.search.matched.v1": _match,
}


def rebuild_document(source: Mapping[str, Any]) -> dict[str, Any]:
    """The document of an article as this version makes it, from the one that an older version made; a tombstone stays as it is.

    Texts move to the field of their language, derived fields are made anew, and what was `extra` and has a field now gets it.
    What other services add later, such as counts, stays. Raises ValueError for what is no article's document.
    """
    if source.get("status") != indices.PUBLISHED:
        return dict(source)
    document = {name: value for name, value in source.items() if name not in DERIVED}
    extra = dict(document.pop("extra", None) or {})
    for name in extra.keys() & _ARTICLE_FIELDS:
        document.setdefault(name, extra.pop(name))
    if extra:
        document["extra"] = extra
    for name in TEXTS:
        text = document.get(name)
        if isinstance(text, Mapping):
            document[name] = next(iter(text.values()), None)
    _shape(document)
    return document


def _known(body: Json, fields: frozenset[str]) -> Json:
    """The fields that the mapping has; what a newer version added is kept under `extra`, stored but not indexed."""
    if body.keys() <= fields:
        return body
    document = {name: value for name, value in body.items() if name in fields}
    document["extra"] = {name: value for name, value in body.items() if name not in fields}
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
