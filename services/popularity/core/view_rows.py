"""The views, readings or shares of a record as ingest writes them, read by columns.

Ingest writes one form: compact JSON, fields in the order of the model, hashes of one length, times in UTC to the second, engaged
seconds with spaces before them. So each view takes the same number of bytes, and the views of a record are the rows of a table that
is checked and read by columns, in a tenth of the time that building the model takes. What differs from the form in any way is left
to the model.
"""

import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shared.engagement import LONGEST_READING, ReadingReported, ShareReported, View

Ids = NDArray[np.bytes_]
Words = NDArray[np.uint64]
Seconds = NDArray[np.int64]
Numbers = NDArray[np.intp]

_VIEWS, _SHARES, _READINGS, _TAIL = b'{"views":[', b'{"shares":[', b'{"readings":[', b"]}"
_HASH = b"0" * 32
_ROW = b'{"article_id":"%s","visitor":"%s","time":"0000-00-00T00:00:00Z"},' % (_HASH, _HASH)
_ROW_OF_NETWORK = _ROW.replace(b'Z"}', b'Z","network":"%s"}' % _HASH[:16])
_ARTICLE, _VISITOR, _NETWORK = slice(15, 47), slice(60, 92), slice(135, 151)
_MINUTE, _SECOND = slice(102, 118), slice(119, 121)
_ENGAGED, _ENGAGED_DIGITS = b',"engaged_seconds":0000},', slice(-6, -2)
#: Engaged seconds as they are written.
_ENGAGED_SECONDS = {b"%4d" % seconds: seconds for seconds in range(1, LONGEST_READING + 1)}
_COMMA, _ZERO, _DIGITS, _TENS = ord(","), ord("0"), 10, 6
_MOST_VIEWS = 10_000
_CLOSE_TOGETHER = 100_000
_WORD = (1 << 64) - 1
#: Odd numbers without a pattern (digits of pi): what a pair of visitor and article is mixed with.
_ARTICLE_MIX = (0x243F6A8885A308D3, 0x13198A2E03707345)
_VISITOR_MIX = (0xA4093822299F31D1, 0x082EFA98EC4E6C89)
_ID_MIX = np.array([0x452821E638D01377, 0xBE5466CF34E90C6D, 0xC0AC29B7C97C50DD, 0x3F84D5B5B5470917], np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class ViewColumns:
    """Views, by columns.

    `articles` are ids as ASCII, `seconds` since 1970. `pairs` stand for visitor and article together: of a million pairs two are
    taken for one in one case of 10^7. `networks` are the hashes, 0 where the network is not known.
    """

    articles: Ids
    pairs: Words
    networks: Words
    seconds: Seconds


class _Form:
    """Rows that look like this one, in which zeros stand for what differs."""

    def __init__(self, row: bytes) -> None:
        self.width = len(row)
        self.template = np.frombuffer(row, np.uint8)
        varies = self.template == _ZERO
        varies[-1] = True  # the comma, which the last row has not
        self.varies = varies
        self.has_network = b"network" in row


_FORMS = tuple(_Form(row) for row in (_ROW, _ROW_OF_NETWORK))
_READING_FORMS = tuple(_Form(row.removesuffix(b"},") + _ENGAGED) for row in (_ROW, _ROW_OF_NETWORK))


def read_views(value: bytes) -> ViewColumns | None:
    """The views of a record's value; None unless it is wholly of the form that ingest writes."""
    found = _find_rows(value, _VIEWS, _FORMS)
    return None if found is None else _read_columns(*found)


def read_shares(value: bytes) -> ViewColumns | None:
    """As `read_views`, of shares."""
    found = _find_rows(value, _SHARES, _FORMS)
    return None if found is None else _read_columns(*found)


def read_readings(value: bytes) -> tuple[ViewColumns, Seconds] | None:
    """As `read_views`, of readings: who read, and the engaged seconds."""
    found = _find_rows(value, _READINGS, _READING_FORMS)
    if found is None:
        return None
    readers, rows = _read_columns(*found), found[0]
    digits = np.ascontiguousarray(rows[:, _ENGAGED_DIGITS]).view("S4").ravel().tolist()
    engaged = [_ENGAGED_SECONDS.get(each) for each in digits]
    if readers is None or None in engaged:
        return None
    return readers, np.array(engaged, np.int64)


def _find_rows(value: bytes, head: bytes, forms: Sequence[_Form]) -> tuple[NDArray[np.uint8], _Form] | None:
    """What stands between head and tail, as rows of the form that they are of."""
    if not (value.startswith(head) and value.endswith(_TAIL)):
        return None
    for form in forms:
        number, rest = divmod(len(value) - len(head) - len(_TAIL) + 1, form.width)
        if not rest and 0 < number <= _MOST_VIEWS:
            # The last row ends with the first byte of the tail instead of a comma.
            rows = np.frombuffer(value, np.uint8, number * form.width, len(head)).reshape(number, form.width)
            if ((rows == form.template) | form.varies).all() and (rows[:-1, -1] == _COMMA).all():
                return rows, form
    return None


def _read_columns(rows: NDArray[np.uint8], form: _Form) -> ViewColumns | None:
    articles = rows[:, _ARTICLE].tobytes()
    article_words, visitor_words = _read_hex(articles, 2), _read_hex(rows[:, _VISITOR].tobytes(), 2)
    network_words = _read_hex(rows[:, _NETWORK].tobytes(), 1) if form.has_network else np.zeros((len(rows), 1), np.uint64)
    seconds = _read_times(rows)
    if article_words is None or visitor_words is None or network_words is None or seconds is None:
        return None
    pairs = _mix_words(article_words, _ARTICLE_MIX) + _mix_words(visitor_words, _VISITOR_MIX)
    return ViewColumns(np.frombuffer(articles, "S32"), pairs, network_words[:, 0], seconds)


def _read_hex(digits: bytes, words: int) -> Words | None:
    """So many words of 16 lower-case hex digits a row."""
    try:
        found = np.frombuffer(binascii.unhexlify(digits), ">u8").reshape(-1, words)
    except binascii.Error:
        return None
    return found.astype(np.uint64) if digits == digits.lower() else None


def _mix_words(words: Words, factors: tuple[int, int]) -> Words:
    return words[:, 0] * np.uint64(factors[0]) + words[:, 1] * np.uint64(factors[1])


def _read_times(rows: NDArray[np.uint8]) -> Seconds | None:
    minutes, within = np.ascontiguousarray(rows[:, _MINUTE]), rows[:, _SECOND] - np.uint8(_ZERO)
    if (within[:, 0] >= _TENS).any() or (within[:, 1] >= _DIGITS).any():
        return None
    if (minutes == minutes[0]).all():  # mostly, since records are written several times a second
        starts = [_parse_minute(minutes[0].tobytes())]
    else:
        starts = [_parse_minute(text) for text in minutes.view("S16").ravel().tolist()]
    if None in starts:
        return None
    seconds: Seconds = np.array(starts, np.int64) + within[:, 0] * np.int64(10) + within[:, 1]
    return seconds


@lru_cache(maxsize=4096)
def _parse_minute(text: bytes) -> int | None:
    """The second since 1970 in which a minute such as `2026-11-24T09:00` begins; None when there is no such minute."""
    try:
        return int(datetime.fromisoformat(text.decode() + ":00+00:00").timestamp())
    except ValueError:
        return None


def build_columns(views: Sequence[View | ReadingReported | ShareReported]) -> ViewColumns:
    """The columns of views that were read in another way; the same for the same views."""
    return ViewColumns(
        np.array([view.article_id.encode() for view in views], "S32"),
        np.array([pair_of(view.article_id, view.visitor) for view in views], np.uint64),
        np.array([int(view.network or "0", 16) for view in views], np.uint64),
        np.array([int(view.time.timestamp() // 1) for view in views], np.int64),
    )


def join_columns(parts: Sequence[ViewColumns]) -> ViewColumns:
    """All views of several columns, in their order."""
    return ViewColumns(
        np.concatenate([part.articles for part in parts]),
        np.concatenate([part.pairs for part in parts]),
        np.concatenate([part.networks for part in parts]),
        np.concatenate([part.seconds for part in parts]),
    )


def pick_views(views: ViewColumns, picked: NDArray[np.bool_]) -> ViewColumns:
    """Those of True."""
    return ViewColumns(views.articles[picked], views.pairs[picked], views.networks[picked], views.seconds[picked])


@dataclass(frozen=True, slots=True, eq=False)
class ViewedArticles:
    """Of which article each view is: `names` are the ids that occur, `numbers` say for each view which of them it is."""

    names: list[bytes]
    numbers: Numbers

    def pick(self, picked: NDArray[np.bool_]) -> "ViewedArticles":
        """Those of the views of True; `names` stay."""
        return ViewedArticles(self.names, self.numbers[picked])


def tell_articles(views: ViewColumns) -> ViewedArticles:
    """The articles of views. Ids are told apart by a number made of each, which sorts ten times as fast, and compared then."""
    words = views.articles.view("<u8").reshape(-1, 4)
    mixed = (words * _ID_MIX).sum(axis=1, dtype=np.uint64)
    _, first, numbers = np.unique(mixed, return_index=True, return_inverse=True)
    if not (words[first][numbers] == words).all():  # two ids are one number: by chance never, on purpose perhaps
        _, first, numbers = np.unique(views.articles, return_index=True, return_inverse=True)
    return ViewedArticles(views.articles[first].tolist(), numbers)


def distinct_numbers(numbers: Seconds) -> list[int]:
    """The numbers that occur, in order: days or minutes, which lie close together, so that counting is faster than sorting."""
    if not len(numbers):
        return []
    least, most = int(numbers.min()), int(numbers.max())
    if most - least > _CLOSE_TOGETHER:
        return sorted(set(numbers.tolist()))
    return (np.flatnonzero(np.bincount(numbers - least)) + least).tolist()


def pair_of(article: str, visitor: str) -> int:
    """What stands for a visitor and article together; see `ViewColumns`."""
    return (_mix(int(article, 16), _ARTICLE_MIX) + _mix(int(visitor, 16), _VISITOR_MIX)) & _WORD


def _mix(number: int, factors: tuple[int, int]) -> int:
    mixed = (number >> 64 & _WORD) * factors[0] + (number & _WORD) * factors[1]
    longer = number >> 128
    return mixed + (_mix(longer, (factors[1], factors[0])) if longer else 0)
