"""Scores of articles as of a minute, by the formulas of `trending`, and what each trending score is made of."""

from dataclasses import fields

import numpy as np
import orjson

from services.popularity.core import trending
from services.popularity.core.columns import CellsOf, Codes, Numbers, Rows, count_buckets, weigh_hours
from services.popularity.core.counting import Grain
from services.popularity.core.ranking import section_of
from services.popularity.core.trending import Trends
from services.popularity.core.windows import Span
from shared.popularity import TREND_HOURS, WINDOW_LENGTHS, Window

_HOUR_MINUTES = 60.0
_DIGITS = 3
_MADE_OF = [field.name for field in fields(Trends) if field.name != "score"]


class Scoring:
    """What articles score now. `day` and `week` are the spans of the windows of these lengths, `cells_of` tells the views."""

    def __init__(self, now_minute: int, day: Span | None, week: Span | None, cells_of: CellsOf) -> None:
        self._now_minute = now_minute
        self._day, self._week = day, week
        self._cells_of = cells_of
        self._rows: Rows = np.zeros(0, np.int64)
        self._trends: Trends | None = None
        self._places: Rows = np.zeros(0, np.int64)
        self._explained: dict[int, bytes] = {}

    def per_day(self, counts: Numbers, dates: Rows, window: Window) -> Numbers:
        """Views a day, over the time that each article was out."""
        out = ((self._now_minute // 60 + 1) * _HOUR_MINUTES - dates).clip(min=0.0)
        length = WINDOW_LENGTHS.get(window)
        return trending.rounded(trending.views_per_day(counts, out, None if length is None else length.total_seconds() / 60))

    def hot(self, rows: Rows) -> Numbers:
        """Views of the last week, each weighing half after every half-life."""
        if self._week is None:
            return np.zeros(len(rows))
        now_hour = self._now_minute // 60
        return trending.rounded(weigh_hours(rows, self._cells_of, self._week, lambda hours: trending.decay(hours, now_hour)))

    def trending(self, rows: Rows, now: Numbers, before: Numbers, dates: Rows, codes: Codes) -> Numbers:
        """Scores of all articles that were viewed today, 0 for those that do not trend; kept, so that they can be explained."""
        start = self._day.first * 60 if self._day is not None else 0
        end = self._now_minute + 1 - 60
        hours = max((end - start) / _HOUR_MINUTES, 1.0)
        own_hours = ((end - np.maximum(dates, start)) / _HOUR_MINUTES).clip(0.0, hours)
        trends = trending.score_trends(now, before.clip(min=0.0), own_hours, section_of(codes), hours)
        scores: Numbers = np.where(now >= trending.LEAST_VIEWS, trending.rounded(trends.score), 0.0).clip(min=0.0)
        self._rows, self._trends, self._places, self._explained = rows, trends, np.flatnonzero(scores), {}
        return scores

    def explain(self, row: int) -> bytes:
        """What the last trending score of an article is made of: JSON of `shared.popularity.Trend`, to follow on the score."""
        if not self._explained:
            self._explain_all()
        return self._explained.get(row, b"")

    def _explain_all(self) -> None:
        """Of all that trend at once: each of them stands in several lists."""
        trends = self._trends
        if trends is None:
            return
        chosen = self._places
        columns = [np.round(getattr(trends, name)[chosen], _DIGITS).tolist() for name in _MADE_OF]
        end = self._now_minute // 60 + 1
        hours = Span(Grain.HOUR, max(end - TREND_HOURS, 0), end)
        per_hour = count_buckets(self._rows[chosen], self._cells_of, hours).tolist()
        for row, views, *made_of in zip(self._rows[chosen].tolist(), per_hour, *columns, strict=True):
            trend = {**dict(zip(_MADE_OF, made_of, strict=True)), "per_hour": views}
            self._explained[row] = b',"trend":' + orjson.dumps(trend)
