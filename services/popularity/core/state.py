"""All that is counted of one partition: the counts of its articles and who is best in each measure and window."""

from collections import Counter
from collections.abc import Iterable, Mapping

from services.popularity.core.counting import (
    AHEAD_MINUTES,
    ArticleCounts,
    Grain,
    add_comment,
    add_count,
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
        self._noted: Counter[tuple[bytes, int]] = Counter()
        self._changed: set[bytes] = set()
        self._rankings = {(measure, window): WindowRanking(self._count_all(measure, window)) for measure, window in LISTS}
        self._open_from = self._start_windows()

    def _count_all(self, measure: Measure, window: Window) -> Iterable[tuple[bytes, int]]:
        for article, counts in self.articles.items():
            cells = counts.cells(measure)
            if cells is not None:
                yield article, count_in(cells, window, self.now_minute)

    def take(self, tally: Tally) -> bool:
        """Count what a record brought; False when it was counted before: the comment is a repeat of a recent one."""
        if isinstance(tally, CommentTally):
            return self._count_comment(tally)
        self._noted.update(tally.views)
        return True

    def settle(self, now_minute: int) -> dict[bytes, bytes]:
        """Move on to `now_minute` and count what was noted; answers the new values, encoded, of all articles that changed."""
        self._move_on(now_minute)
        latest = self.now_minute + AHEAD_MINUTES
        for article, minutes in self._noted_by_article().items():
            views = self._counts_of(article).views
            counted = [(min(minute, latest), number) for minute, number in minutes]
            for minute, number in counted:
                add_count(views, minute, number)
            self._rank(Measure.VIEWS, article, counted)
        changed, self._changed = self._changed, set()
        return {article: encode_counts(self.articles[article]) for article in changed}

    def _noted_by_article(self) -> dict[bytes, list[tuple[int, int]]]:
        noted, self._noted = self._noted, Counter()
        by_article: dict[bytes, list[tuple[int, int]]] = {}
        for (article, minute), number in noted.items():
            by_article.setdefault(article, []).append((minute, number))
        return by_article

    def best(self, name: ListName) -> tuple[RankedArticle, ...]:
        """A list as of the last `settle`, best first."""
        return self._rankings[name].best()

    def _count_comment(self, tally: CommentTally) -> bool:
        counts = self._counts_of(tally.article)
        minute = min(tally.minute, self.now_minute + AHEAD_MINUTES)
        if not add_comment(counts, tally.comment_id, minute):
            return False
        self._rank(Measure.COMMENTS, tally.article, [(minute, 1)])
        return True

    def _counts_of(self, article: bytes) -> ArticleCounts:
        counts = self.articles.get(article)
        if counts is None:
            counts = self.articles[article] = ArticleCounts()
        return counts

    def _rank(self, measure: Measure, article: bytes, counted: list[tuple[int, int]]) -> None:
        self._changed.add(article)
        oldest = min(counted)[0]
        whole = sum([number for _, number in counted])
        for ranking, first in self._open_from[measure]:
            number = whole if oldest >= first else sum([number for minute, number in counted if minute >= first])
            if number:
                ranking.add(article, number)

    def _start_windows(self) -> dict[Measure, list[tuple[WindowRanking, int]]]:
        """The rankings of each measure with the first minute that their windows reach back to."""
        starts: dict[Measure, list[tuple[WindowRanking, int]]] = {measure: [] for measure in Measure}
        for (measure, window), ranking in self._rankings.items():
            starts[measure].append((ranking, first_minute(window, self.now_minute)))
        return starts

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
        self._open_from = self._start_windows()

    def _subtract(self, measure: Measure, ranking: WindowRanking, grain: Grain, gone: tuple[int, int]) -> None:
        for article in list(ranking.counts):
            cells = self.articles[article].cells(measure)
            number = count_from(cells, grain, *gone) if cells is not None else 0
            if number:
                ranking.subtract(article, number)
