"""Counts made anew from the log, to be compared with those that are stored, or to take their place.

What counts depends on the log alone: on its records, their order in each topic, and when they were stored. So counting it again
gives what is stored, byte for byte, whatever died or stalled meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.popularity.core.counting import decode_counts, total
from services.popularity.core.state import PartitionState
from services.popularity.core.tallying import CommentTally, tally_record
from shared.events import Record
from shared.outcomes import DeadLettered

_SETTLED_AT_ONCE = 200_000
_ARTICLE_ID_BYTES = 32


def recount(records: Iterable[Record], state: PartitionState, now_minute: int) -> dict[bytes, bytes]:
    """Count records into a state that has counted nothing; answers all that a checkpoint of it would store, by key.

    `now_minute` is not before any of the records was stored. What does not decode is passed over, as it was when it came.
    """
    values: dict[bytes, bytes | None] = {}
    waiting = 0
    for record in records:
        tally = tally_record(record)
        if isinstance(tally, DeadLettered):
            continue
        state.take(tally)
        waiting += 1 if isinstance(tally, CommentTally) else len(tally)
        if waiting >= _SETTLED_AT_ONCE:
            values |= state.settle(now_minute)
            waiting = 0
    values |= state.settle(now_minute)
    return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Difference:
    """An article whose stored counts are not those of the log, with views and comments of both; where equal, buckets differ."""

    article: str
    stored: tuple[int, int]
    recounted: tuple[int, int]


def find_differences(stored: Mapping[bytes, bytes], recounted: Mapping[bytes, bytes]) -> list[Difference]:
    """Every article whose values differ by as little as a byte, in the order of the ids."""
    articles = {key for key in stored.keys() | recounted.keys() if len(key) == _ARTICLE_ID_BYTES}
    return [
        Difference(article.decode(), _totals(stored.get(article)), _totals(recounted.get(article)))
        for article in sorted(articles)
        if stored.get(article) != recounted.get(article)
    ]


def _totals(value: bytes | None) -> tuple[int, int]:
    if value is None:
        return 0, 0
    counts = decode_counts(value)
    return total(counts.views), total(counts.comments) if counts.comments is not None else 0


def build_swap(stored: Iterable[bytes], recounted: Mapping[bytes, bytes], kept: tuple[bytes, ...]) -> dict[bytes, bytes | None]:
    """What to write so that recounted values take the place of the stored ones; None deletes. Keys that begin as `kept` stay."""
    gone = [key for key in stored if key not in recounted and not key.startswith(kept)]
    return {**dict.fromkeys(gone), **recounted}
