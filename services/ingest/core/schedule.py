"""When a feed is polled next: from what the last poll saw, how often the feed really changes, and what its server asks for.

Multiplicative, as in adaptive polling of the web at large: twice as often after news, a quarter less often after none; so a feed is
found changed in about every fourth poll, whatever its pace. It is never left for longer than its articles are usually apart, so
that a quiet night does not make the morning's first article late.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_FASTER = 0.5
_SLOWER = 1.25
#: Feeds say `ttl` of an hour, or cache a day, without meaning that news may be that old: more than this is not believed.
MOST_FLOOR_SECONDS = 3600.0
#: With a hub that pushes, polling only watches over the hub: this part of the longest interval.
_LEASED_PART = 0.25
#: How much later than planned a poll may be, so that feeds added together do not stay together.
_JITTER_PART = 0.1
_MAX_AGE = re.compile(r"(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pace:
    """Between which two times, in seconds, a feed's interval lies."""

    shortest_seconds: float = 600.0
    longest_seconds: float = 86_400.0

    def __post_init__(self) -> None:
        if not 0 < self.shortest_seconds <= self.longest_seconds:
            raise ValueError("the shortest interval must be above 0 and not above the longest")

    def within(self, seconds: float) -> float:
        """The nearest allowed interval."""
        return min(max(seconds, self.shortest_seconds), self.longest_seconds)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a poll saw that decides about the next one.

    Args:
        news: entries that were new or changed; None where the poll failed.
        mean_gap_seconds: mean time between the feed's new articles, where it is known.
        floor_seconds: for how long the feed or its server says that it stays as it is.
        retry_after_seconds: for how long the server asks to be left alone.
        failures: polls that failed in a row, this one included.
        gone: the server says that the feed will not come back.
        leased: a hub pushes what is new.
    """

    news: int | None = None
    mean_gap_seconds: float | None = None
    floor_seconds: float | None = None
    retry_after_seconds: float | None = None
    failures: int = 0
    gone: bool = False
    leased: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The feed's interval from now on, and the time to its next poll, which may be longer."""

    interval_seconds: float
    delay_seconds: float


def plan_next(interval_seconds: float | None, sight: Sight, pace: Pace, jitter: float) -> Plan:
    """When to poll next.

    Args:
        interval_seconds: the feed's interval until now; None before its first success.
        sight: what was seen.
        pace: the limits. Only `jitter` goes beyond them, by a tenth at most.
        jitter: from 0 to 1, drawn anew each time; it makes the poll later, so no floor is undercut.
    """
    interval = pace.within(interval_seconds if interval_seconds is not None else pace.shortest_seconds)
    if sight.news is not None:
        interval = _adapted(interval, sight, pace)
    delay = interval
    if sight.leased:
        delay = max(delay, pace.longest_seconds * _LEASED_PART)
    if sight.failures:
        delay *= 2.0 ** min(sight.failures, 30)
    delay = max(delay, min(sight.floor_seconds or 0.0, MOST_FLOOR_SECONDS), sight.retry_after_seconds or 0.0)
    if sight.gone:
        delay = pace.longest_seconds
    return Plan(interval, pace.within(delay) * (1 + _JITTER_PART * min(max(jitter, 0.0), 1.0)))


def _adapted(interval: float, sight: Sight, pace: Pace) -> float:
    if sight.news:
        return pace.within(interval * _FASTER)
    slower = interval * _SLOWER
    if sight.mean_gap_seconds is not None:
        slower = min(slower, max(sight.mean_gap_seconds, pace.shortest_seconds))
    return pace.within(slower)


def parse_retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks to wait (RFC 9110, 10.2.3: seconds or a date); None where it asks for nothing."""
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    try:
        date = parsedate_to_datetime(text)
        waiting = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, waiting / timedelta(seconds=1))


def parse_max_age(text: str | None) -> float | None:
    """Seconds for which a `Cache-Control` header says that an answer is fresh (RFC 9111, 5.2.2); the longest where it says two."""
    found = [float(seconds) for seconds in _MAX_AGE.findall(text or "")]
    return max(found, default=None)
