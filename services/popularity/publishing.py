"""Which lists of a partition are due: those that differ from what was last published, each at most every so often."""

from collections.abc import Iterator
from datetime import UTC, datetime

from services.popularity.core.state import LISTS, ListName, PartitionState
from shared.events import Event, encode_event
from shared.outcomes import NewRecord
from shared.popularity import PopularityRanked, RankedArticle, list_id
from shared.topics import RANKED

SOURCE = "dateline/popularity"

Entries = tuple[RankedArticle, ...]


class PublishedLists:
    """What was published of one partition since it was opened, and when (in seconds of any clock that only goes forward)."""

    def __init__(self, partition: int, interval_seconds: float) -> None:
        self._partition = partition
        self._interval_seconds = interval_seconds
        self._entries: dict[ListName, Entries] = {}
        self._times: dict[ListName, float] = {}

    def due(self, state: PartitionState, seconds: float) -> dict[ListName, Entries]:
        """The lists to publish now. All of them at first, since what was published before is not known; none before any count."""
        return dict(self._changed(state, seconds)) if state.articles else {}

    def _changed(self, state: PartitionState, seconds: float) -> Iterator[tuple[ListName, Entries]]:
        for name in LISTS:
            if seconds - self._times.get(name, float("-inf")) >= self._interval_seconds:
                entries = state.best(name)
                if entries != self._entries.get(name):
                    yield name, entries

    def note(self, lists: dict[ListName, Entries], seconds: float) -> None:
        """Lists were published."""
        self._entries.update(lists)
        self._times.update(dict.fromkeys(lists, seconds))

    def build_records(self, lists: dict[ListName, Entries], as_of_ms: int) -> list[NewRecord]:
        """The records of lists as of a time."""
        return [self._record(name, entries, as_of_ms) for name, entries in lists.items()]

    def _record(self, name: ListName, entries: Entries, as_of_ms: int) -> NewRecord:
        measure, window = name
        name_of_list = list_id(measure, window, self._partition)
        as_of = datetime.fromtimestamp(as_of_ms / 1000, UTC)
        body = PopularityRanked(
            list_id=name_of_list, revision=as_of_ms, measure=measure, window=window, as_of=as_of, entries=entries
        )
        event = Event(id=f"{name_of_list}.{as_of_ms}", source=SOURCE, time=as_of, accepted=as_of, body=body)
        return encode_event(event, RANKED, name_of_list)
