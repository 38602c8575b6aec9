"""The best articles by count in one window, kept as counts change instead of being sorted out of all articles for every list.

Beside all counts it keeps a pool of candidates and a bound: no article outside of the pool ranks before the bound. Counting moves
an article into the pool when it passes the bound. The best of the pool are the best of all as long as the last one wanted does not
rank behind the bound; where counts fell (the window moved on) and it does, the pool is made anew from all counts. So the result is
always exact.
"""

from collections.abc import Iterable
from heapq import nsmallest

from shared.popularity import LONGEST_LIST, RankedArticle

#: Candidates kept when a pool is made: some lists long, so that falling counts seldom make it anew.
POOL = 4 * LONGEST_LIST
#: A pool that has grown to this is cut back to POOL.
LARGEST_POOL = 4 * POOL

#: Sorts as a list does: higher counts first, equal ones in the order of the article ids.
Rank = tuple[int, bytes]


class WindowRanking:
    """Counts of articles (ids as ASCII) in one measure and window, and who is best. `changed`: `best` may answer another list."""

    __slots__ = ("_best", "_bound", "_least", "_pool", "changed", "counts")

    def __init__(self, counts: Iterable[tuple[bytes, int]] = ()) -> None:
        self.counts: dict[bytes, int] = {article: count for article, count in counts if count > 0}
        self._pool: set[bytes] = set()
        self._bound: Rank | None = None
        self._best: tuple[RankedArticle, ...] = ()
        self.changed = True
        self._fill_pool()

    def add(self, article: bytes, number: int) -> None:
        """Count `number` more."""
        count = self.counts[article] = self.counts.get(article, 0) + number
        if count >= self._least and (self._bound is None or (-count, article) < self._bound):
            self._pool.add(article)
            self.changed = True

    def subtract(self, article: bytes, number: int) -> None:
        """Count `number` less; an article that has none left is no longer ranked."""
        left = self.counts[article] - number
        if left > 0:
            self.counts[article] = left
        else:
            del self.counts[article]
            self._pool.discard(article)
        self.changed = True

    def best(self) -> tuple[RankedArticle, ...]:
        """The LONGEST_LIST best, best first."""
        if self.changed:
            self._best = tuple([RankedArticle(article_id=article.decode(), count=-less) for less, article in self._ranks()])
            self.changed = False
        return self._best

    def _ranks(self) -> list[Rank]:
        ranks = self._of_pool(LONGEST_LIST)
        if self._bound is not None and (len(ranks) < LONGEST_LIST or ranks[-1] > self._bound):
            self._fill_pool()
            ranks = self._of_pool(LONGEST_LIST)
        elif len(self._pool) > LARGEST_POOL:
            kept = self._of_pool(POOL)
            self._pool = {article for _, article in kept}
            self._set_bound(kept[-1] if self._bound is None else min(kept[-1], self._bound))
        return ranks

    def _of_pool(self, number: int) -> list[Rank]:
        counts = self.counts
        return nsmallest(number, [(-counts[article], article) for article in self._pool])

    def _fill_pool(self) -> None:
        kept = nsmallest(POOL, ((-count, article) for article, count in self.counts.items()))
        self._pool = {article for _, article in kept}
        self._set_bound(kept[-1] if len(self.counts) > len(kept) else None)

    def _set_bound(self, bound: Rank | None) -> None:
        self._bound = bound
        self._least = -bound[0] if bound is not None else 0  # no lower count can pass the bound
