"""Values for tests: each builder gives a whole, valid one, and takes what a test cares about."""

from datetime import UTC, datetime
from typing import Any

from shared.articles import ArticleEnriched, ArticlePublished, ArticleRetracted
from shared.events import Body, Event, Record, decode_event, encode_event
from shared.outcomes import NewRecord

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ARTICLE_ID = "0123456789abcdef0123456789abcdef"


def an_article(**fields: Any) -> ArticlePublished:
    """A published article."""
    return ArticlePublished(**{
        "article_id": ARTICLE_ID,
        "revision": 1_700_000_000_000,
        "headline": "Harbour bridge reopens",
        "body": "The bridge over the harbour reopened on Monday.\n\nTraffic was light.",
        "url": "https://courier.example/bridge",
        "section": "World",
        "language": "en",
        "date_published": NOON,
        "date_retrieved": NOON,
        **fields,
    })  # fmt: skip


def an_enriched_article(**fields: Any) -> ArticleEnriched:
    """An article after enrich."""
    own = {"enrichment": 0, "language": "en", "language_confidence": 0.9, "recogniser": "test/1", "date_enriched": NOON}
    return ArticleEnriched(**an_article().model_dump() | own | fields)


def a_retraction(**fields: Any) -> ArticleRetracted:
    """A retraction of the article that `an_article` gives, one revision later."""
    own = {"article_id": ARTICLE_ID, "revision": 1_700_000_000_001, "date_retracted": NOON}
    return ArticleRetracted(**own | fields)


def an_event(body: Body, **fields: Any) -> Event[Body]:
    """An event that was accepted at noon."""
    own: dict[str, Any] = {"id": "event-1", "source": "dateline/test", "time": NOON, "accepted": NOON, "body": body}
    return Event(**own | fields)


def a_record(body: Body | None = None, *, topic: str = "articles.published", **fields: Any) -> Record:
    """A consumed record of an event, or of whatever `value` and `headers` say."""
    made = encode_event(an_event(body if body is not None else an_article()), topic, ARTICLE_ID)
    own = {"partition": 0, "offset": 7, "key": made.key, "value": made.value, "headers": made.headers, "timestamp_ms": 0}
    return Record(**{"topic": topic} | own | fields)


def body_of(record: Record | NewRecord) -> Any:
    """The body of the event that a record holds; the test fails when it holds none."""
    consumed = record if isinstance(record, Record) else Record(record.topic, 0, 0, record.key, record.value, record.headers, 0)
    decoded = decode_event(consumed)
    assert isinstance(decoded, Event), decoded
    return decoded.body


def value_of(record: Record | NewRecord) -> bytes:
    """The value of a record that has one."""
    assert record.value is not None
    return record.value
