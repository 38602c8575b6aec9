"""How often an article was viewed, by how many, commented on, shared, and for how long read: in buckets of event time, and a total.

Buckets are of a minute, an hour and a day; those of one measure are one sorted array of unsigned 64-bit cells, `grain << 62 |
bucket << 32 | count`; the total comes last. Empty buckets take no room, and the cells in memory are byte for byte what a
checkpoint stores. A bucket is kept for as long as it is less than `KEPT[grain]` buckets older than the newest one of its article.
So an article takes 278 cells (2.2 kB) a measure at the most, and the order in which views come does not matter: what comes too
late for the minutes still counts in its hour, its day and the total. A bucket holds up to 2^32 - 1: engaged seconds of one article
and day are those of 2.4 million readers who read it for half an hour.
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
#: Buckets kept of each grain: those of its longest window and some, since the broker's clock may go ahead of ours.
KEPT = (60 + 15, 7 * 24 + 2, 30 + 2)
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
_FIRST_FORMAT, _FORMAT, _LAST_FORMAT = 1, 2, 3
_FIRST_HEADER = struct.Struct("<BHHH")  # format; cells of views and comments; comment ids
_HEADER = struct.Struct("<BHHHH")  # format; cells of views, comments and visitors; comment ids
_LAST_HEADER = struct.Struct("<BHHHHHH")  # format; cells of views, comments, visitors, shares and engaged seconds; comment ids


#: An array("Q"), as the module describes.
Cells = array


def empty_cells() -> "Cells[int]":
    """The cells of nothing counted yet."""
    return array("Q", (_TOTAL,))


@dataclass(slots=True)
class ArticleCounts:
    """What is counted of one article. All but views are None until there are any; `engaged` are seconds.

    `comment_ids` are the article's last ones, 16 bytes each. A visitor is counted once a day, see `distinct`.
    """

    views: "Cells[int]" = field(default_factory=empty_cells)
    comments: "Cells[int] | None" = None
    comment_ids: bytes = b""
    visitors: "Cells[int] | None" = None
    shares: "Cells[int] | None" = None
    engaged: "Cells[int] | None" = None

    def cells(self, measure: Measure) -> "Cells[int] | None":
        """The cells of one measure that is counted."""
        cells: Cells[int] | None = getattr(self, measure)
        return cells


def bucket_keys(minute: int) -> tuple[int, ...]:
    """Where a minute since 1970 counts: the cells, without their counts, of its minute, its hour and its day."""
    minute = min(max(minute, 0), _LAST_MINUTE)
    return tuple([grain << _GRAIN_BITS | minute // MINUTES_IN[grain] << _COUNT_BITS for grain in Grain])


def add_count(cells: "Cells[int]", keys: tuple[int, ...], number: int) -> None:
    """Count `number` more in buckets that `bucket_keys` names, and in the total."""
    if len(cells) == 1:  # the first time, as it mostly is for the many articles that are hardly read
        cells[:] = array("Q", (*[key | number for key in keys], cells[0] + number))
        return
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


def add_reported(counts: ArticleCounts, measure: Measure, keys: tuple[int, ...], number: int) -> None:
    """Count so many shares, or engaged seconds, more in buckets that `bucket_keys` names."""
    cells = counts.cells(measure)
    if cells is None:
        cells = empty_cells()
        setattr(counts, measure, cells)
    add_count(cells, keys, number)


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
    """The counts as `popularity.counts` keeps them: how many of each, then cells (little endian) and comment ids.

    The second form is written where it will do, as it does for most articles: so they take no more room than before the third.
    """
    views, comments, visitors, ids = counts.views, counts.comments or (), counts.visitors or (), counts.comment_ids
    cells: tuple[Cells[int] | tuple[()], ...] = (views, comments, visitors)
    if counts.shares is None and counts.engaged is None:
        head = _HEADER.pack(_FORMAT, len(views), len(comments), len(visitors), len(ids) // _COMMENT_ID_BYTES)
    else:
        cells = (*cells, counts.shares or (), counts.engaged or ())
        head = _LAST_HEADER.pack(_LAST_FORMAT, *map(len, cells), len(ids) // _COMMENT_ID_BYTES)
    return b"".join((head, *[_to_bytes(own) for own in cells if own], ids))


def decode_counts(value: bytes) -> ArticleCounts:
    """The reverse of `encode_counts`; ValueError for what neither it nor its first form (which had no visitors) made."""
    form, shares, engaged = value[0] if len(value) >= _HEADER.size else 0, 0, 0
    if form == _FORMAT:
        _, views, comments, visitors, ids = _HEADER.unpack_from(value)
        start = _HEADER.size
    elif form == _LAST_FORMAT and len(value) >= _LAST_HEADER.size:
        _, views, comments, visitors, shares, engaged, ids = _LAST_HEADER.unpack_from(value)
        start = _LAST_HEADER.size
    elif form == _FIRST_FORMAT:
        _, views, comments, ids = _FIRST_HEADER.unpack_from(value)
        visitors, start = 0, _FIRST_HEADER.size
    else:
        raise ValueError("not counts of a form that this version knows")
    end = len(value) - _COMMENT_ID_BYTES * ids
    if end - start != 8 * (views + comments + visitors + shares + engaged) or not views:
        raise ValueError(f"counts of {len(value)} bytes, which is not what their head says")
    cells = _from_bytes(value[start:end])
    last = views + comments + visitors
    return ArticleCounts(
        cells[:views],
        cells[views : views + comments] if comments else None,
        value[end:],
        cells[views + comments : last] if visitors else None,
        cells[last : last + shares] if shares else None,
        cells[last + shares :] if engaged else None,
    )


def _to_bytes(cells: "Cells[int]") -> bytes:
    return cells.tobytes() if sys.byteorder == "little" else struct.pack(f"<{len(cells)}Q", *cells)


def _from_bytes(value: bytes) -> "Cells[int]":
    if sys.byteorder != "little":
        return array("Q", struct.unpack(f"<{len(value) // 8}Q", value))
    cells = array("Q")
    cells.frombytes(value)
    return cells
