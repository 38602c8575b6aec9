"""Makes the lists of a partition and tells which are due: those that differ from what was last published.

All are made in one round, at most every so often. Sorting is done in a thread, family by family, so that counting goes on
meanwhile. A list of a group in which nothing but counts changed may wait, for up to COUNTS_SECONDS, when much else is due.
"""

import asyncio
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.popularity.core.entries import encode_entries
from services.popularity.core.lists import Family, PartitionLists, families_of
from services.popularity.core.ranking import Candidates, Places, rank_groups
from services.popularity.core.state import PartitionState
from services.popularity.list_records import ListForm, build_form
from shared.outcomes import NewRecord

#: With more records than these in a round, lists in which only counts changed wait until they are older than the seconds.
_MANY_RECORDS = 500
COUNTS_SECONDS = 60.0
#: Fewer candidates than these are sorted sooner than a thread is asked.
_LEAST_FOR_A_THREAD = 2_000
_ALL_ARTICLES = 0


@dataclass(frozen=True, slots=True)
class _Published:
    """A list as it was published: who stands in it, in order, with what counts, and when."""

    order: bytes
    counts: bytes
    seconds: float


@dataclass(frozen=True)
class Due:
    """What to publish, and what is to be remembered of it then; empty when that is nothing."""

    records: list[NewRecord] = field(default_factory=list)
    lists: dict[Family, dict[int, _Published]] = field(default_factory=dict)


class PublishedLists:
    """What was published of one partition since it was opened, and when (in seconds of any clock that only goes forward)."""

    def __init__(self, partition: int, interval_seconds: float) -> None:
        self._partition = partition
        self._interval_seconds = interval_seconds
        self._last_round = float("-inf")
        self._last_hour = 0
        self._published: dict[Family, dict[int, _Published]] = {}
        self._waiting: set[Family] = set()
        self._groups_since: datetime | None = None

    @property
    def next_round(self) -> float:
        """When lists may be made again, in seconds as `make` takes them."""
        return self._last_round + self._interval_seconds

    async def make(self, state: PartitionState, seconds: float, as_of_ms: int) -> Due:
        """The lists to publish now, as of a time.

        At first those of all articles and all that have entries, since what was published before is not known; none before any
        count. What is not published after this is due no more: its process must end.
        """
        if not state.articles or seconds < self.next_round:
            return Due()
        lists, as_of = state.lists, datetime.fromtimestamp(as_of_ms / 1000, UTC)
        hour, self._last_hour = self._last_hour, lists.now_minute // 60
        if self._groups_since is None or (hour != self._last_hour and lists.choose_groups()):
            self._groups_since = as_of
            self._published.clear()
        families = self._choose_families(lists)
        if families:
            self._last_round = seconds
        due = Due()
        for family in families:
            found = await _rank(lists.candidates(family), lists)
            lists.accept(family, found)
            self._add_changed(due, lists, build_form(family, self._partition, lists.span(family), as_of), found, seconds)
            await asyncio.sleep(0)  # lets the counting in
        return due

    def _choose_families(self, lists: PartitionLists) -> list[Family]:
        """Those that may have changed, the ones that waited first."""
        waiting, self._waiting = self._waiting, set()
        if not self._published:
            return list(families_of(lists.plan))
        return [*waiting, *(family for family in lists.due() if family not in waiting)]

    def _add_changed(self, due: Due, lists: PartitionLists, form: ListForm, found: Mapping[int, Places], seconds: float) -> None:
        family = form.family
        before = self._published.get(family, {})
        after: dict[int, _Published] = {}
        for group in {_ALL_ARTICLES, *before, *found}:  # the empty ones too, where they had entries
            places = found.get(group)
            numbers = lists.counts_of(family, places.rows) if places is not None else []
            new = self._describe(lists, group, places, numbers, seconds)
            old = before.get(group)
            if old is not None and (old.order, old.counts) == (new.order, new.counts):
                continue
            if old is not None and old.order == new.order and group != _ALL_ARTICLES and self._may_wait(due, old, seconds):
                self._waiting.add(family)
                continue
            after[group] = new
            entries = encode_entries(lists, family, places, numbers) if places is not None else b""
            due.records.append(
                form.fill_whole(entries, lists.groups.left_out, self._groups_since)
                if group == _ALL_ARTICLES
                else form.fill(lists.groups.name(group), entries)
            )
        if after:
            due.lists[family] = after

    def _may_wait(self, due: Due, old: _Published, seconds: float) -> bool:
        return len(due.records) >= _MANY_RECORDS and seconds - old.seconds < COUNTS_SECONDS

    def _describe(self, lists: PartitionLists, group: int, places: Places | None, numbers: list[int], seconds: float) -> _Published:
        of_groups = f"{lists.groups.left_out} {self._groups_since}".encode() if group == _ALL_ARTICLES else b""
        if places is None:
            return _Published(of_groups, b"", seconds)
        return _Published(of_groups + places.rows.tobytes(), places.scores.tobytes() + array("Q", numbers).tobytes(), seconds)

    def note(self, due: Due) -> None:
        """Lists were published."""
        for family, lists in due.lists.items():
            self._published.setdefault(family, {}).update(lists)


async def _rank(candidates: Candidates, lists: PartitionLists) -> dict[int, Places]:
    arguments = candidates, lists.groups.chosen, lists.plan.longest
    if len(candidates.rows) < _LEAST_FOR_A_THREAD:
        return rank_groups(*arguments)
    return await asyncio.to_thread(rank_groups, *arguments)
