"""All lists of a partition: what changed since they were made last, and which articles could be the best now.

A family is all lists of one measure and window, one a group of articles. Counts grow one by one and fall only where a window rolls
on. As long as nobody who is listed fell, the best of a family are among those that were and those that changed; else all articles
are ranked anew. So the result is always what sorting all articles for every list would give.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

import numpy as np

from services.popularity.core.attributes import Attributes
from services.popularity.core.columns import Codes, Numbers, Rowing, Rows, count_spans
from services.popularity.core.grouping import FinestGroups, Groups
from services.popularity.core.ranking import MASKS, PLAIN_MASKS, Candidates, Places, rank_groups
from services.popularity.core.scoring import Scoring
from services.popularity.core.window_counts import WindowCounts
from services.popularity.core.windows import Span, span_of
from shared.popularity import LISTED_WINDOWS, LONGEST_LIST, Measure, Window

#: The measures that are counted; the others are scores made of views.
COUNTED = (Measure.VIEWS, Measure.VISITORS, Measure.COMMENTS, Measure.SHARES, Measure.ENGAGED)
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


#: The cells of articles (ids as ASCII) in a counted measure.
CellsOf = Callable[[Sequence[bytes], Measure], "Sequence[array[int] | None]"]


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
        self._counts = WindowCounts(self.rowing)
        self._versions, self._kinds = self.rowing.column(np.int64), self.rowing.column(np.uint32)
        self._dates, self._listed = self.rowing.column(np.int64), self.rowing.column(np.bool_)
        self._finest = FinestGroups()
        # Scores that families share: below 0, or not known, until they are asked for.
        self._hot, self._trends = self.rowing.column(np.float64, -1.0), self.rowing.column(np.float64)
        self._trends_known = False
        self._touched: list[int] = []
        self._kept = {family: _Kept() for family in families_of(plan)}
        self.scoring = self._build_scoring()

    def _build_scoring(self) -> Scoring:
        return Scoring(self.now_minute, self._spans[Window.DAY], self._spans[Window.WEEK], self._cells(Measure.VIEWS))

    def load(self, articles: Iterable[bytes], known: Mapping[bytes, Attributes]) -> None:
        """Take over what is stored: count the windows of all articles, and choose the groups."""
        self.rowing.all_of(articles)
        everyone = np.arange(len(self.rowing.articles))
        for measure in COUNTED:
            cells = self._cells(measure)
            rows = everyone[[own is not None for own in cells(everyone)]]
            if not len(rows):
                continue
            self._counts.begin(measure)
            for window, numbers in zip(self._spans, count_spans(rows, cells, list(self._spans.values())), strict=True):
                self._counts.of((measure, window))[rows] = numbers
        for article, attributes in known.items():
            self._note(self.rowing.row(article), attributes)
        self.groups.join_all(self._codes(np.flatnonzero(self._listed.values)).tolist())

    def learn(self, article: bytes, known: Attributes) -> bool:
        """What is known of an article; False when something newer was."""
        row = self.rowing.row(article)
        if known.version <= self._versions.values[row]:
            return False
        before = self._noted(row)
        self._note(row, known)
        after = self._noted(row)
        if after != before:
            if before[0]:
                self.groups.leave(before[1])
            if after[0]:
                self.groups.join(after[1])
            if self._counts.has(row):  # mostly there is nothing counted yet
                self._touched.append(row)
        return True

    def _note(self, row: int, known: Attributes) -> None:
        self._versions.values[row], self._listed.values[row] = known.version, not known.retracted
        self._dates.values[row] = known.minute
        self._kinds.values[row] = self._finest.number(0 if known.retracted else self.groups.code(known))

    def _noted(self, row: int) -> tuple[bool, int, int]:
        return bool(self._listed.values[row]), int(self._codes(row)), int(self._dates.values[row])

    def _codes(self, rows: "Rows | int") -> Codes:
        """The finest groups of articles."""
        codes: Codes = self._finest.codes[self._kinds.values[rows]]
        return codes

    def _touch(self) -> None:
        """Note in which families those may stand of which something else is known now: many at once, since families are many."""
        if not self._touched:
            return
        rows = np.unique(self._touched)
        self._touched, self._trends_known = [], False
        listed = rows[self._listed.values[rows]]
        for family, kept in self._kept.items():
            if kept.lists(rows):
                kept.stale = True
            elif self._counts.of(family.base)[listed].any():
                kept.changed.append(listed)

    def count(self, measure: Measure, minute: int, numbers: Mapping[bytes, int]) -> None:
        """So many more of each article, in a minute since 1970."""
        rows = self.rowing.all_of(numbers)
        added = np.fromiter(numbers.values(), np.uint32, len(rows))
        self._counts.begin(measure)
        if measure is Measure.VIEWS:
            self._hot.values[rows] = -1.0
            self._trends_known = False
        for window, span in self._spans.items():
            if span is None or span.holds(minute):
                self._counts.of((measure, window))[rows] += added
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
                for measure in self._counts.measures:
                    self._roll(measure, window, new)
        self.scoring = self._build_scoring()
        self._trends_known = False
        is_new_hour = now_minute // 60 != hour_before
        if is_new_hour:
            self._hot.values[:] = -1.0
        for family, kept in self._kept.items():
            if family.measure is Measure.TRENDING or (is_new_hour and family.ages):
                kept.stale = True

    def _roll(self, measure: Measure, window: Window, span: Span | None) -> None:
        column = self._counts.of((measure, window))
        counted = column > 0
        if window in _CALENDAR:
            counted |= self._counts.of((measure, Window.MONTH)) > 0  # which has rolled on before
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
        self._touch()
        return [family for family, kept in self._kept.items() if kept.stale or kept.changed]

    def candidates(self, family: Family) -> Candidates:
        """Those who may be the best of a family now, with their scores. What changes from here on is for the next time."""
        self._touch()
        kept, number = self._kept[family], len(self.rowing.articles)
        counts = self._counts.of(family.base)
        if family.base[0] not in self._counts.measures:
            rows = np.zeros(0, np.int64)
        elif kept.stale or family.measure is Measure.TRENDING:
            rows = np.flatnonzero(self._listed.values[:number] & (counts[:number] > 0))
        else:
            rows = self.rowing.distinct([kept.listed, *kept.changed])
            rows = rows[self._listed.values[rows] & (counts[rows] > 0)]
        kept.changed, kept.stale = [], False
        if family.fresh_days is not None:
            rows = rows[self._dates.values[rows] >= (self.now_minute // 60 - 24 * family.fresh_days) * 60]
        scores = self._score(family, rows)
        rows, scores = rows[scores > 0], scores[scores > 0]
        members = self._finest.members(self.groups.chosen)[: family.masks]
        return Candidates(rows, scores, self.rowing.places(), self._kinds.values, members)

    def rank(self, family: Family) -> dict[int, Places]:
        """The lists of a family as of now, by group; groups whose lists are empty are left out."""
        found = rank_groups(self.candidates(family), self.groups.chosen, self.plan.longest)
        self.accept(family, found)
        return found

    def accept(self, family: Family, found: Mapping[int, Places]) -> None:
        """What was made of the candidates."""
        self._kept[family].listed = self.rowing.distinct([places.rows for places in found.values()])

    def count_shown(self, measure: Measure, rows: Rows) -> Numbers:
        """What was ever counted of articles; 0 for those that may not be listed."""
        shown: Numbers = self._counts.numbers((measure, Window.ALL), rows) * self._listed.values[rows]
        return shown

    def counts_of(self, family: Family, rows: Rows) -> list[int]:
        """What is counted of articles for a family."""
        numbers: list[int] = self._counts.of(family.base)[rows].tolist()
        return numbers

    def _score(self, family: Family, rows: Rows) -> Numbers:
        counts = self._counts.numbers(family.base, rows)
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
        hot[unknown] = self.scoring.hot(unknown)
        return hot[rows].copy()

    def _score_trends(self) -> None:
        day = self._counts.of((Measure.VIEWS, Window.DAY))
        everyone = np.flatnonzero(self._listed.values & (day > 0))
        hour = self._counts.numbers((Measure.VIEWS, Window.HOUR), everyone)
        self._trends.values[everyone] = self.scoring.trending(
            everyone, hour, day[everyone] - hour, self._dates.values[everyone], self._codes(everyone)
        )
        self._trends_known = True

    def _cells(self, measure: Measure) -> "Callable[[Rows], Sequence[array[int] | None]]":
        articles, cells_of = self.rowing.articles, self._cells_of
        return lambda rows: cells_of([articles[row] for row in rows.tolist()], measure)
