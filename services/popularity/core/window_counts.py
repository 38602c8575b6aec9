"""What is counted of the articles of a partition in each window, by columns.

A measure of which nothing was counted yet has no columns: it reads as zeros, and takes neither room nor time.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from services.popularity.core.columns import Column, Numbers, Rowing, Rows
from shared.popularity import Measure, Window

#: A measure that is counted, and a window.
Base = tuple[Measure, Window]


class WindowCounts:
    """The counts of every row of a `Rowing`. `measures` are those of which anything was counted."""

    def __init__(self, rowing: Rowing) -> None:
        self.measures: list[Measure] = []
        self._rowing = rowing
        self._columns: dict[Base, Column] = {}
        self._zeros: npt.NDArray[Any] = np.zeros(0, np.uint32)

    def begin(self, measure: Measure) -> None:
        """Something is going to be counted by this measure."""
        if measure not in self.measures:
            self.measures.append(measure)
            # The seconds of an article that is read for years would not fit into the half.
            kind = np.uint64 if measure is Measure.ENGAGED else np.uint32
            self._columns |= {(measure, window): self._rowing.column(kind) for window in Window}

    def of(self, base: Base) -> npt.NDArray[Any]:
        """The counts by row; to be written to only after `begin`."""
        column = self._columns.get(base)
        if column is not None:
            return column.values
        if len(self._zeros) != self._rowing.room:
            self._zeros = np.broadcast_to(np.uint32(0), self._rowing.room)
        return self._zeros

    def numbers(self, base: Base, rows: Rows) -> Numbers:
        """The counts of some rows, to be calculated with."""
        numbers: Numbers = self.of(base)[rows].astype(np.float64)
        return numbers

    def has(self, row: int) -> bool:
        """Whether anything was ever counted of an article."""
        return any(self._columns[measure, Window.ALL].values[row] for measure in self.measures)
