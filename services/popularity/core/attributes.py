"""What the lists need to know of an article: whether it may be listed, and in which section, language and publisher's lists.

Before this: enrich (`news.article.enriched.v1`, `news.article.retracted.v1`). After it: `lists`. Only the newest revision of an
article counts, in whatever order they come; a retraction is newer than every enrichment of its revision.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.articles import HIGHEST_ENRICHMENT, HIGHEST_REVISION, ArticleEnriched, ArticleRetracted, index_version
from shared.events import Record, event_type, parse_time

#: What the keys under which `popularity.counts` keeps attributes begin with; the article id follows. Those of counts are bare ids.
ABOUT_PREFIX = b"about:"

_ENRICHED, _RETRACTED = event_type(ArticleEnriched), event_type(ArticleRetracted)
_UNKNOWN_LANGUAGE = "und"


@dataclass(frozen=True, slots=True)
class Attributes:
    """The newest form of an article. `minute` (since 1970) is its date: when it was published, else when it was retrieved."""

    version: int
    section: str | None = None
    language: str | None = None
    publisher: str | None = None
    minute: int = 0
    retracted: bool = False


def read_attributes(record: Record) -> tuple[bytes, Attributes] | None:
    """The article (id as ASCII) that a record of `articles.enriched` is about, and what is to be known of it.

    None for a record that is not an article: the indexer consumes the same topic and dead-letters it there, with the reason. So
    only what is taken from it is looked at.
    """
    kind = record.header("ce_type")
    try:
        body = orjson.loads(record.value or b"")
        return _read(kind, body) if isinstance(body, dict) else None
    except (ValueError, KeyError, TypeError):
        return None


def _read(kind: str | None, body: dict[str, Any]) -> tuple[bytes, Attributes] | None:
    article, revision = _article_id(body["article_id"]), _number(body["revision"], 1, HIGHEST_REVISION)
    if kind == _RETRACTED:
        return article, Attributes(index_version(revision, HIGHEST_ENRICHMENT), retracted=True)
    if kind != _ENRICHED:
        return None
    language = _text(body.get("language"))
    date = _date(body.get("date_published")) or _date(body.get("date_retrieved"))
    return article, Attributes(
        version=index_version(revision, _number(body["enrichment"], 0, HIGHEST_ENRICHMENT)),
        section=_text(body.get("section")),
        language=None if language == _UNKNOWN_LANGUAGE else language,
        publisher=_text(body.get("publisher")),
        minute=max(int(date.timestamp() // 60), 0) if date is not None else 0,
    )


def _article_id(value: Any) -> bytes:
    if not isinstance(value, str) or len(value) != 32:
        raise ValueError("article_id is not 32 hexadecimal digits")
    int(value, 16)
    return value.lower().encode("ascii")


def _number(value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError("not a number in its range")
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _date(value: Any) -> datetime | None:
    return parse_time(value) if isinstance(value, str) else None


def encode_attributes(known: Attributes) -> bytes:
    """As `popularity.counts` keeps them: a JSON list."""
    return orjson.dumps([known.version, known.retracted, known.minute, known.section, known.language, known.publisher])


def decode_attributes(value: bytes) -> Attributes:
    """The reverse of `encode_attributes`; ValueError for what it did not make."""
    version, retracted, minute, section, language, publisher = orjson.loads(value)
    return Attributes(version, section, language, publisher, minute, retracted)
