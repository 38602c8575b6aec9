"""A feed's state after a poll, from its state before and what was seen. Before this: `feed_poll`. After it: `feeds.state`."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.ingest.core.feed_records import MOST_SEEN, FeedDefinition, FeedState
from services.ingest.core.feeds import Feed
from services.ingest.core.schedule import Pace, Plan, Sight, parse_retry_after, plan_next
from services.ingest.core.source_watch import gap_of_dates, judge_surge, mean_gap
from services.ingest.core.submissions import ArticleSubmission

#: Hex digits of one hash in `FeedState.seen`.
_HASH = 16
#: Entries that a feed no longer shows are remembered too, so many at least: caches show older versions in between.
_LEAST_SEEN = 100
_GONE = 410
#: Entries that were read, but not published, are tried again this soon.
_UNPUBLISHED_SECONDS = 60.0
_LONGEST_VALIDATOR = 1000
_LONGEST_TITLE = 300
_MOST_NOTES = 10


@dataclass(frozen=True, slots=True)
class Occasion:
    """A poll under way. `jitter` is from 0 to 1; `leased`: a hub pushes what is new."""

    feed_id: str
    before: FeedState | None
    now: datetime
    pace: Pace
    jitter: float
    leased: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A feed that was read, and what became of its entries. `hashes` are those of all that it shows."""

    feed: Feed
    hashes: Sequence[str] = ()
    etag: str | None = None
    last_modified: str | None = None
    max_age_seconds: float | None = None
    new: int = 0
    changed: int = 0
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a poll failed, for people, and what the server asks for."""

    reason: str
    retry_after_seconds: float | None = None
    gone: bool = False


def build_unchanged(occasion: Occasion, max_age_seconds: float | None) -> FeedState:
    """After the answer that nothing has changed. What was noted of the feed when it was read holds on."""
    before = occasion.before
    plan = _plan(occasion, Sight(0, before.new_article_seconds if before else None, max_age_seconds, leased=occasion.leased))
    return _succeeded(occasion, plan, {})


def build_read(occasion: Occasion, reading: Reading) -> FeedState:
    """After a feed was read and Kafka has acknowledged what came of its entries."""
    before, feed = occasion.before, reading.feed
    gap = before.new_article_seconds if before else None
    surge = judge_surge(reading.new, _since(before.last_success if before else None, occasion.now), gap)
    gap = mean_gap(gap, _since(before.last_new_article if before else None, occasion.now), reading.new)
    if gap is None:
        gap = gap_of_dates([entry.date_published for entry in feed.entries if entry.date_published is not None])
    floor = max(feed.ttl_seconds or 0.0, reading.max_age_seconds or 0.0)
    plan = _plan(occasion, Sight(reading.new + reading.changed, gap, floor, leased=occasion.leased))
    found: dict[str, object] = {
        "etag": reading.etag,
        "last_modified": reading.last_modified,
        "seen": remember(before.seen if before else "", reading.hashes),
        "title": feed.title[:_LONGEST_TITLE] or None,
        "format": feed.format,
        "entries": len(feed.entries),
        "new_article_seconds": gap,
        "notes": tuple(reading.notes[:_MOST_NOTES]),
        "surge": surge,
        "hub_url": feed.hub_url,
        "topic_url": feed.self_url,
    }
    if reading.new:
        found["last_new_article"] = occasion.now
    return _succeeded(occasion, plan, found)


def build_failed(occasion: Occasion, failure: Failure) -> FeedState:
    """After a poll that failed: what was seen before stays as it was."""
    failures = (occasion.before.failures if occasion.before else 0) + 1
    asked = failure.retry_after_seconds
    plan = _plan(occasion, Sight(retry_after_seconds=asked, failures=failures, gone=failure.gone, leased=occasion.leased))
    return _state(occasion, plan, {"failures": failures, "error": failure.reason, "surge": None})


def build_unpublished(occasion: Occasion, reason: str) -> FeedState:
    """After a feed was read whose entries could not be handed on: what it showed counts as not seen, and it is read again soon."""
    interval = occasion.before.interval_seconds if occasion.before else occasion.pace.shortest_seconds
    plan = Plan(interval, min(_UNPUBLISHED_SECONDS, occasion.pace.shortest_seconds))
    failures = (occasion.before.failures if occasion.before else 0) + 1
    return _state(occasion, plan, {"failures": failures, "error": f"it was read, but not published: {reason}", "surge": None})


def failure_of(status: int, retry_after: str | None, now: datetime) -> Failure:
    """What an answer that brings no feed means."""
    if status == _GONE:
        return Failure("the feed is gone (410)", gone=True)
    return Failure(f"the server answered {status}", parse_retry_after(retry_after, now))


def validator(header: str | None) -> str | None:
    """An ETag or Last-Modified header as it may be kept and sent back; None for one that a request could not carry."""
    if header and header.isascii() and header.isprintable() and len(header) <= _LONGEST_VALIDATOR:
        return header
    return None


def entry_hash(entry: ArticleSubmission) -> str:
    """Changes whenever the entry does: 16 hex digits of SHA-256 over its address and content."""
    return hashlib.sha256(entry.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:_HASH]


def seen_hashes(seen: str) -> list[str]:
    """The hashes in `FeedState.seen`, oldest first."""
    return [seen[start : start + _HASH] for start in range(0, len(seen), _HASH)]


def remember(seen: str, shown: Iterable[str]) -> str:
    """`FeedState.seen` after the feed showed these: all of them, and as many that it showed before."""
    latest = list(dict.fromkeys(shown))
    new = set(latest)
    earlier = [each for each in seen_hashes(seen) if each not in new]
    room = min(MOST_SEEN, max(_LEAST_SEEN, 2 * len(latest))) - len(latest)
    return "".join((earlier[-room:] if room > 0 else []) + latest[-MOST_SEEN:])


def as_defined(entry: ArticleSubmission, definition: FeedDefinition) -> ArticleSubmission:
    """The entry with what the feed's definition sets, which stands above what the feed says."""
    given = {"publisher": definition.publisher, "section": definition.section, "language": definition.language}
    update = {name: value for name, value in given.items() if value is not None}
    return entry.model_copy(update=update) if update else entry


