"""How often an article was viewed, by how many, and commented on: counts in buckets of event time, and a total.

Buckets are of a minute, an hour and a day; those of one measure are one sorted array of unsigned 64-bit cells, `grain << 62 |
bucket << 32 | count`; the total comes last. Empty buckets take no room, and the cells in memory are byte for byte what a
checkpoint stores. A bucket is kept for as long as it is less than `KEPT[grain]` buckets older than the newest one of its article.
So an article takes 278 cells (2.2 kB) a measure at the most, and the order in which views come does not matter: what comes too
late for the minutes still counts in its hour, its day and the total.
"""

import struct
import sys
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from enum import IntEnum

from shared.popularity import Measure, Window


class Grain(IntEnum):
    """How long a bucket is."""

    MINUTE = 0
    HOUR = 1
    DAY = 2


#: Minutes in one bucket of each grain.
MINUTES_IN = (1, 60, 24 * 60)
#: Buckets kept of each grain: those of its longest window and some for clocks that go ahead, see AHEAD_MINUTES.
KEPT = (60 + 15, 7 * 24 + 2, 30 + 2)
#: What lies further ahead of the clock than this counts as if it happened that far ahead.
AHEAD_MINUTES = 10
#: Ids of an article's last comments, by which a comment that is posted again is known.
RECENT_COMMENTS = 64

#: The window's grain, and how many buckets it takes: the one under way and those before it. So windows roll on by the minute (1h),
#: the hour (24h and 7d) or the day (30d), and reach back up to one bucket less than their names say.
WINDOWS = {
    Window.HOUR: (Grain.MINUTE, 60),
    Window.DAY: (Grain.HOUR, 24),
    Window.WEEK: (Grain.HOUR, 7 * 24),
    Window.MONTH: (Grain.DAY, 30),
}

_COUNT_BITS = 32
_COUNT = (1 << _COUNT_BITS) - 1
_GRAIN_BITS = 62
_TOTAL = 3 << _GRAIN_BITS
_LAST_MINUTE = (1 << 30) - 1
_COMMENT_ID_BYTES = 16
_FIRST_FORMAT, _FORMAT = 1, 2
_FIRST_HEADER = struct.Struct("<BHHH")  # format; cells of views and comments; comment ids
_HEADER = struct.Struct("<BHHHH")  # format; cells of views, comments and visitors; comment ids

#: An array("Q"), as the module describes.
Cells = array


def empty_cells() -> "Cells[int]":
    """The cells of nothing counted yet."""
    return array("Q", (_TOTAL,))


@dataclass(slots=True)
class ArticleCounts:
    """What is counted of one article. `comments` and `visitors` are None until there are any.

    `comment_ids` are the article's last ones, 16 bytes each. A visitor is counted once a day, see `distinct`.
    """

    views: "Cells[int]" = field(default_factory=empty_cells)
    comments: "Cells[int] | None" = None
    comment_ids: bytes = b""
    visitors: "Cells[int] | None" = None

    def cells(self, measure: Measure) -> "Cells[int] | None":
        """The cells of one measure that is counted."""
        if measure is Measure.VISITORS:
            return self.visitors
        return self.views if measure is Measure.VIEWS else self.comments


