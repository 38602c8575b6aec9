"""All lists of a partition: what changed since they were made last, and which articles could be the best now.

A family is all lists of one measure and window, one a group of articles. Counts grow one by one and fall only where a window rolls
on. As long as nobody who is listed fell, the best of a family are among those that were and those that changed; else all articles
are ranked anew. So the result is always what sorting all articles for every list would give.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

import numpy as np

from services.popularity.core.attributes import Attributes
from services.popularity.core.columns import Codes, Numbers, Rowing, Rows, count_spans
from services.popularity.core.grouping import Groups
from services.popularity.core.ranking import MASKS, PLAIN_MASKS, Candidates, Places, number_groups, rank_groups
from services.popularity.core.scoring import Scoring
from services.popularity.core.windows import Span, span_of
from shared.popularity import LISTED_WINDOWS, LONGEST_LIST, Measure, Window

#: The measures that are counted; the others are scores made of views.
COUNTED = (Measure.VIEWS, Measure.VISITORS, Measure.COMMENTS)
_CALENDAR = (Window.TODAY, Window.YESTERDAY, Window.THIS_WEEK)


@dataclass(frozen=True, slots=True)
class ListPlan:
    """Which lists there are: the zone of calendar days, the numbers of days of `fresh` lists, how many groups have lists."""

    zone: tzinfo
    fresh_days: tuple[int, ...]
    most_groups: int
    longest: int = LONGEST_LIST


@dataclass(frozen=True, slots=True)
class Family:
    """The lists of one measure and window; with `fresh_days`, of the articles of the last so many days (by the hour) alone."""

    measure: Measure
    window: Window
    fresh_days: int | None = None

    @property
    def base(self) -> tuple[Measure, Window]:
        """What is counted for it."""
        return (self.measure if self.measure in COUNTED else Measure.VIEWS), self.window

    @property
    def masks(self) -> int:
        """How many of MASKS it has lists for: fresh ones are of all articles, a section, a language or a publisher only."""
        return len(MASKS if self.fresh_days is None else PLAIN_MASKS)

    @property
    def ages(self) -> bool:
        """Whether its order changes as hours go by."""
        return self.fresh_days is not None or self.measure not in COUNTED


def families_of(plan: ListPlan) -> tuple[Family, ...]:
    """Every family of a plan."""
    return tuple(
        Family(measure, window, days)
        for measure, windows in LISTED_WINDOWS.items()
        for window in windows
        for days in (None, *plan.fresh_days)
    )


#: The cells of an article (id as ASCII) in a counted measure.
CellsOf = Callable[[bytes, Measure], "array[int] | None"]


@dataclass(slots=True)
class _Kept:
    """Of one family: who is listed anywhere (rows, sorted), who changed since, and whether all must be ranked anew."""

    listed: Rows = field(default_factory=lambda: np.zeros(0, np.int64))
    changed: list[Rows] = field(default_factory=list)
    stale: bool = True

    def lists(self, rows: Rows) -> bool:
        """Whether any of them is listed."""
        if not len(self.listed):
            return False
        places = np.searchsorted(self.listed, rows).clip(max=len(self.listed) - 1)
        return bool((self.listed[places] == rows).any())


class PartitionLists:
    """What the lists of a partition are made of, as of a time that only moves forward."""

    def __init__(self, plan: ListPlan, now_minute: int, cells_of: CellsOf) -> None:
        self.plan = plan
        self.now_minute = now_minute
        self.groups = Groups(plan.most_groups)
        self.rowing = Rowing()
        self._cells_of = cells_of
        self._spans = {window: span_of(window, now_minute, plan.zone) for window in Window}
        self._counts = {(measure, window): self.rowing.column(np.uint32) for measure in COUNTED for window in Window}
        self._versions, self._codes = self.rowing.column(np.int64), self.rowing.column(np.int64)
        self._dates, self._listed = self.rowing.column(np.int64), self.rowing.column(np.bool_)
        self._members = tuple(self.rowing.column(np.uint16) for _ in MASKS)
        # Scores that families share: below 0, or not known, until they are asked for.
        self._hot, self._trends = self.rowing.column(np.float64, -1.0), self.rowing.column(np.float64)
        self._trends_known = False
        self._numbered: Codes | None = None
        self._unnumbered: list[int] = []
        self._kept = {family: _Kept() for family in families_of(plan)}
        self.scoring = Scoring(self.now_minute, self._spans[Window.DAY], self._spans[Window.WEEK])

    def load(self, articles: Iterable[bytes], known: Mapping[bytes, Attributes]) -> None:
        """Take over what is stored: count the windows of all articles, and choose the groups."""
        self.rowing.all_of(articles)
        rows = np.arange(len(self.rowing.articles))
        for measure in COUNTED:
            counted = count_spans(rows, self._cells(measure), list(self._spans.values()))
            for window, numbers in zip(self._spans, counted, strict=True):
                self._counts[measure, window].values[rows] = numbers
        for article, attributes in known.items():
            self._note(self.rowing.row(article), attributes)
        self.groups.join_all(self._codes.values[np.flatnonzero(self._listed.values)].tolist())

    def learn(self, article: bytes, known: Attributes) -> bool:
        """What is known of an article; False when something newer was."""
        row = self.rowing.row(article)
        if known.version <= self._versions.values[row]:
            return False
        before = bool(self._listed.values[row]), int(self._codes.values[row]), int(self._dates.values[row])
        self._note(row, known)
        after = not known.retracted, int(self._codes.values[row]), int(self._dates.values[row])
        if after != before:
            if before[0]:
                self.groups.leave(before[1])
            if after[0]:
                self.groups.join(after[1])
            if any(self._counts[measure, Window.ALL].values[row] for measure in COUNTED):  # mostly there is nothing counted yet
                self._touch(np.array([row]), is_listed=after[0])
        return True

    def _note(self, row: int, known: Attributes) -> None:
        self._versions.values[row], self._listed.values[row] = known.version, not known.retracted
        self._unnumbered.append(row)
        self._codes.values[row], self._dates.values[row] = (0 if known.retracted else self.groups.code(known)), known.minute

    def _touch(self, rows: Rows, *, is_listed: bool) -> None:
        self._trends_known = False
        for family, kept in self._kept.items():
            if kept.lists(rows):
                kept.stale = True
            elif is_listed and self._counts[family.base].values[rows].any():
                kept.changed.append(rows)

    def count(self, measure: Measure, minute: int, numbers: Mapping[bytes, int]) -> None:
        """So many more of each article, in a minute since 1970."""
        rows = self.rowing.all_of(numbers)
        added = np.fromiter(numbers.values(), np.uint32, len(rows))
        if measure is Measure.VIEWS:
            self._hot.values[rows] = -1.0
            self._trends_known = False
        for window, span in self._spans.items():
            if span is None or span.holds(minute):
                self._counts[measure, window].values[rows] += added
        for family, kept in self._kept.items():
            span = self._spans[family.window]
            if family.base[0] is measure and (span is None or span.holds(minute)):
                kept.changed.append(rows)

    def move_on(self, now_minute: int) -> None:
        """Move on to a minute: what leaves a window, or enters a calendar one, is counted anew from the cells."""
        hour_before, self.now_minute = self.now_minute // 60, now_minute
        for window, span in self._spans.items():
            new = span_of(window, now_minute, self.plan.zone)
            if new != span:
                self._spans[window] = new
                for measure in COUNTED:
                    self._roll(measure, window, new)
        self.scoring = Scoring(now_minute, self._spans[Window.DAY], self._spans[Window.WEEK])
        self._trends_known = False
        is_new_hour = now_minute // 60 != hour_before
        if is_new_hour:
            self._hot.values[:] = -1.0
        for family, kept in self._kept.items():
            if family.measure is Measure.TRENDING or (is_new_hour and family.ages):
                kept.stale = True

    def _roll(self, measure: Measure, window: Window, span: Span | None) -> None:
        column = self._counts[measure, window].values
        counted = column > 0
        if window in _CALENDAR:
            counted |= self._counts[measure, Window.MONTH].values > 0  # which has rolled on before
        rows = np.flatnonzero(counted)
        (numbers,) = count_spans(rows, self._cells(measure), [span])
        fell = rows[numbers < column[rows]]
        column[rows] = numbers
        for family, kept in self._kept.items():
            if family.base == (measure, window) and (window in _CALENDAR or kept.lists(fell)):
                kept.stale = True

    def choose_groups(self) -> bool:
        """Give lists to the groups that have most articles now; answers whether any lost theirs. Then all lists are made anew."""
        lost = bool(self.groups.left_out) and self.groups.choose()
        if lost:
            for kept in self._kept.values():
                kept.stale = True
        return lost

    def span(self, family: Family) -> Span | None:
        """From when to when is counted for a family; None for all time."""
        return self._spans[family.window]

    def due(self) -> list[Family]:
        """The families in which something changed since they were ranked."""
        return [family for family, kept in self._kept.items() if kept.stale or kept.changed]

    def candidates(self, family: Family) -> Candidates:
        """Those who may be the best of a family now, with their scores. What changes from here on is for the next time."""
        kept = self._kept[family]
        everyone = kept.stale or family.measure is Measure.TRENDING
        rows = self.rowing.in_order(None if everyone else np.concatenate([kept.listed, *kept.changed]))
        kept.changed, kept.stale = [], False
        rows = rows[self._listed.values[rows] & (self._counts[family.base].values[rows] > 0)]
        if family.fresh_days is not None:
            rows = rows[self._dates.values[rows] >= (self.now_minute // 60 - 24 * family.fresh_days) * 60]
        scores = self._score(family, rows)
        rows, scores = rows[scores > 0], scores[scores > 0]
        self._number_groups()
        return Candidates(rows, scores, tuple(members.values[rows] for members in self._members[: family.masks]))

    def rank(self, family: Family) -> dict[int, Places]:
        """The lists of a family as of now, by group; groups whose lists are empty are left out."""
        found = rank_groups(self.candidates(family), self.groups.chosen, self.plan.longest)
        self.accept(family, found)
        return found

    def _number_groups(self) -> None:
        """Note which of the chosen groups articles are in: all articles if others were chosen, else those that changed."""
        chosen = self.groups.chosen
        rows = np.unique(self._unnumbered) if self._numbered is chosen else np.arange(len(self.rowing.articles))
        if len(rows):
            rows = rows.astype(np.int64)
            for members, mask in zip(self._members, MASKS, strict=True):
                members.values[rows] = number_groups(self._codes.values[rows], chosen, mask)
        self._numbered, self._unnumbered = chosen, []

    def accept(self, family: Family, found: Mapping[int, Places]) -> None:
        """What was made of the candidates."""
        rows = [places.rows for places in found.values()]
        self._kept[family].listed = np.unique(np.concatenate(rows)) if rows else np.zeros(0, np.int64)

    def counts_of(self, family: Family, rows: Rows) -> list[int]:
        """What is counted of articles for a family."""
        numbers: list[int] = self._counts[family.base].values[rows].tolist()
        return numbers

    def _score(self, family: Family, rows: Rows) -> Numbers:
        counts = self._numbers(family.base, rows)
        if family.measure is Measure.VIEWS_PER_DAY:
            return self.scoring.per_day(counts, self._dates.values[rows], family.window)
        if family.measure is Measure.HOT:
            return self._score_hot(rows)
        if family.measure is Measure.TRENDING:
            if not self._trends_known:
                self._score_trends()
            return self._trends.values[rows].copy()
        return counts

    def _score_hot(self, rows: Rows) -> Numbers:
        hot = self._hot.values
        unknown = rows[hot[rows] < 0]
        hot[unknown] = self.scoring.hot(unknown, self._cells(Measure.VIEWS))
        return hot[rows].copy()

    def _score_trends(self) -> None:
        day = self._counts[Measure.VIEWS, Window.DAY].values
        everyone = np.flatnonzero(self._listed.values & (day > 0))
        hour = self._numbers((Measure.VIEWS, Window.HOUR), everyone)
        self._trends.values[everyone] = self.scoring.trending(
            everyone, hour, day[everyone] - hour, self._dates.values[everyone], self._codes.values[everyone]
        )
        self._trends_known = True

    def _numbers(self, base: tuple[Measure, Window], rows: Rows) -> Numbers:
        numbers: Numbers = self._counts[base].values[rows].astype(np.float64)
        return numbers

    def _cells(self, measure: Measure) -> Callable[[int], "array[int] | None"]:
        articles, cells_of = self.rowing.articles, self._cells_of
        return lambda row: cells_of(articles[row], measure)
