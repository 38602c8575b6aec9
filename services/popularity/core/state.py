"""All that is counted of one partition: the counts of its articles, what is known of these, and the lists that both make."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC

import numpy as np

from services.popularity.core.attributes import ABOUT_PREFIX, Attributes, encode_attributes
from services.popularity.core.counting import (
    AHEAD_MINUTES,
    ArticleCounts,
    Cells,
    Grain,
    add_comment,
    add_count,
    add_visitors,
    bucket_keys,
    encode_counts,
)
from services.popularity.core.distinct import DistinctVisitors
from services.popularity.core.fairness import Fairness, Reason
from services.popularity.core.lists import ListPlan, PartitionLists
from services.popularity.core.tallying import CommentTally, Tally, ViewTally
from services.popularity.core.view_rows import join_columns, pick_views
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
    ) -> None:
        self.articles: dict[bytes, ArticleCounts] = dict(articles)
        self.now_minute = now_minute
        self.lists = PartitionLists(plan, now_minute, self._cells_of)
        self._fairness = fairness if fairness is not None else Fairness()
        self._distinct = distinct
        self._noted: list[ViewTally] = []
        self._changed: set[bytes] = set()
        self._learned: dict[bytes, bytes] = {}
        self._withheld = {name: about for name, about in (known or {}).items() if not self._fairness.may_list(name)}
        self.lists.load(self.articles, {name: about for name, about in (known or {}).items() if name not in self._withheld})

    def _cells_of(self, article: bytes, measure: Measure) -> "Cells[int] | None":
        counts = self.articles.get(article)
        return counts.cells(measure) if counts is not None else None

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
        for minute, numbers in self._judge(noted):
            self._count_views(min(minute, self.now_minute + AHEAD_MINUTES), numbers)
        for article in [article for article in self._withheld.keys() & self._changed if self._fairness.may_list(article)]:
            self.lists.learn(article, self._withheld.pop(article))
        changed, self._changed = self._changed, set()
        learned, self._learned = self._learned, {}
        return {article: encode_counts(self.articles[article]) for article in changed} | learned | self._changes_of_rules()

    def _changes_of_rules(self) -> dict[bytes, bytes | None]:
        return self._fairness.changes() | (self._distinct.changes() if self._distinct is not None else {})

    def take_refused(self) -> Counter[Reason]:
        """Views that were not counted since this was last asked, by why."""
        return self._fairness.take_refused()

    def _judge(self, noted: list[ViewTally]) -> Iterator[tuple[int, Counter[bytes]]]:
        """What is to be counted of views: how many of each article, by minute."""
        if not noted:
            return
        views = join_columns([tally.views for tally in noted])
        stored_at = np.repeat([tally.stored_at for tally in noted], [len(tally) for tally in noted])
        counted = self._fairness.judge(views, stored_at)
        views, stored_at = pick_views(views, counted), stored_at[counted]
        if self._distinct is not None:
            for hour, numbers in self._distinct.count(views, stored_at).items():
                self._count_visitors(min(60 * hour, self.now_minute + AHEAD_MINUTES), numbers)
        articles, minutes = views.articles, views.seconds // 60
        for minute in np.unique(minutes).tolist():
            yield minute, Counter(articles[minutes == minute].tolist())

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
            add_visitors(self.articles.setdefault(article, ArticleCounts()), keys, number)
        self.lists.count(Measure.VISITORS, minute, numbers)

    def _count_comment(self, tally: CommentTally) -> bool:
        counts = self.articles.setdefault(tally.article, ArticleCounts())
        minute = min(tally.minute, self.now_minute + AHEAD_MINUTES)
        if not add_comment(counts, tally.comment_id, minute):
            return False
        self.lists.count(Measure.COMMENTS, minute, {tally.article: 1})
        self._changed.add(tally.article)
        return True