def bucket_keys(minute: int) -> tuple[int, ...]:
    """Where a minute since 1970 counts: the cells, without their counts, of its minute, its hour and its day."""
    minute = min(max(minute, 0), _LAST_MINUTE)
    return tuple([grain << _GRAIN_BITS | minute // MINUTES_IN[grain] << _COUNT_BITS for grain in Grain])


def add_count(cells: "Cells[int]", keys: tuple[int, ...], number: int) -> None:
    """Count `number` more in buckets that `bucket_keys` names, and in the total."""
    for key in keys:
        place = bisect_left(cells, key)
        cell = cells[place]  # there always is one: the total comes last
        if cell ^ key <= _COUNT:
            cells[place] = cell + number
        else:
            _insert(cells, place, key, number)
    cells[-1] += number


def _insert(cells: "Cells[int]", place: int, key: int, number: int) -> None:
    """Begin a bucket, unless its time is over; the newest bucket of a grain ends the time of the oldest."""
    grain = key >> _GRAIN_BITS
    start, end, kept = grain << _GRAIN_BITS, (grain + 1) << _GRAIN_BITS, KEPT[grain]
    if cells[place] >= end:
        cells.insert(place, key | number)
        first = bisect_left(cells, start)
        del cells[first : bisect_left(cells, max(start, key - ((kept - 1) << _COUNT_BITS)), first)]
    elif (cells[bisect_left(cells, end, place) - 1] >> _COUNT_BITS) - (key >> _COUNT_BITS) < kept:
        cells.insert(place, key | number)


def add_visitors(counts: ArticleCounts, keys: tuple[int, ...], number: int) -> None:
    """Count so many visitors more in buckets that `bucket_keys` names."""
    if counts.visitors is None:
        counts.visitors = empty_cells()
    add_count(counts.visitors, keys, number)


def total(cells: "Cells[int]") -> int:
    """All that was ever counted."""
    return cells[-1] - _TOTAL


def count_from(cells: "Cells[int]", grain: Grain, first: int, end: int | None = None) -> int:
    """What was counted from bucket `first` on, up to but not in bucket `end`."""
    low = bisect_left(cells, grain << _GRAIN_BITS | first << _COUNT_BITS)
    after = (grain + 1) << _GRAIN_BITS if end is None else grain << _GRAIN_BITS | end << _COUNT_BITS
    high = bisect_left(cells, after, low)
    return sum([cell & _COUNT for cell in cells[low:high]])


def first_bucket(window: Window, now_minute: int) -> tuple[Grain, int]:
    """The oldest bucket in one of WINDOWS that ends now."""
    grain, buckets = WINDOWS[window]
    return grain, max(now_minute // MINUTES_IN[grain] - buckets + 1, 0)


def add_comment(counts: ArticleCounts, comment_id: bytes, minute: int) -> bool:
    """Count a comment unless it is one of the article's last RECENT_COMMENTS; answers whether it was counted."""
    ids = counts.comment_ids
    if any(ids[at : at + _COMMENT_ID_BYTES] == comment_id for at in range(0, len(ids), _COMMENT_ID_BYTES)):
        return False
    if counts.comments is None:
        counts.comments = empty_cells()
    add_count(counts.comments, bucket_keys(minute), 1)
    counts.comment_ids = (ids + comment_id)[-RECENT_COMMENTS * _COMMENT_ID_BYTES :]
    return True


def encode_counts(counts: ArticleCounts) -> bytes:
    """The counts as `popularity.counts` keeps them: how many of each, then cells (little endian) and comment ids."""
    comments, visitors = counts.comments or (), counts.visitors or ()
    head = _HEADER.pack(_FORMAT, len(counts.views), len(comments), len(visitors), len(counts.comment_ids) // _COMMENT_ID_BYTES)
    return b"".join((head, *[_to_bytes(cells) for cells in (counts.views, comments, visitors) if cells], counts.comment_ids))


def decode_counts(value: bytes) -> ArticleCounts:
    """The reverse of `encode_counts`; ValueError for what neither it nor its first form (which had no visitors) made."""
    if len(value) >= _FIRST_HEADER.size and value[0] == _FIRST_FORMAT:
        _, views, comments, ids = _FIRST_HEADER.unpack_from(value)
        visitors, start = 0, _FIRST_HEADER.size
    elif len(value) >= _HEADER.size and value[0] == _FORMAT:
        _, views, comments, visitors, ids = _HEADER.unpack_from(value)
        start = _HEADER.size
    else:
        raise ValueError("not counts of a form that this version knows")
    if len(value) != start + 8 * (views + comments + visitors) + _COMMENT_ID_BYTES * ids or not views:
        raise ValueError(f"counts of {len(value)} bytes, which is not what their head says")
    cells = _from_bytes(value[start : len(value) - _COMMENT_ID_BYTES * ids])
    return ArticleCounts(
        cells[:views],
        cells[views : views + comments] if comments else None,
        value[len(value) - _COMMENT_ID_BYTES * ids :],
        cells[views + comments :] if visitors else None,
    )


def _to_bytes(cells: "Cells[int]") -> bytes:
    return cells.tobytes() if sys.byteorder == "little" else struct.pack(f"<{len(cells)}Q", *cells)


def _from_bytes(value: bytes) -> "Cells[int]":
    if sys.byteorder != "little":
        return array("Q", struct.unpack(f"<{len(value) // 8}Q", value))
    cells = array("Q")
    cells.frombytes(value)
    return cells
