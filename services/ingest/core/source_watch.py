"""How a feed does: how far its new articles are apart, whether it is silent or surging, and why, in words for people."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from services.ingest.core.feed_records import FeedDefinition, FeedState

#: How much of the mean one new article leaves as it was.
_KEPT = 0.8
#: A feed is silent when nothing new came for this long, and for so many times what is usual.
_SILENT_LEAST = timedelta(days=3)
_SILENT_TIMES = 8.0
#: New articles of one poll surge when they are at least so many, and so many times what is usual.
_SURGE_LEAST = 20
_SURGE_TIMES = 5.0
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


class Condition(StrEnum):
    """The closed set of conditions that a feed can be in."""

    OK = "ok"
    NEW = "new"
    PAUSED = "paused"
    FAILING = "failing"
    SILENT = "silent"
    SURGING = "surging"


def judge_condition(definition: FeedDefinition, state: FeedState | None, now: datetime) -> tuple[Condition, str]:
    """The condition of a feed, and why, in words for people; empty where all is well.

    That it is paused, new or failing goes before what its articles tell.
    """
    if definition.paused:
        return Condition.PAUSED, "it is paused and not polled"
    if state is None or state.last_poll is None:
        return Condition.NEW, "it has not been polled yet"
    if state.error is not None:
        return Condition.FAILING, _failing(state)
    quiet = _silence(definition, state, now)
    if quiet is not None:
        return Condition.SILENT, quiet
    if state.surge is not None:
        return Condition.SURGING, state.surge
    return Condition.OK, ""


def mean_gap(previous_seconds: float | None, since_last_seconds: float | None, new: int) -> float | None:
    """The mean time in seconds between new articles, the latest weighing more, after `new` of them came in one poll.

    An exponential mean over articles, each as far apart as the time since the last one, shared among them.
    """
    if not new or since_last_seconds is None or since_last_seconds <= 0:
        return previous_seconds
    gap = since_last_seconds / new
    return gap if previous_seconds is None else gap + (previous_seconds - gap) * _KEPT**new


def gap_of_dates(dates: Sequence[datetime]) -> float | None:
    """The mean time in seconds between articles of these dates: the first guess for a feed. None for fewer than three."""
    if len(dates) < 3:
        return None
    seconds = (max(dates) - min(dates)).total_seconds() / (len(dates) - 1)
    return seconds if seconds > 0 else None


def judge_surge(new: int, since_last_seconds: float | None, mean_gap_seconds: float | None) -> str | None:
    """The sentence that says how `new` articles in one poll are far more than usual; None where they are not, or none is usual.

    Args:
        new: articles that came.
        since_last_seconds: the time since the last success, in which they came.
        mean_gap_seconds: the mean as it was before them.
    """
    if since_last_seconds is None or not mean_gap_seconds:
        return None
    usual = max(1.0, since_last_seconds / mean_gap_seconds)
    if new < max(_SURGE_LEAST, _SURGE_TIMES * usual):
        return None
    return f"{new} new articles came within {duration(since_last_seconds)}, where about {usual:.0f} would be usual"


def duration(seconds: float) -> str:
    """A duration as people say it, in its largest unit: `5 days`, `1 hour`."""
    for unit, length in _UNITS:
        count = round(seconds / length)
        if seconds >= length or length == 1:
            return f"{count} {unit}" + ("" if count == 1 else "s")
    raise AssertionError("the last unit takes all")


def _failing(state: FeedState) -> str:
    times = f" ({state.failures} times in a row)" if state.failures > 1 else ""
    return f"{state.error}{times}"


def _silence(definition: FeedDefinition, state: FeedState, now: datetime) -> str | None:
    last = state.last_new_article
    if last is None:
        quiet = now - definition.added
        return f"no article since it was added, {duration(quiet.total_seconds())} ago" if quiet > _SILENT_LEAST else None
    usual = timedelta(seconds=min(state.new_article_seconds or 0.0, 1e9))
    if now - last <= max(_SILENT_LEAST, usual * _SILENT_TIMES):
        return None
    told = f"; usually one every {duration(usual.total_seconds())}" if usual else ""
    return f"no new article for {duration((now - last).total_seconds())}{told}"
