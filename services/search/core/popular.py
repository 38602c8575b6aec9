"""Most Popular: the lists of all partitions, merged into one.

Each Kafka partition contributes the best of its own articles. An article lives in one partition, so nothing needs adding up, and
the merged list is exact as far down as no partition's list was cut off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.popularity import LONGEST_LIST, PopularityRanked, RankedArticle


@dataclass(frozen=True)
class MergedList:
    """A whole list, best first; `as_of` is that of its oldest part, None when there is no part."""

    as_of: datetime | None
    entries: tuple[RankedArticle, ...]


def merge_parts(parts: Sequence[PopularityRanked]) -> MergedList:
    """One list from those of the partitions: highest count first, equal counts in the order of the article ids.

    A part as long as a list may be was perhaps cut off: behind its last place articles may be missing, so the merged list ends
    there.
    """
    entries = sorted((entry for part in parts for entry in part.entries), key=_rank)
    ends = [_rank(part.entries[-1]) for part in parts if len(part.entries) >= LONGEST_LIST]
    known = [entry for entry in entries if not ends or _rank(entry) <= min(ends)]
    return MergedList(as_of=min((part.as_of for part in parts), default=None), entries=tuple(known))


def _rank(entry: RankedArticle) -> tuple[int, str]:
    return -entry.count, entry.article_id