def build_notes(feed: Feed, refused: int, more: Sequence[str] = ()) -> tuple[str, ...]:
    """What was not taken of a feed that was read, for people."""
    counted = (
        (feed.truncated, "older entries not taken"),
        (feed.broken, "entries without a headline or an address not taken"),
        (refused, "entries not accepted"),
    )
    return (*(f"{count:,} {what}" for count, what in counted if count), *more)


def _plan(occasion: Occasion, sight: Sight) -> Plan:
    before = occasion.before.interval_seconds if occasion.before is not None else None
    return plan_next(before, sight, occasion.pace, occasion.jitter)


def _succeeded(occasion: Occasion, plan: Plan, found: dict[str, object]) -> FeedState:
    well: dict[str, object] = {"last_success": occasion.now, "failures": 0, "error": None, "surge": None}
    return _state(occasion, plan, well | found)


def _state(occasion: Occasion, plan: Plan, found: dict[str, object]) -> FeedState:
    before = occasion.before
    # Always later than before, also when another process with another clock polled last: tables keep the later one.
    polled = occasion.now if before is None or before.last_poll is None else max(occasion.now, before.last_poll + _TICK)
    times = {
        "last_poll": polled,
        "next_poll": occasion.now + timedelta(seconds=plan.delay_seconds),
        "interval_seconds": plan.interval_seconds,
    }
    if before is None:
        return FeedState.model_validate({"feed_id": occasion.feed_id} | times | found)
    return before.model_copy(update=times | found)


_TICK = timedelta(milliseconds=1)


def _since(before: datetime | None, now: datetime) -> float | None:
    return None if before is None else (now - before).total_seconds()
