"""From which networks an article was viewed today, so that no network gives more than its share of the article's views.

The rule, for the views of an article in the order of the log, on the (UTC) day on which they were stored: a view of a network
counts as long as, with it, the network has given no more than the share of all views that counted that day, or FREE_VIEWS. What
counts later only makes a share smaller, so no network is ever above it. Without the free views an article could never begin: the
second view of every network would be above a tenth until there are twenty. With them, one that is read from ten networks or fewer
counts as many for each, and no more, where the share is a tenth.

Which networks are the same is known within a day only, since the salt of their hashes changes; so every day begins anew. Views
whose network is not known count without limit: only who holds a token can report such.

The first MOST_NETWORKS networks of an article have an entry each in its `network_tables`; every later one shares one of these,
always the same. So what an entry holds may be too high for a network, by one in MOST_NETWORKS of the article's views of the day on
average, and is never too low: the share holds exactly, and a network may be held back that much earlier. Nobody can choose an
entry, since the hashes are keyed.

Many views are judged at once: those of an article all count if each would with all before it counting. Only where that is not so,
they are gone through in turn. Both give the same.
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.popularity.core.network_tables import (
    Tables,
    decode_table,
    join_tables,
    reach_of,
    split_tables,
)
from services.popularity.core.view_rows import Numbers, Seconds, ViewedArticles, Words

#: A smaller share could not be told from the error of what an article keeps.
LEAST_PERCENT = 5
#: Keys of what is stored begin with it; the article id follows.
NETWORKS_PREFIX = b"networks:"
#: Views a day that every network may give to an article.
FREE_VIEWS = 10
_DAY_SECONDS = 24 * 3600

Mask = NDArray[np.bool_]


class ArticleNetworks:
    """The networks of all articles of a partition."""

    def __init__(self, percent: int, stored: Mapping[bytes, bytes] | None = None, prefix: bytes = NETWORKS_PREFIX) -> None:
        """`percent` is the most that one network gives, 0 for no limit; `stored` what `changes` answered, else a ValueError.

        Keys begin with `prefix`.
        """
        self._percent = percent
        self._prefix = prefix
        self._tables = {key.removeprefix(prefix): decode_table(value) for key, value in (stored or {}).items()}
        self._changed: set[bytes] = set()

    def judge(self, articles: ViewedArticles, networks: Words, stored_at: Seconds) -> Mask:
        """Which views count, in the order of the log."""
        counted = np.ones(len(networks), np.bool_)
        days = stored_at // _DAY_SECONDS
        bounds = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]
        for start, end in pairwise(bounds):
            if start < end:
                part = slice(start, end)
                counted[part] = self._judge(articles.names, articles.numbers[part], networks[part], int(days[start]))
        return counted

    def _judge(self, names: list[bytes], numbers: Numbers, networks: Words, day: int) -> Mask:
        viewed = np.flatnonzero(np.bincount(numbers, minlength=len(names)))
        places = np.empty(len(names), np.int64)
        places[viewed] = np.arange(len(viewed))
        owners, own = places[numbers], [names[number] for number in viewed.tolist()]
        tables = join_tables([self._tables.get(name, b"") for name in own], day)
        known = np.flatnonzero(networks)
        entries = np.full(len(networks), -1, np.int64)
        entries[known] = tables.find_entries(owners[known], networks[known])
        counted = self._apply(tables, owners, entries)
        tables.count(owners[counted], entries[counted])
        self._tables.update(zip(own, split_tables(tables), strict=True))
        self._changed.update(own)
        return counted

    def _apply(self, tables: Tables, owners: Numbers, entries: Numbers) -> Mask:
        """Which views count, by the article and the entry of each; -1 is the entry of a network that is not known."""
        counted = np.ones(len(owners), np.bool_)
        if not self._percent:
            return counted
        after = tables.counts + np.bincount(entries[entries >= 0], minlength=len(tables.counts))
        above = (after > FREE_VIEWS) & (100 * after > self._percent * (tables.totals[tables.owners] + 1))
        if not above.any():
            return counted
        doubtful = np.zeros(len(tables.totals), np.bool_)
        doubtful[tables.owners[above]] = True
        views = np.flatnonzero(doubtful[owners])
        order = views[np.argsort(owners[views], kind="stable")]
        refused = self._would_refuse(tables, owners[order], entries[order])
        for owner in np.unique(owners[order[refused]]).tolist():
            start, end = np.searchsorted(owners[order], [owner, owner + 1]).tolist()
            own = order[start:end]
            counted[own] = self._judge_in_turn(entries[own].tolist(), tables.counts, int(tables.totals[owner]))
        return counted

    def _would_refuse(self, tables: Tables, owners: Numbers, entries: Numbers) -> Mask:
        """Which views would not count if all before them did: the views are in the order of their articles, and of the log."""
        given = tables.counts[entries] + _ranks(entries)
        total = tables.totals[owners] + _ranks(owners)
        return (entries >= 0) & (given >= FREE_VIEWS) & (100 * (given + 1) > self._percent * (total + 1))

    def _judge_in_turn(self, entries: list[int], counts: Numbers, total: int) -> list[bool]:
        """The views of one article, one by one."""
        given = {entry: int(counts[entry]) for entry in set(entries)}
        given[-1] = 0
        percent, judged = self._percent, []
        for entry in entries:
            number = given[entry]
            counts_too = entry < 0 or number < FREE_VIEWS or 100 * (number + 1) <= percent * (total + 1)
            if counts_too:
                given[entry] = number + 1
                total += 1
            judged.append(counts_too)
        return judged

    def reach(self, article: bytes) -> int:
        """From how many networks an article was viewed on its best day, MOST_NETWORKS of them at the most."""
        table = self._tables.get(article)
        return reach_of(table) if table is not None else 0

    def changes(self) -> dict[bytes, bytes | None]:
        """What to store since this was last asked."""
        changed, self._changed = self._changed, set()
        return {self._prefix + name: self._tables[name] for name in changed}


def _ranks(numbers: Numbers) -> Numbers:
    """How many of the same number stand before each."""
    order = np.argsort(numbers, kind="stable")
    starts = np.flatnonzero(np.diff(numbers[order], prepend=np.iinfo(np.int64).min))
    ranks = np.empty(len(numbers), np.int64)
    ranks[order] = np.arange(len(numbers)) - np.repeat(starts, np.diff(starts, append=len(numbers)))
    return ranks
