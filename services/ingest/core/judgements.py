"""What ingest makes of a submission: a new revision, unchanged, a retraction, or refused. And where submissions come from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from services.ingest.core.memory import Entry
from shared.articles import ArticlePublished, ArticleRetracted
from shared.events import Body, Event

B = TypeVar("B", bound=Body)

SOURCE = "dateline/ingest"
#: How far ahead of ours a sender's clock may be (failure-modes F15).
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a submission came from.

    `publisher` is the only one that its sender may publish for, None for a sender that may publish for anybody. `feed` is the id of
    the feed that it was found in, None for what somebody sent: what was found gives way to what was sent. `may_retract`: a document
    that takes an article back is obeyed.
    """

    publisher: str | None = None
    feed: str | None = None
    may_retract: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a submission is not accepted, by field."""

    errors: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NewRevision:
    """An article that is new or has changed: its event, and what to remember once Kafka has acknowledged it."""

    event: Event[ArticlePublished]
    entry: Entry
    is_new: bool


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An article that is known as it is; no event comes of it.

    `gave_way`: it was found in a feed and may be another text, but what somebody sent stands above it.
    """

    article_id: str
    revision: int
    headline: str
    url: str | None
    gave_way: bool = False


@dataclass(frozen=True, slots=True)
class Retraction:
    """The event of a retraction, and what to remember once Kafka has acknowledged it."""

    event: Event[ArticleRetracted]
    entry: Entry


Judged = NewRevision | Unchanged | Refused


def new_event(body: B, own_id: str, now: datetime) -> Event[B]:
    """An event of ingest; `own_id` is its CloudEvents id."""
    return Event(id=own_id, source=SOURCE, time=now, accepted=now, body=body)


def milliseconds(now: datetime) -> int:
    """A time as Unix milliseconds."""
    return int(now.timestamp() * 1000)
