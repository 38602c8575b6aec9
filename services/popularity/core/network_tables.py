"""The views of articles by network, one table an article: bytes that are kept in memory as they are stored.

A table is a row of entries of 12 bytes, a number of 8 and one of 4. The first two are its head: the form and from how many networks
the article was viewed on its best day, with the day; then all views that counted that day. The others are networks with the views
that they gave. The tables of many articles are joined into columns, changed there, and split again.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.popularity.core.view_rows import Numbers, Words

#: Entries that an article has at the most; later networks share them.
MOST_NETWORKS = 64
_ENTRY = np.dtype([("number", "<u8"), ("count", "<u4")])
_HEAD_ENTRIES = 2
LEAST_BYTES = _HEAD_ENTRIES * _ENTRY.itemsize
_FIRST_FORMAT, _FORMAT = 1, 2
_FIRST_HEADER = struct.Struct("<BIQHH")  # format, day, views counted that day, most networks of a day, networks
_HEADER = struct.Struct("<BHxxxxxIQI")  # format, most networks of a day; day; views counted that day, networks
_MOST_COUNT = 2**32 - 1
#: An odd number without a pattern: what articles are mixed into networks with.
_MIX = np.uint64(0x9216D5D98979FB1B)


@dataclass(slots=True, eq=False)
class Tables:
    """Tables in columns: one row an article in `reaches`, `totals` and `used`; one an entry in the others, article by article."""

    days: Numbers
    reaches: Numbers
    totals: Numbers
    used: Numbers
    owners: Numbers
    networks: Words
    counts: Numbers

    def find_entries(self, owners: Numbers, networks: Words) -> Numbers:
        """The entry of each view of these articles and networks; networks that have none get one, or share one."""
        keys, first, which = np.unique(_keys(owners, networks), return_index=True, return_inverse=True)
        own = _keys(self.owners, self.networks)
        order = np.argsort(own)
        found = np.full(len(keys), -1, np.int64)
        if len(own):
            places = np.searchsorted(own[order], keys).clip(max=len(own) - 1)
            known = own[order[places]] == keys
            found[known] = order[places[known]]
        new = np.flatnonzero(found < 0)
        if len(new):
            new = new[np.lexsort((first[new], owners[first[new]]))]
            found = self._add(found, new, owners[first[new]], networks[first[new]])
        return found[which]

    def _add(self, found: Numbers, new: Numbers, owners: Numbers, networks: Words) -> Numbers:
        """Give entries to networks, in the order of their articles and of the log; answers where all entries are now."""
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        ranks = np.arange(len(owners)) - np.repeat(starts, np.diff(starts, append=len(owners)))
        within = self.used[owners] + ranks
        fits = within < MOST_NETWORKS
        before, used_before = np.cumsum(self.used) - self.used, self.used
        self.used = np.minimum(self.used + np.bincount(owners, minlength=len(self.used)), MOST_NETWORKS)
        begins = np.cumsum(self.used) - self.used
        moved = np.arange(len(self.owners)) + np.repeat(begins - before, used_before)
        within = np.where(fits, within, (networks % np.uint64(MOST_NETWORKS)).astype(np.int64))
        places = begins[owners] + within
        self._spread(moved, places[fits], networks[fits])
        found[found >= 0] = moved[found[found >= 0]]
        found[new] = places
        self.reaches = np.maximum(self.reaches, self.used)
        return found

    def _spread(self, moved: Numbers, places: Numbers, networks: Words) -> None:
        size = len(moved) + len(places)
        old = self.networks, self.counts
        self.networks, self.counts = np.empty(size, np.uint64), np.zeros(size, np.int64)
        self.networks[moved], self.counts[moved] = old
        self.networks[places] = networks
        self.owners = np.repeat(np.arange(len(self.used)), self.used)

    def count(self, owners: Numbers, entries: Numbers) -> None:
        """Count views, each of an article and, where it is not -1, of an entry."""
        self.totals = self.totals + np.bincount(owners, minlength=len(self.totals))
        self.counts = self.counts + np.bincount(entries[entries >= 0], minlength=len(self.counts))


def _keys(owners: Numbers, networks: Words) -> Words:
    """A number for each pair of article and network; hashes being what they are, no two are the same."""
    keys: Words = networks ^ (owners.astype(np.uint64) * _MIX)
    return keys


def join_tables(values: Sequence[bytes], day: int) -> Tables:
    """The tables of some articles as of a day, empty ones for those of the days before it and for those that are empty."""
    heads = [value or _EMPTY for value in values]
    lengths = np.fromiter([len(value) for value in heads], np.int64, len(heads)) // _ENTRY.itemsize
    entries = np.frombuffer(b"".join(heads), _ENTRY)
    starts = np.cumsum(lengths) - lengths
    first, second = entries[starts], entries[starts + 1]
    days = first["count"].astype(np.int64)
    is_new = days < day
    used = np.where(is_new, 0, second["count"].astype(np.int64))
    totals = np.where(is_new, 0, second["number"].astype(np.int64))
    is_entry = np.repeat(~is_new, lengths)
    is_entry[starts] = is_entry[starts + 1] = False
    kept = entries[is_entry]
    return Tables(
        days=np.maximum(days, day),
        reaches=(first["number"] >> np.uint64(8)).astype(np.int64),
        totals=totals,
        used=used,
        owners=np.repeat(np.arange(len(heads)), used),
        networks=kept["number"],
        counts=kept["count"].astype(np.int64),
    )


def split_tables(tables: Tables) -> list[bytes]:
    """Each table of its own again."""
    lengths = tables.used + _HEAD_ENTRIES
    ends = np.cumsum(lengths)
    starts = ends - lengths
    entries = np.empty(int(ends[-1]) if len(ends) else 0, _ENTRY)
    entries["number"][starts] = _FORMAT | tables.reaches.astype(np.uint64) << np.uint64(8)
    entries["count"][starts] = tables.days
    entries["number"][starts + 1], entries["count"][starts + 1] = tables.totals, tables.used
    is_entry = np.ones(len(entries), np.bool_)
    is_entry[starts] = is_entry[starts + 1] = False
    entries["number"][is_entry] = tables.networks
    entries["count"][is_entry] = np.minimum(tables.counts, _MOST_COUNT)
    raw, size = entries.tobytes(), _ENTRY.itemsize
    return [raw[start:end] for start, end in zip((starts * size).tolist(), (ends * size).tolist(), strict=True)]


def reach_of(value: bytes) -> int:
    """From how many networks the article of a table was viewed on its best day."""
    return value[1] | value[2] << 8


def decode_table(value: bytes) -> bytes:
    """The table that was stored, in the form that is kept; ValueError for what is none of either form."""
    if len(value) >= _FIRST_HEADER.size and value[0] == _FIRST_FORMAT:
        _, day, total, reach, number = _FIRST_HEADER.unpack_from(value)
        value = _HEADER.pack(_FORMAT, reach, day, total, number) + value[_FIRST_HEADER.size :]
    if len(value) < LEAST_BYTES or value[0] != _FORMAT:
        raise ValueError("not networks of a form that this version knows")
    number = _HEADER.unpack_from(value)[-1]
    if len(value) != LEAST_BYTES + _ENTRY.itemsize * number or number > MOST_NETWORKS:
        raise ValueError(f"networks of {len(value)} bytes, which is not what their head says")
    return value


_EMPTY = _HEADER.pack(_FORMAT, 0, 0, 0, 0)
