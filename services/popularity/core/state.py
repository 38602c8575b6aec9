"""All that is counted of one partition: the counts of its articles, what is known of these, and the lists that both make."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC

import numpy as np

from services.popularity.core.attributes import ABOUT_PREFIX, Attributes, encode_attributes
from services.popularity.core.counting import (
    ArticleCounts,
    Cells,
    Grain,
    add_comment,
    add_count,
    add_reported,
    add_visitors,
    bucket_keys,
    encode_counts,
)
from services.popularity.core.distinct import DistinctVisitors
from services.popularity.core.fairness import Fairness, Reason
from services.popularity.core.lists import ListPlan, PartitionLists
from services.popularity.core.reports import PageReports, ReportTally
from services.popularity.core.tallying import CommentTally, Tally, ViewTally
from services.popularity.core.view_rows import distinct_numbers, join_columns
from shared.popularity import Measure

DEFAULT_PLAN = ListPlan(zone=UTC, fresh_days=(), most_groups=1000)


class PartitionState:
    """The counts of one partition as of a time that only moves forward.

    Views are only noted as they come; `settle` judges them and counts all those of one article and minute at once, since under load
    they are many.
    """

    def __init__(
        self,
        articles: Mapping[bytes, ArticleCounts],
        now_minute: int,
        fairness: Fairness | None = None,
        known: Mapping[bytes, Attributes] | None = None,
        plan: ListPlan = DEFAULT_PLAN,
        distinct: DistinctVisitors | None = None,
        reports: PageReports | None = None,
    ) -> None:
        self.articles: dict[bytes, ArticleCounts] = dict(articles)
        self.now_minute = now_minute
        self.lists = PartitionLists(plan, now_minute, self._cells_of)
        self._fairness = fairness if fairness is not None else Fairness()
        self._distinct = distinct
        self._reports = reports if reports is not None else PageReports()
        self._noted: list[ViewTally] = []
        self._changed: set[bytes] = set()
        self._learned: dict[bytes, bytes] = {}
        self._withheld = {name: about for name, about in (known or {}).items() if not self._fairness.may_list(name)}
        self.lists.load(self.articles, {name: about for name, about in (known or {}).items() if name not in self._withheld})

    def _cells_of(self, articles: Sequence[bytes], measure: Measure) -> "list[Cells[int] | None]":
        found = [self.articles.get(article) for article in articles]
        if measure is Measure.VIEWS:  # of which there are most by far
            return [counts.views if counts is not None else None for counts in found]
        return [counts.cells(measure) if counts is not None else None for counts in found]

    def learn(self, article: bytes, known: Attributes) -> bool:
        """What is to be known of an article; False when something newer was known."""
        if self._fairness.may_list(article):
            is_news = self.lists.learn(article, known)
        else:
            before = self._withheld.get(article)
            is_news = before is None or before.version < known.version
            if is_news:
                self._withheld[article] = known
        if is_news:
            self._learned[ABOUT_PREFIX + article] = encode_attributes(known)
        return is_news

    def take(self, tally: Tally) -> bool:
        """Count what a record brought; False when it was counted before: the comment is a repeat of a recent one."""
        if isinstance(tally, CommentTally):
            return self._count_comment(tally)
        if isinstance(tally, ReportTally):
            self._reports.take(tally)
            return True
        self._fairness.refuse(tally.refused)
        if len(tally):
            self._noted.append(tally)
        return True

    def settle(self, now_minute: int) -> dict[bytes, bytes | None]:
        """Move on to `now_minute` and count what was noted.

        Answers what changed by key, encoded: counts of articles, what is known of them, and recent visitors.
        """
        if now_minute > self.now_minute:
            self.now_minute = now_minute
            self.lists.move_on(now_minute)
        noted, self._noted = self._noted, []
        if noted:
            self._count_noted(noted)
        for measure, minute, numbers in self._reports.count():
            self._count_reports(measure, minute, numbers)
        for article in [article for article in self._withheld.keys() & self._changed if self._fairness.may_list(article)]:
            self.lists.learn(article, self._withheld.pop(article))
        changed, self._changed = self._changed, set()
        learned, self._learned = self._learned, {}
        return {article: encode_counts(self.articles[article]) for article in changed} | learned | self._changes_of_rules()

    def _changes_of_rules(self) -> dict[bytes, bytes | None]:
        changes = self._fairness.changes() | (self._distinct.changes() if self._distinct is not None else {})
        return changes | self._reports.changes()

    def take_refused(self) -> Counter[Reason]:
        """Views that were not counted since this was last asked, by why."""
        return self._fairness.take_refused()

    def take_refused_reports(self) -> Counter[tuple[Measure, Reason]]:
        """Reports that were not counted since this was last asked, by what they are of and why."""
        return self._reports.take_refused()

    def _count_noted(self, noted: list[ViewTally]) -> None:
        """Judge views, and count those that count: how many of each article, minute by minute."""
        stored_at = np.repeat([tally.stored_at for tally in noted], [len(tally) for tally in noted])
        judged = self._fairness.judge(join_columns([tally.views for tally in noted]), stored_at)
        if not len(judged.stored_at):
            return
        if self._distinct is not None:
            for hour, numbers in self._distinct.count(judged.views, judged.articles, judged.stored_at).items():
                self._count_visitors(60 * hour, numbers)
        minutes, names = judged.views.seconds // 60, judged.articles.names
        for minute in distinct_numbers(minutes):
            counts = np.bincount(judged.articles.numbers[minutes == minute], minlength=len(names))
            viewed = np.flatnonzero(counts)
            self._count_views(minute, dict(zip([names[place] for place in viewed.tolist()], counts[viewed].tolist(), strict=True)))

    def _count_views(self, minute: int, numbers: Mapping[bytes, int]) -> None:
        keys, articles = bucket_keys(minute), self.articles
        for article, number in numbers.items():
            counts = articles.get(article)
            if counts is None:
                counts = articles[article] = ArticleCounts()
            add_count(counts.views, keys, number)
        self.lists.count(Measure.VIEWS, minute, numbers)
        self._changed.update(numbers)

    def _count_visitors(self, minute: int, numbers: Mapping[bytes, int]) -> None:
        keys = bucket_keys(minute)[Grain.HOUR :]
        for article, number in numbers.items():
            counts = self.articles.get(article)
            if counts is None:
                counts = self.articles[article] = ArticleCounts()
            add_visitors(counts, keys, number)
        self.lists.count(Measure.VISITORS, minute, numbers)

    def _count_reports(self, measure: Measure, minute: int, numbers: Mapping[bytes, int]) -> None:
        keys = bucket_keys(minute)
        for article, number in numbers.items():
            add_reported(self.articles.setdefault(article, ArticleCounts()), measure, keys, number)
        self.lists.count(measure, minute, numbers)
        self._changed.update(numbers)

    def _count_comment(self, tally: CommentTally) -> bool:
        counts = self.articles.setdefault(tally.article, ArticleCounts())
        if not add_comment(counts, tally.comment_id, tally.minute):
            return False
        self.lists.count(Measure.COMMENTS, tally.minute, {tally.article: 1})
        self._changed.add(tally.article)
        return True
