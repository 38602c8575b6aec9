"""Event <-> Kafka record, and the table of event types: the only (de)serialiser.

The form is CloudEvents 1.0, Kafka binding, binary mode: attributes are `ce_*` headers, the value is plain JSON.
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from shared import topics
from shared.articles import LAST_ENRICHMENT, ArticleEnriched, ArticlePublished, ArticleRetracted
from shared.comments import CommentPosted
from shared.engagement import EngagementRecorded, ReadingReported, ReadingsReported, ShareReported, SharesReported
from shared.outcomes import DeadLetterCode, DeadLettered, NewRecord
from shared.popularity import PopularityRanked, PopularitySignalled
from shared.saved_searches import SearchMatched, SearchSaved

Body = (
    ArticlePublished
    | ArticleEnriched
    | ArticleRetracted
    | CommentPosted
    | EngagementRecorded
    | ReadingReported
    | ShareReported
    | ReadingsReported
    | SharesReported
    | PopularityRanked
    | PopularitySignalled
    | SearchSaved
    | SearchMatched
)

B_co = TypeVar("B_co", bound=BaseModel, covariant=True)

#: Every event type that this version reads and writes.
EVENT_TYPES: Mapping[str, type[Body]] = {
    "news.article.published.v1": ArticlePublished,
    "news.article.retracted.v1": ArticleRetracted,
    "news.article.enriched.v1": ArticleEnriched,
    "news.comment.posted.v1": CommentPosted,
    "news.engagement.recorded.v1": EngagementRecorded,
    "news.reading.reported.v1": ReadingReported,
    "news.share.reported.v1": ShareReported,
    "news.reading.reported.v2": ReadingsReported,
    "news.share.reported.v2": SharesReported,
    "news.popularity.ranked.v1": PopularityRanked,
    "news.popularity.signalled.v1": PopularitySignalled,
    "news.search.saved.v1": SearchSaved,
    "news.search.matched.v1": SearchMatched,
}
_TYPE_OF = {body: name for name, body in EVENT_TYPES.items()}
#: Bodies that are not about one article.
_OF_MANY = EngagementRecorded | ReadingsReported | SharesReported | PopularityRanked | SearchSaved | SearchMatched

_JSON = ("content-type", b"application/json")
_SPECVERSION = ("ce_specversion", b"1.0")
_ENRICHMENT = "ce_enrichment"
_STORY = "ce_storyid"
_STORY_ID = re.compile(r"[0-9a-f]{32}")
_DETAIL_CHARACTERS = 1000
_FORMATTED = len("2026-11-24T09:00:00.000Z")
_LATEST_MS = 253_402_300_799_000  # the end of the year 9999


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was consumed."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int

    @property
    def place(self) -> str:
        """Where it stands, as people read it: `articles.published-3-1042` is offset 1042 of partition 3."""
        return f"{self.topic}-{self.partition}-{self.offset}"

    def header(self, name: str) -> str | None:
        """The last header of that name, or None."""
        for key, value in reversed(self.headers):
            if key == name:
                return value.decode("utf-8", "replace")
        return None


@dataclass(frozen=True, slots=True)
class Again:
    """Asks enrich to do a published article again, in the revision that it has, under this number; `story_id` stays when given."""

    enrichment: int
    story_id: str | None = None


@dataclass(frozen=True, slots=True)
class Event(Generic[B_co]):
    """Something that happened: its CloudEvents attributes and its body.

    `accepted` is when ingest accepted what led to this event; it travels, so that every stage can tell the age.
    `traceparent` is the W3C Trace Context header of the work that led here. `again` is absent from what is published for the
    first time.
    """

    id: str
    source: str
    time: datetime
    accepted: datetime
    body: B_co
    traceparent: str | None = None
    again: Again | None = None


def event_type(body: type[BaseModel]) -> str:
    """The `ce_type` of a body."""
    return _TYPE_OF[body]  # type: ignore[index]  # a body that is not in the table is a KeyError, as it should be


def encode_event(event: Event[Body], topic: str, key: str | None, partition: int | None = None) -> NewRecord:
    """The record of an event; `key` is the article id, or the list id, and chooses the partition."""
    headers = [
        _SPECVERSION,
        _JSON,
        ("ce_type", _TYPE_OF[type(event.body)].encode()),
        ("ce_id", event.id.encode()),
        ("ce_source", event.source.encode()),
        ("ce_time", format_time(event.time).encode()),
        ("ce_acceptedtime", format_time(event.accepted).encode()),
    ]
    if key is not None:
        headers.append(("ce_partitionkey", key.encode()))
    if event.again is not None:
        headers.append((_ENRICHMENT, str(event.again.enrichment).encode()))
        if event.again.story_id is not None:
            headers.append((_STORY, event.again.story_id.encode()))
    if event.traceparent is not None:
        headers.append(("traceparent", event.traceparent.encode()))
    value = event.body.model_dump_json(exclude_none=True).encode()
    return NewRecord(topic, None if key is None else key.encode(), value, tuple(headers), partition)


def decode_event(record: Record) -> Event[Body] | DeadLettered:
    """The event of a record, or why there is none."""
    kind = record.header("ce_type")
    if kind is None:
        return DeadLettered(DeadLetterCode.HEADERS_MISSING, "header ce_type is missing: not a CloudEvent in binary mode")
    model = EVENT_TYPES.get(kind)
    if model is None:
        return DeadLettered(DeadLetterCode.SCHEMA_UNKNOWN, f"event type {kind[:200]} is not known to this version")
    try:
        body = model.model_validate_json(record.value or b"")
    except ValidationError as error:
        return DeadLettered(*why_invalid(error))
    again = _parse_again(record.header(_ENRICHMENT), record.header(_STORY))
    if isinstance(again, DeadLettered):
        return again
    time = parse_time(record.header("ce_time"))
    if time is None:
        time = datetime.fromtimestamp(min(max(record.timestamp_ms, 0), _LATEST_MS) / 1000, UTC)
    return Event(
        id=record.header("ce_id") or record.place,
        source=record.header("ce_source") or "unknown",
        time=time,
        accepted=parse_time(record.header("ce_acceptedtime")) or time,
        body=body,
        traceparent=record.header("traceparent"),
        again=again,
    )


def _parse_again(number: str | None, story_id: str | None) -> Again | DeadLettered | None:
    if number is None:
        return None
    is_number = number.isascii() and number.isdigit() and len(number) <= len(str(LAST_ENRICHMENT))
    if not is_number or int(number) > LAST_ENRICHMENT:
        detail = f"{_ENRICHMENT}: not a whole number from 0 to {LAST_ENRICHMENT}: {number[:20]}"
        return DeadLettered(DeadLetterCode.INVALID, detail)
    if story_id is not None and not _STORY_ID.fullmatch(story_id):
        return DeadLettered(DeadLetterCode.INVALID, f"{_STORY}: not 32 hexadecimal digits: {story_id[:40]}")
    return Again(int(number), story_id)


def why_invalid(error: ValidationError) -> tuple[DeadLetterCode, str]:
    """The code and the detail, field by field, of a dead letter for a value that a model refuses."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    if problems and problems[0]["type"] == "json_invalid":
        return DeadLetterCode.NOT_JSON, problems[0]["msg"][:_DETAIL_CHARACTERS]
    listed = "; ".join(f"{'.'.join(map(str, p['loc'])) or 'value'}: {p['msg']}" for p in problems)
    return DeadLetterCode.INVALID, listed[:_DETAIL_CHARACTERS]


def format_time(time: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as in `2026-11-24T09:00:00.000Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str | None) -> datetime | None:
    """The time that RFC 3339 text names, in UTC; None where it names none."""
    try:
        time = datetime.fromisoformat(text or "")
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None


def parse_seconds(text: str | None) -> float | None:
    """The seconds since 1970 that RFC 3339 text names; None where it names none. Quick for what `format_time` writes."""
    if text is not None and len(text) == _FORMATTED and text[19] == "." and text[23] == "Z" and text[20:23].isdecimal():
        whole = _whole_seconds(text[:19])
        return None if whole is None else whole + int(text[20:23]) / 1000
    time = parse_time(text)
    return None if time is None else time.timestamp()


@lru_cache(maxsize=4096)
def _whole_seconds(text: str) -> float | None:
    time = parse_time(f"{text}Z")
    return None if time is None else time.timestamp()


def article_record(event: Event[Body], topic: str = topics.PUBLISHED) -> NewRecord:
    """The record of an event that is about one article, keyed by the article's id."""
    body = event.body
    if isinstance(body, _OF_MANY):
        raise TypeError(f"{type(body).__name__} is not about one article")
    return encode_event(event, topic, body.article_id)
