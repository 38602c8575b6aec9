"""All that is counted of one partition: the counts of its articles and who is best in each measure and window."""

from collections import Counter
from collections.abc import Iterable, Mapping

from services.popularity.core.counting import (
    AHEAD_MINUTES,
    ArticleCounts,
    Grain,
    add_comment,
    add_count,
    bucket_keys,
    count_from,
    count_in,
    encode_counts,
    first_bucket,
    first_minute,
)
from services.popularity.core.ranking import WindowRanking
from services.popularity.core.tallying import CommentTally, Tally
from shared.popularity import Measure, RankedArticle, Window

#: A list: what it counts, and how far back.
ListName = tuple[Measure, Window]
LISTS: tuple[ListName, ...] = tuple((measure, window) for measure in Measure for window in Window)


class PartitionState:
    """The counts of one partition as of a time that only moves forward.

    Views are only noted as they come; `settle` counts all those of one article and minute at once, since under load they are many.
    """

    def __init__(self, articles: Mapping[bytes, ArticleCounts], now_minute: int) -> None:
        self.articles: dict[bytes, ArticleCounts] = dict(articles)
        self.now_minute = now_minute
        self._noted: dict[int, Counter[bytes]] = {}
        self._changed: set[bytes] = set()
        self._rankings = {(measure, window): WindowRanking(self._count_all(measure, window)) for measure, window in LISTS}

    def _count_all(self, measure: Measure, window: Window) -> Iterable[tuple[bytes, int]]:
        for article, counts in self.articles.items():
            cells = counts.cells(measure)
            if cells is not None:
                yield article, count_in(cells, window, self.now_minute)

    def take(self, tally: Tally) -> bool:
        """Count what a record brought; False when it was counted before: the comment is a repeat of a recent one."""
        if isinstance(tally, CommentTally):
            return self._count_comment(tally)
        for minute, articles in tally.articles.items():
            self._noted.setdefault(minute, Counter()).update(articles)
        return True

    def settle(self, now_minute: int) -> dict[bytes, bytes]:
        """Move on to `now_minute` and count what was noted; answers the new values, encoded, of all articles that changed."""
        self._move_on(now_minute)
        noted, self._noted = self._noted, {}
        for minute, numbers in noted.items():
            self._count_views(min(minute, self.now_minute + AHEAD_MINUTES), numbers)
        changed, self._changed = self._changed, set()
        return {article: encode_counts(self.articles[article]) for article in changed}

    def _count_views(self, minute: int, numbers: Mapping[bytes, int]) -> None:
        keys, rankings, articles = bucket_keys(minute), self._rankings_of(Measure.VIEWS, minute), self.articles
        for article, number in numbers.items():
            counts = articles.get(article)
            if counts is None:
                counts = articles[article] = ArticleCounts()
            add_count(counts.views, keys, number)
            for ranking in rankings:
                ranking.add(article, number)
        self._changed.update(numbers)

    def best(self, name: ListName) -> tuple[RankedArticle, ...]:
        """A list as of the last `settle`, best first."""
        return self._rankings[name].best()

    def _count_comment(self, tally: CommentTally) -> bool:
        counts = self.articles.setdefault(tally.article, ArticleCounts())
        minute = min(tally.minute, self.now_minute + AHEAD_MINUTES)
        if not add_comment(counts, tally.comment_id, minute):
            return False
        for ranking in self._rankings_of(Measure.COMMENTS, minute):
            ranking.add(tally.article, 1)
        self._changed.add(tally.article)
        return True

    def _rankings_of(self, measure: Measure, minute: int) -> list[WindowRanking]:
        """The rankings whose windows reach back to a minute."""
        return [self._rankings[measure, window] for window in Window if minute >= first_minute(window, self.now_minute)]

    def _move_on(self, now_minute: int) -> None:
        if now_minute <= self.now_minute:
            return
        for (measure, window), ranking in self._rankings.items():
            if window is not Window.ALL:
                grain, old = first_bucket(window, self.now_minute)
                new = first_bucket(window, now_minute)[1]
                if new > old:
                    self._subtract(measure, ranking, grain, (old, new))
        self.now_minute = now_minute

    def _subtract(self, measure: Measure, ranking: WindowRanking, grain: Grain, gone: tuple[int, int]) -> None:
        for article in list(ranking.counts):
            cells = self.articles[article].cells(measure)
            number = count_from(cells, grain, *gone) if cells is not None else 0
            if number:
                ranking.subtract(article, number)
