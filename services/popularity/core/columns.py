"""The numbers of all articles of a partition in columns, one row an article: what lists are ranked by is computed for all at once.

A row is never given to another article. Numbers come from the cells of `counting` when a partition is opened and when a window
rolls on, and are added to in between, which gives the same.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from services.popularity.core.windows import Span

Rows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_COUNT_BITS, _GRAIN_BITS = 32, 62
_COUNT = np.uint64((1 << _COUNT_BITS) - 1)
_AT_ONCE = 20_000
_FIRST_ROOM = 1024


class Rowing:
    """Rows of articles (ids as ASCII), and their ids as two numbers that sort as the ids do."""

    def __init__(self) -> None:
        self.rows: dict[bytes, int] = {}
        self.articles: list[bytes] = []
        self._columns: list[Column] = []
        self.high, self.low = self.column(np.uint64), self.column(np.uint64)
        self._places: Rows = np.zeros(0, np.int64)

    def column(self, kind: Any, empty: Any = 0) -> "Column":
        """A column of this kind that has a value, at first `empty`, in every row."""
        made = Column(kind, empty, self.room)
        self._columns.append(made)
        return made

    @property
    def room(self) -> int:
        """The length of every column; there may be room for more rows than there are."""
        return len(self._columns[0].values) if self._columns else _FIRST_ROOM

    def places(self) -> Rows:
        """For every row, the place of its article in the order of the ids. What is answered stays as it is."""
        number = len(self.articles)
        if len(self._places) != number:
            self._places = np.empty(number, np.int64)
            self._places[np.lexsort((self.low.values[:number], self.high.values[:number]))] = np.arange(number)
        return self._places

    def distinct(self, parts: Sequence[Rows]) -> Rows:
        """Every row of some parts once, in order. Marking them is faster than sorting."""
        marked = np.zeros(len(self.articles), np.bool_)
        for part in parts:
            marked[part] = True
        return np.flatnonzero(marked)

    def row(self, article: bytes) -> int:
        """The row of an article, a new one if it has none."""
        row = self.rows.get(article)
        return self._add(article) if row is None else row

    def all_of(self, articles: Iterable[bytes]) -> Rows:
        """The rows of some articles, in their order."""
        row = self.row
        return np.fromiter([row(article) for article in articles], np.int64)

    def _add(self, article: bytes) -> int:
        row = self.rows[article] = len(self.articles)
        self.articles.append(article)
        if row >= self.room:
            for column in self._columns:
                column.grow()
        self.high.values[row], self.low.values[row] = int(article[:16], 16), int(article[16:], 16)
        return row


class Column:
    """One number of every row; `values` may have room for more rows than there are."""

    __slots__ = ("_empty", "values")

    def __init__(self, kind: Any, empty: Any, room: int) -> None:
        self._empty = empty
        self.values: npt.NDArray[Any] = np.full(room, empty, kind)

    def grow(self) -> None:
        """Make room for half as many rows more."""
        room = len(self.values) // 2
        self.values = np.concatenate((self.values, np.full(room, self._empty, self.values.dtype)))


#: The cells of articles by their rows, None where nothing is counted.
CellsOf = Callable[[Rows], "Sequence[array[int] | None]"]


def count_spans(rows: Rows, cells_of: CellsOf, spans: Sequence[Span | None]) -> list[Numbers]:
    """What was counted of each row in each span, None meaning all: `counting.count_from` and `total`, of many articles at once."""
    parts = [_count_some(rows[at : at + _AT_ONCE], cells_of, spans) for at in range(0, len(rows), _AT_ONCE)]
    return [np.concatenate([part[each] for part in parts]) if parts else np.zeros(0) for each in range(len(spans))]


def _count_some(rows: Rows, cells_of: CellsOf, spans: Sequence[Span | None]) -> list[Numbers]:
    cells, lengths = _join(rows, cells_of)
    owners = np.repeat(np.arange(len(rows)), lengths)
    counted = []
    for span in spans:
        chosen = _within(cells, span)
        numbers = np.bincount(owners[chosen], (cells[chosen] & _COUNT).astype(np.float64), len(rows))
        counted.append(numbers.astype(np.float64, copy=False))
    return counted


def count_buckets(rows: Rows, cells_of: CellsOf, span: Span) -> npt.NDArray[np.uint32]:
    """What was counted of each row in each bucket of a span that ends; one line a row."""
    width = (span.end or span.first) - span.first
    counts = np.zeros((len(rows), width), np.uint32)
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        cells, lengths = _join(some, cells_of)
        chosen = _within(cells, span)
        owners = np.repeat(np.arange(at, at + len(some)), lengths)[chosen]
        counts[owners, _buckets(cells[chosen]) - span.first] = cells[chosen] & _COUNT
    return counts


def weigh_hours(rows: Rows, cells_of: CellsOf, span: Span, weight: Callable[[Numbers], Numbers]) -> Numbers:
    """The sum over the buckets of a span of what was counted times the weight of the bucket, always added up in the same order."""
    sums = [np.zeros(0)]
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        cells, lengths = _join(some, cells_of)
        chosen = _within(cells, span)
        owners = np.repeat(np.arange(len(some)), lengths)[chosen]
        buckets = _buckets(cells[chosen]).astype(np.float64)
        counts = (cells[chosen] & _COUNT).astype(np.float64)
        sums.append(np.bincount(owners, counts * weight(buckets), len(some)).astype(np.float64, copy=False))
    return np.concatenate(sums)


def _join(rows: Rows, cells_of: CellsOf) -> tuple[npt.NDArray[np.uint64], Rows]:
    kept = [cells or b"" for cells in cells_of(rows)]
    lengths = np.fromiter([len(cells) for cells in kept], np.int64, len(kept))
    return np.frombuffer(b"".join(kept), np.uint64), lengths


def _buckets(cells: npt.NDArray[np.uint64]) -> Rows:
    """Which bucket of its grain each cell is."""
    return ((cells >> np.uint64(_COUNT_BITS)) & np.uint64((1 << (_GRAIN_BITS - _COUNT_BITS)) - 1)).astype(np.int64)


def _within(cells: npt.NDArray[np.uint64], span: Span | None) -> Any:
    if span is None:
        return cells >> np.uint64(_GRAIN_BITS) == np.uint64(3)
    low = np.uint64(span.grain << _GRAIN_BITS | span.first << _COUNT_BITS)
    high = np.uint64((span.grain + 1) << _GRAIN_BITS if span.end is None else span.grain << _GRAIN_BITS | span.end << _COUNT_BITS)
    return (cells >= low) & (cells < high)
