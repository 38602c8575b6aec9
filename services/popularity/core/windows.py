"""From when to when a window reaches, in buckets: windows that roll on with the clock, and those of the calendar.

Days and weeks (Monday to Sunday) of the calendar are those of a time zone. They are counted by the hours of UTC, so in a zone that
is not whole hours from UTC they begin with the hour in which their midnight lies.
"""

from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from services.popularity.core.counting import MINUTES_IN, WINDOWS, Grain, first_bucket
from shared.popularity import Window


class Span(NamedTuple):
    """Buckets of one grain from `first` up to, but not including, `end`; without one, everything since counts."""

    grain: Grain
    first: int
    end: int | None = None

    @property
    def bucket_minutes(self) -> int:
        """How long its buckets are."""
        return MINUTES_IN[self.grain]

    def holds(self, minute: int) -> bool:
        """Whether what happened in a minute is counted."""
        bucket = minute // MINUTES_IN[self.grain]
        return self.first <= bucket and (self.end is None or bucket < self.end)


def span_of(window: Window, now_minute: int, zone: tzinfo) -> Span | None:
    """The buckets of a window that ends now; None for `Window.ALL`, which is counted by the total."""
    if window in WINDOWS:
        return Span(*first_bucket(window, now_minute))
    if window is Window.ALL:
        return None
    today = datetime.fromtimestamp(now_minute * 60, zone).replace(hour=0, minute=0, second=0)
    if window is Window.TODAY:
        return Span(Grain.HOUR, _hour(today))
    if window is Window.YESTERDAY:
        return Span(Grain.HOUR, _hour(_days_before(today, 1)), _hour(today))
    return Span(Grain.HOUR, _hour(_days_before(today, today.weekday())))


def _days_before(midnight: datetime, days: int) -> datetime:
    """A midnight of the same zone, however long the days between them were: arithmetic of one zone is by its wall clock."""
    return (midnight - timedelta(days=days)).replace(fold=0)


def _hour(time: datetime) -> int:
    return max(int(time.timestamp() // 3600), 0)
