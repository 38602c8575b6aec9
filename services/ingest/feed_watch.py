"""Measures how this process's feeds do, for alerts on silence and surges: numbers over all feeds, none for a single one."""

import time
from collections import Counter
from collections.abc import Container
from datetime import datetime, timedelta

from services.ingest.core.source_watch import Condition, judge_condition
from services.ingest.feed_table import FeedTable, KnownFeed
from shared.metrics import FEED_NEWEST_ARTICLE_AGE, FEED_OLDEST_SUCCESS_AGE, FEEDS, FEEDS_DUE, FEEDS_OVERDUE

_EVERY_SECONDS = 15.0
#: So late is more than a poll or two of others before it.
_OVERDUE = timedelta(minutes=5)


class FeedWatch:
    """Use it from one thread."""

    def __init__(self) -> None:
        self._next = 0.0

    def look(self, table: FeedTable, owned: Container[int], now: datetime) -> None:
        """Measure the feeds of these partitions, unless that was done a moment ago."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_SECONDS
        feeds = table.of(owned)
        counts = Counter(judge_condition(feed.definition, feed.state, now)[0] for feed in feeds)
        for condition in Condition:
            FEEDS.labels(condition).set(counts[condition])
        due = table.due(owned, now, ())
        FEEDS_DUE.set(len(due))
        FEEDS_OVERDUE.set(sum(now - feed.since > _OVERDUE for feed in due))
        FEED_OLDEST_SUCCESS_AGE.set(max((_unsuccessful_seconds(feed, now) for feed in feeds), default=0.0))
        latest = max((feed.state.last_new_article for feed in feeds if feed.state and feed.state.last_new_article), default=None)
        FEED_NEWEST_ARTICLE_AGE.set((now - latest).total_seconds() if latest is not None else 0.0)


def _unsuccessful_seconds(feed: KnownFeed, now: datetime) -> float:
    if feed.definition.paused:
        return 0.0
    last = feed.state.last_success if feed.state is not None else None
    return (now - (last or feed.definition.added)).total_seconds()
