"""Scores of articles as of a minute, by the formulas of `trending`, and what each trending score is made of."""

import numpy as np

from services.popularity.core import trending
from services.popularity.core.columns import CellsOf, Codes, Numbers, Rows, weigh_hours
from services.popularity.core.ranking import section_of
from services.popularity.core.trending import Trends
from services.popularity.core.windows import Span
from shared.popularity import WINDOW_LENGTHS, Trend, Window

_HOUR_MINUTES = 60.0
_DIGITS = 3


class Scoring:
    """What articles score now. `day` and `week` are the spans of the windows of these lengths."""

    def __init__(self, now_minute: int, day: Span | None, week: Span | None) -> None:
        self._now_minute = now_minute
        self._day, self._week = day, week
        self._rows: Rows = np.zeros(0, np.int64)
        self._trends: Trends | None = None
        self._explained: dict[int, dict[str, float]] = {}

    def per_day(self, counts: Numbers, dates: Rows, window: Window) -> Numbers:
        """Views a day, over the time that each article was out."""
        out = ((self._now_minute // 60 + 1) * _HOUR_MINUTES - dates).clip(min=0.0)
        length = WINDOW_LENGTHS.get(window)
        return trending.rounded(trending.views_per_day(counts, out, None if length is None else length.total_seconds() / 60))

    def hot(self, rows: Rows, cells_of: CellsOf) -> Numbers:
        """Views of the last week, each weighing half after every half-life."""
        if self._week is None:
            return np.zeros(len(rows))
        now_hour = self._now_minute // 60
        return trending.rounded(weigh_hours(rows, cells_of, self._week, lambda hours: trending.decay(hours, now_hour)))

    def trending(self, rows: Rows, now: Numbers, before: Numbers, dates: Rows, codes: Codes) -> Numbers:
        """Scores of all articles that were viewed today, 0 for those that do not trend; kept, so that they can be explained."""
        start = self._day.first * 60 if self._day is not None else 0
        end = self._now_minute + 1 - 60
        hours = max((end - start) / _HOUR_MINUTES, 1.0)
        own_hours = ((end - np.maximum(dates, start)) / _HOUR_MINUTES).clip(0.0, hours)
        trends = trending.score_trends(now, before.clip(min=0.0), own_hours, section_of(codes), hours)
        self._rows, self._trends, self._explained = rows, trends, {}
        scores: Numbers = np.where(now >= trending.LEAST_VIEWS, trending.rounded(trends.score), 0.0)
        return scores.clip(min=0.0)

    def explain(self, row: int) -> dict[str, float] | None:
        """What the last trending score of an article is made of, as `shared.popularity.Trend` has it."""
        known = self._explained.get(row)
        if known is None:
            place = int(np.searchsorted(self._rows, row))
            if self._trends is None or place == len(self._rows) or self._rows[place] != row:
                return None
            known = self._explained[row] = {
                name: round(float(getattr(self._trends, name)[place]), _DIGITS) for name in Trend.model_fields
            }
        return known
