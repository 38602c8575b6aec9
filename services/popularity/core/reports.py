"""What pages report besides views: for how long they were read, and that they were shared. Which of it counts, and where.

A report is judged as a view is, by the log of its topic alone: not when it was stored more than a day late or before its time, and
not beyond the share of its network, where that is set; and there is a rule for each kind that no setting changes:

- Engaged seconds: one report of a visitor and article in half an hour. No report tells of more than half an hour, so nobody counts
  for more time than has gone by, however many pages of an article they open at once. A page token alone does not bound that: it
  pays once, but each rendering of the page gives another one.
- Shares: one of a visitor and article on a day (UTC), as visitors are known for that long.

The rules are those of `visitors` and `networks`, with memories of their own, so that views and reports may be counted in any order
towards each other, as a recount does.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.popularity.core.fairness import Reason
from services.popularity.core.networks import ArticleNetworks
from services.popularity.core.view_rows import Seconds, ViewColumns, distinct_numbers, join_columns, pick_views, tell_articles
from services.popularity.core.visitors import LONGEST_WINDOW_SECONDS, Mask, RecentVisitors
from shared.popularity import Measure

#: The longest time that one report may tell of (`ReadingReported`), and the time in which one visitor and article give one.
READING_SECONDS = 1800
REPORTED = (Measure.ENGAGED, Measure.SHARES)
#: Keys of what is stored begin with the name of the measure, then one of these.
_VISITORS, _NETWORKS = b"/visitors.", b"/networks:"
REPORT_PREFIXES = tuple(measure.encode() + each for measure in REPORTED for each in (_VISITORS, _NETWORKS))
_DAY_SECONDS = 86_400
#: A day has to fit into a window of `visitors`: its times are told in twos of seconds.
_DAY_UNITS = LONGEST_WINDOW_SECONDS
_UNIT_SECONDS = _DAY_SECONDS // _DAY_UNITS


@dataclass(frozen=True, slots=True, eq=False)
class ReportTally:
    """Reports of one kind in the order of their record, which was stored in the second `stored_at`.

    `numbers` are the engaged seconds of each, or 1 for each share. `refused` are left out, by why.
    """

    measure: Measure
    reports: ViewColumns
    numbers: Seconds
    stored_at: int
    refused: Mapping[Reason, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)


#: So many more of each article (ids as ASCII), in a minute since 1970.
Increment = tuple[Measure, int, dict[bytes, int]]


class PageReports:
    """The reports of one partition. They are noted as they come, and judged and counted many at once."""

    def __init__(self, network_percent: int = 0, stored: Mapping[bytes, bytes] | None = None) -> None:
        """`network_percent` as in `FairnessRules`; `stored` what `changes` answered, else a ValueError."""
        self._noted: dict[Measure, list[ReportTally]] = {measure: [] for measure in REPORTED}
        self._kinds = {measure: _Rules(measure, network_percent, stored or {}) for measure in REPORTED}
        self._refused: Counter[tuple[Measure, Reason]] = Counter()

    def take(self, tally: ReportTally) -> None:
        """Note the reports of a record, in the order of the log."""
        self._refused.update({(tally.measure, reason): number for reason, number in tally.refused.items()})
        if len(tally):
            self._noted[tally.measure].append(tally)

    def count(self) -> list[Increment]:
        """Judge what was noted: what those that count add, minute by minute."""
        increments: list[Increment] = []
        for measure, noted in self._noted.items():
            if noted:
                self._noted[measure] = []
                increments += self._count(measure, noted)
        return increments

    def _count(self, measure: Measure, noted: Sequence[ReportTally]) -> list[Increment]:
        reports = join_columns([tally.reports for tally in noted])
        stored_at = np.repeat([tally.stored_at for tally in noted], [len(tally) for tally in noted])
        counted = self._kinds[measure].judge(reports, stored_at, self._refused)
        numbers = np.concatenate([tally.numbers for tally in noted])[counted]
        kept = pick_views(reports, counted)
        articles, minutes = tell_articles(kept), kept.seconds // 60
        increments: list[Increment] = []
        for minute in distinct_numbers(minutes):
            own = minutes == minute
            sums = np.bincount(articles.numbers[own], numbers[own], len(articles.names)).astype(np.int64)
            places = np.flatnonzero(sums)
            names = [articles.names[place] for place in places.tolist()]
            increments.append((measure, minute, dict(zip(names, sums[places].tolist(), strict=True))))
        return increments

    def changes(self) -> dict[bytes, bytes | None]:
        """What to store with the counts, and (None) to delete, since this was last asked."""
        changed: dict[bytes, bytes | None] = {}
        for rules in self._kinds.values():
            changed |= rules.changes()
        return changed

    def take_refused(self) -> Counter[tuple[Measure, Reason]]:
        """How many reports were not counted since this was last asked, and why."""
        refused, self._refused = self._refused, Counter()
        return +refused


class _Rules:
    """The rules for the reports of one measure."""

    def __init__(self, measure: Measure, network_percent: int, stored: Mapping[bytes, bytes]) -> None:
        self._measure = measure
        visitors, networks = measure.encode() + _VISITORS, measure.encode() + _NETWORKS
        window = _DAY_UNITS if measure is Measure.SHARES else READING_SECONDS
        self._visitors = RecentVisitors(window, _of(stored, visitors), visitors)
        self._left: dict[bytes, bytes | None] = {}
        self._networks: ArticleNetworks | None = None
        if network_percent:
            self._networks = ArticleNetworks(network_percent, _of(stored, networks), networks)
        else:
            self._left |= dict.fromkeys(_of(stored, networks))

    def judge(self, reports: ViewColumns, stored_at: Seconds, refused: Counter[tuple[Measure, Reason]]) -> Mask:
        """Which reports, in the order of the log, count; the others are added to `refused`."""
        counted = self._judge_visitors(reports, stored_at)
        refused[self._measure, Reason.REPEAT] += len(counted) - int(np.count_nonzero(counted))
        if self._networks is None or not counted.any():
            return counted
        kept = np.flatnonzero(counted)
        of_networks = self._networks.judge(tell_articles(pick_views(reports, counted)), reports.networks[kept], stored_at[kept])
        counted[kept[~of_networks]] = False
        refused[self._measure, Reason.NETWORK] += len(kept) - int(np.count_nonzero(of_networks))
        return counted

    def _judge_visitors(self, reports: ViewColumns, stored_at: Seconds) -> Mask:
        if self._measure is not Measure.SHARES:
            return self._visitors.judge(reports.pairs, reports.seconds, stored_at)
        # What happened on a day is taken to have happened as it began: then two of a day are repeats, and two of two days are not.
        days = reports.seconds // _DAY_SECONDS
        return self._visitors.judge(reports.pairs, days * _DAY_UNITS, stored_at // _UNIT_SECONDS)

    def changes(self) -> dict[bytes, bytes | None]:
        changed, self._left = self._left | self._visitors.changes(), {}
        return changed | self._networks.changes() if self._networks is not None else changed


def _of(stored: Mapping[bytes, bytes], prefix: bytes) -> dict[bytes, bytes]:
    return {key: value for key, value in stored.items() if key.startswith(prefix)}
