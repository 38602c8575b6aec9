"""What the compacted topic `feeds.state` holds: for each feed its definition, its state, and its WebSub lease.

Each kind of record has one writer, so that none overwrites what another wrote: definitions come from the API, states from the
poller that owns the feed's partition, leases from whoever a hub called back. All records of a feed are in one partition, which is
the feed's own: whoever is assigned it polls the feed.
"""

import hashlib
from enum import StrEnum

from pydantic import Field, ValidationError

from services.ingest.core.submissions import Name
from shared.articles import Frozen, LanguageCode, UTCTime, WebURL
from shared.outcomes import NewRecord
from shared.text import Line
from shared.topics import FEEDS_STATE

#: Entries of a feed that are remembered as seen: more than a feed shows at once.
MOST_SEEN = 2_000


class FullText(StrEnum):
    """Whether the page of an entry is fetched: when the feed carries only a teaser, always, or never."""

    TEASER = "teaser"
    ALWAYS = "always"
    NEVER = "never"


class FeedDefinition(Frozen):
    """A feed as somebody asked for it. What it sets stands above what the feed says of itself."""

    feed_id: str = Field(pattern=r"^[0-9a-f]{16}$")
    url: WebURL
    added: UTCTime
    publisher: Line | None = Field(default=None, max_length=200, description="the feed's own title if absent")
    section: Name | None = None
    language: LanguageCode | None = None
    full_text: FullText = FullText.TEASER
    paused: bool = False


class FeedState(Frozen):
    """What is known of a feed after its last poll. Times are None until they first come about."""

    feed_id: str = Field(pattern=r"^[0-9a-f]{16}$")
    next_poll: UTCTime
    interval_seconds: float = Field(gt=0)
    etag: str | None = None
    last_modified: str | None = None
    seen: str = Field(
        default="", description="for each entry 16 hex digits of SHA-256 over address and content, without blanks; oldest first"
    )
    title: Line | None = None
    format: str | None = Field(default=None, description="rss, atom, json, sitemap")
    entries: int | None = Field(default=None, ge=0, description="how many the feed showed when it was last read")
    last_poll: UTCTime | None = None
    last_success: UTCTime | None = None
    last_new_article: UTCTime | None = None
    new_article_seconds: float | None = Field(
        default=None, gt=0, description="mean time between new articles, the latest weigh more"
    )
    failures: int = Field(default=0, ge=0, description="polls that failed since the last success")
    error: str | None = Field(default=None, description="why the last poll failed, for people; None after a success")
    notes: tuple[str, ...] = Field(default=(), description="what was not taken of a feed that was read, for people")
    surge: str | None = Field(default=None, description="how the last poll brought far more new articles than usual, for people")
    hub_url: str | None = None
    topic_url: str | None = Field(default=None, description="what the feed calls itself: the topic at its hub")
    subscribed: UTCTime | None = Field(default=None, description="when the hub was last asked for a subscription")


class WebSubLease(Frozen):
    """A subscription that a hub has verified."""

    feed_id: str = Field(pattern=r"^[0-9a-f]{16}$")
    topic_url: str
    expires: UTCTime
    delivers: bool = Field(
        default=False, description="a delivery that was signed rightly has come, so that the feed may be polled less often"
    )


FeedRecord = FeedDefinition | FeedState | WebSubLease
_KINDS: dict[str, type[FeedRecord]] = {"definition": FeedDefinition, "state": FeedState, "lease": WebSubLease}
_KIND_OF = {model: kind for kind, model in _KINDS.items()}


def feed_id(url: str) -> str:
    """The id of the feed at an address: 16 hex digits of SHA-256 over the address as given, without outer blanks."""
    return hashlib.sha256(f"feed:{url.strip()}".encode()).hexdigest()[:16]


def feed_record(body: FeedRecord, partition: int) -> NewRecord:
    """The record that stores a definition, a state or a lease in the feed's partition."""
    key = f"{_KIND_OF[type(body)]}:{body.feed_id}"
    return NewRecord(FEEDS_STATE, key.encode(), body.model_dump_json(exclude_defaults=True).encode(), (), partition)


def forget_feed(own_id: str, partition: int) -> list[NewRecord]:
    """The records that take a feed out of the topic."""
    return [NewRecord(FEEDS_STATE, f"{kind}:{own_id}".encode(), None, (), partition) for kind in _KINDS]


def forget_lease(own_id: str, partition: int) -> NewRecord:
    """The record that takes a feed's subscription out of the topic."""
    return NewRecord(FEEDS_STATE, f"{_KIND_OF[WebSubLease]}:{own_id}".encode(), None, (), partition)


def parse_feed_record(key: bytes | None, value: bytes | None) -> tuple[type[FeedRecord], str, FeedRecord | None] | None:
    """Kind, feed id and body of a record (None: it was taken out), or None for a record that is none of ours."""
    kind, _, own_id = (key or b"").decode("utf-8", "replace").partition(":")
    model = _KINDS.get(kind)
    if model is None:
        return None
    if value is None:
        return model, own_id, None
    try:
        return model, own_id, model.model_validate_json(value)
    except ValidationError:
        return None
