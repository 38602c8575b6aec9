"""Which articles' counts are told to the index: those of which one has passed another power of two since the last checkpoint.

Before this: `state`, which says what changed. After it: `signal_records`. An article whose views go from none to n leads to at most
`log2(n)` signals of views, and as many of comments: what a document costs to write does not grow with how much it is read.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from services.popularity.core.attributes import ABOUT_PREFIX
from services.popularity.core.columns import Numbers, Rows
from services.popularity.core.lists import PartitionLists
from shared.popularity import HIGHEST_COUNT, Measure

#: Fewer views are not told: most articles have no more, and relevance rises by a tenth at nine (log10(1 + 9) = 1). Comments are
#: told from the first on, since a search may ask for articles that have any.
FIRST_VIEWS = 8
_COMMENT_LEVELS = 64

#: Article (its id as ASCII), views and comments of all time.
Signal = tuple[bytes, int, int]


class Signals:
    """What was told of each article of a partition, as levels.

    Nothing of it is stored: signals are sent in the transaction that stores the counts, so what was told last follows from the
    counts that were stored last. Whoever takes a partition over tells nothing twice and leaves nothing out.
    """

    def __init__(self, lists: PartitionLists) -> None:
        """Take what is counted now for what was told; articles that may not be listed have been told nothing of."""
        self._lists = lists
        self._levels = lists.rowing.column(np.uint16)
        rows = np.arange(len(lists.rowing.articles))
        self._levels.values[rows] = _levels(*self._count(rows))

    def take_due(self, changed: Iterable[bytes]) -> list[Signal]:
        """What is to be told now, given the keys of what a checkpoint stores.

        An article that becomes known when it was read already is told of then; one that is retracted no more.
        """
        row_of = self._lists.rowing.rows.get
        found = {row_of(key.removeprefix(ABOUT_PREFIX)) for key in changed} - {None}
        rows = np.sort(np.fromiter(found, np.int64, len(found)))
        views, comments = self._count(rows)
        levels = _levels(views, comments)
        due = (levels != self._levels.values[rows]) & (levels > 0)
        self._levels.values[rows] = levels
        articles = self._lists.rowing.articles
        told = zip(rows[due].tolist(), _numbers(views[due]), _numbers(comments[due]), strict=True)
        return [(articles[row], viewed, commented) for row, viewed, commented in told]

    def _count(self, rows: Rows) -> tuple[Numbers, Numbers]:
        return self._lists.count_shown(Measure.VIEWS, rows), self._lists.count_shown(Measure.COMMENTS, rows)


def _levels(views: Numbers, comments: Numbers) -> npt.NDArray[np.int64]:
    """The powers of two that both have passed, as one number; 0 where there is nothing to be told."""
    return _digits(np.where(views < FIRST_VIEWS, 0, views)) * _COMMENT_LEVELS + _digits(comments)


def _digits(numbers: Numbers) -> npt.NDArray[np.int64]:
    """How many binary digits each whole number has; 0 has none."""
    digits: npt.NDArray[np.int64] = np.frexp(numbers)[1].astype(np.int64)
    return digits


def _numbers(counts: Numbers) -> list[int]:
    whole: list[int] = counts.clip(max=HIGHEST_COUNT).astype(np.int64).tolist()
    return whole
