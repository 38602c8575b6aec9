"""Which groups of articles have lists of their own: sections, languages, publishers and their combinations that occur.

Anybody can name a section, so there is a bound: as many groups have lists as are allowed, those with most articles. The others are
counted as left out, and the reader then narrows the next wider list down.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from services.popularity.core.attributes import Attributes
from services.popularity.core.columns import Codes
from services.popularity.core.ranking import MASKS, MOST_CHOSEN, Members, groups_of, number_groups, pack, unpack
from shared.popularity import ListGroup

_MOST_NAMES = (1 << 24, 1 << 14, 1 << 24)


class Groups:
    """The groups of the articles that may be listed; numbers stand for them, see `ranking`. `most` have lists besides the whole."""

    def __init__(self, most: int) -> None:
        self._most = min(most, MOST_CHOSEN)
        self._numbers: tuple[dict[str, int], ...] = ({}, {}, {})
        self._names: tuple[list[str | None], ...] = ([None], [None], [None])
        self._articles: Counter[int] = Counter()
        self._group_names: dict[int, ListGroup] = {}
        self._chosen: set[int] = {0}
        self._left_out: int | None = 0
        self.chosen: Codes = np.zeros(1, np.int64)

    @property
    def left_out(self) -> int:
        """How many groups have articles, and no lists."""
        if self._left_out is None:
            self._left_out = len(self._articles) - len(self._chosen & self._articles.keys())
        return self._left_out

    def code(self, known: Attributes) -> int:
        """The finest group of an article."""
        values = (known.section, known.language, known.publisher)
        return pack(*[self._number(dimension, value) for dimension, value in enumerate(values)])

    def _number(self, dimension: int, value: str | None) -> int:
        if value is None:
            return 0
        numbers, names = self._numbers[dimension], self._names[dimension]
        number = numbers.get(value)
        if number is None:
            if len(names) == _MOST_NAMES[dimension]:
                return 0
            number = numbers[value] = len(names)
            names.append(value)
        return number

    def name(self, group: int) -> ListGroup:
        """What the articles of a group have in common."""
        name = self._group_names.get(group)
        if name is None:
            section, language, publisher = (names[number] for names, number in zip(self._names, unpack(group), strict=True))
            name = self._group_names[group] = ListGroup(section=section, language=language, publisher=publisher)
        return name

    def join(self, code: int) -> None:
        """One article more of this finest group."""
        self._left_out = None
        for group in groups_of(code):
            self._articles[group] += 1
            if group not in self._chosen and len(self._chosen) <= self._most:
                self._set_chosen({*self._chosen, group})

    def join_all(self, codes: Iterable[int]) -> None:
        """Many articles at once; then choose."""
        self._left_out = None
        for code, articles in Counter(codes).items():
            for group in groups_of(code):
                self._articles[group] += articles
        self.choose()

    def leave(self, code: int) -> None:
        """One article less of this finest group. A group that has none left keeps its lists, empty, until the next choice."""
        self._left_out = None
        for group in groups_of(code):
            self._articles[group] -= 1
            if not self._articles[group]:
                del self._articles[group]

    def choose(self) -> bool:
        """Give lists to the groups with most articles; answers whether any group lost its lists."""
        names = self._names
        largest = sorted(
            (group for group in self._articles if group),
            key=lambda group: (-self._articles[group], [n[i] or "" for n, i in zip(names, unpack(group), strict=True)]),
        )
        before = self._chosen
        self._set_chosen({0, *largest[: self._most]})
        return not before <= self._chosen

    def _set_chosen(self, chosen: set[int]) -> None:
        self._chosen, self._left_out = chosen, None
        self.chosen = np.fromiter(sorted(chosen), np.int64)


class FinestGroups:
    """The finest groups that occur, by number, and which of the chosen groups each is in. The first is that of nothing known."""

    def __init__(self) -> None:
        self._numbers = {0: 0}
        self._codes: Codes = np.zeros(1, np.int64)
        self._chosen: Codes = np.zeros(0, np.int64)
        self._members: tuple[Members, ...] = ()

    def number(self, code: int) -> int:
        """The number of a finest group, a new one if it has none."""
        return self._numbers.setdefault(code, len(self._numbers))

    @property
    def codes(self) -> Codes:
        """The finest group of each number."""
        if len(self._codes) != len(self._numbers):
            self._codes = np.fromiter(self._numbers, np.int64)
        return self._codes

    def members(self, chosen: Codes) -> tuple[Members, ...]:
        """By mask, for every number the group that its articles are in, as `number_groups` has it."""
        if chosen is not self._chosen or len(self._members[0]) != len(self._numbers):
            self._chosen, self._members = chosen, tuple(number_groups(self.codes, chosen, mask) for mask in MASKS)
        return self._members
