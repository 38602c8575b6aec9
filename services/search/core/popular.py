"""Most Popular: the lists of all partitions, merged into one.

Each Kafka partition contributes the best of its own articles, of each group of articles. An article lives in one partition, so
nothing needs adding up, and the merged list is exact as far down as no partition's list was cut off. Where a partition has no list
of a group because it has too many groups, its list of all articles stands in: what is not of the group is filtered out later, and
the result is exact as far down as that list goes.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.search.core.parameters import PopularFilters
from shared.popularity import EVERYTHING, LONGEST_LIST, ListGroup, PopularityRanked, RankedArticle

#: More groups than these are not asked for one by one: the list of all articles is narrowed down instead.
_MOST_GROUPS = 20


@dataclass(frozen=True)
class Place:
    """One place of a merged list, and the part that it comes from."""

    entry: RankedArticle
    part: PopularityRanked


@dataclass(frozen=True)
class MergedList:
    """A whole list, best first. `as_of` is that of its oldest part, None when there is none; `is_cut`: more may come behind it."""

    as_of: datetime | None
    places: tuple[Place, ...]
    is_cut: bool = False


def wanted_groups(filters: PopularFilters) -> tuple[ListGroup, ...]:
    """The groups whose lists together hold what passes the filters, none of which holds an article of another.

    For recent articles there are lists of one section, publisher or language, not of combinations of these.
    """
    values = {"section": filters.section, "publisher": filters.publisher, "language": filters.language}
    chosen = {name: each for name, each in values.items() if each}
    if filters.published_within_days is not None:
        chosen = dict(itertools.islice(chosen.items(), 1))
    groups = tuple(
        ListGroup(**dict(zip(chosen, combination, strict=True)))
        for combination in itertools.islice(itertools.product(*chosen.values()), _MOST_GROUPS + 1)
    )
    return groups if len(groups) <= _MOST_GROUPS else (EVERYTHING,)


def choose_parts(found: Sequence[PopularityRanked], groups: Sequence[ListGroup], within_days: int | None) -> list[PopularityRanked]:
    """The narrowest lists of each partition that hold everything of the groups, and of the last days if these are given."""
    lists = _of_days(found, within_days)
    parts: dict[str, PopularityRanked] = {}
    for key, whole in ((_key(each), each) for each in lists if each.group is None):
        of_groups = {each.group: each for each in lists if _key(each) == key and each.group is not None}
        for group in groups:
            part = whole if group == EVERYTHING else _of_group(whole, of_groups.get(group.id or ""))
            if part is not None:
                parts[part.list_id] = part
    return list(parts.values())


def _of_days(found: Sequence[PopularityRanked], within_days: int | None) -> list[PopularityRanked]:
    """The lists of the fewest days that are enough, or of all articles."""
    enough = [
        each.fresh_days
        for each in found
        if each.fresh_days and each.group is None and within_days and each.fresh_days >= within_days
    ]
    return [each for each in found if each.fresh_days == min(enough, default=None)]


def _key(part: PopularityRanked) -> str:
    return part.list_id if part.partition is None else str(part.partition)


def _of_group(whole: PopularityRanked, part: PopularityRanked | None) -> PopularityRanked | None:
    """The part of a group; None where it has no articles; the whole where that is not known."""
    if whole.groups_since is None:
        return whole  # of an older version, which had no groups
    if part is not None and part.as_of >= whole.groups_since:
        return part
    return whole if whole.groups_left_out else None


def merge_parts(parts: Iterable[PopularityRanked]) -> MergedList:
    """One list from those of the partitions: what ranks highest first, equal ones in the order of the article ids.

    A part as long as a list may be was perhaps cut off: behind its last place articles may be missing, so the merged list ends
    there.
    """
    parts = list(parts)
    places = sorted((Place(entry, part) for part in parts for entry in part.entries), key=lambda place: _rank(place.entry))
    ends = [_rank(part.entries[-1]) for part in parts if len(part.entries) >= LONGEST_LIST]
    known = [place for place in places if not ends or _rank(place.entry) <= min(ends)]
    as_of = min((part.as_of for part in parts), default=None)
    return MergedList(as_of=as_of, places=tuple(_once(known).values()), is_cut=bool(ends))


def _once(places: Iterable[Place]) -> Mapping[str, Place]:
    """Each article once: the list of all articles may stand in for one of several groups, beside the lists of the others."""
    first: dict[str, Place] = {}
    for place in places:
        first.setdefault(place.entry.article_id, place)
    return first


def _rank(entry: RankedArticle) -> tuple[float, str]:
    return -(entry.count if entry.score is None else entry.score), entry.article_id
