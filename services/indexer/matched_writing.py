"""Writes batches, and tells which saved searches their articles fit: matches are delivered before the batch is committed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from services.indexer.core.documents import Action, Place
from services.indexer.core.matches import build_match
from services.indexer.late_matching import LateMatches
from services.indexer.matching import Matcher
from services.indexer.saved_searches import SavedSearches
from services.indexer.standing import StandingArticles
from services.indexer.unfinished import Unfinished
from shared.events import parse_seconds
from shared.failures import Unavailable
from shared.indices import ARTICLES, SAVED_SEARCHES
from shared.outcomes import NewRecord, Outcome, OutcomeName, Published, Settled

_INDEXED, _STALE = Settled(OutcomeName.INDEXED), Settled(OutcomeName.STALE)

Write = Callable[[Sequence[Action]], list[Outcome]]


class MatchedWriter:
    """What `BulkWriter.write` does, and the matches besides. While there are no saved searches it is that and nothing else."""

    def __init__(
        self, write: Write, searches: SavedSearches, matcher: Matcher, late: LateMatches, standing: StandingArticles
    ) -> None:
        self._write = write
        self._searches = searches
        self._matcher = matcher
        self._late = late
        self._standing = standing
        #: Batches whose articles are written and not compared yet, by all their places.
        self._written: Unfinished[tuple[Place, ...], list[Outcome]] = Unfinished()

    def write(self, actions: Sequence[Action]) -> list[Outcome]:
        """One outcome for each action, in order, with the matches of articles as records. Raises Unavailable and Misconfigured."""
        places = tuple(action.place for action in actions)
        outcomes = written = self._written.take(places) or self._write(actions)
        try:
            if len(self._searches):
                outcomes = self._add_matches(actions, outcomes)
            return self._add_late(actions, outcomes)
        except Unavailable:
            self._written.keep(places, written)
            raise

    def _add_matches(self, actions: Sequence[Action], outcomes: list[Outcome]) -> list[Outcome]:
        newest: dict[str, int] = {}
        for number, action in enumerate(actions):
            known = newest.get(action.id)
            if action.alias == ARTICLES and (known is None or action.version >= actions[known].version):
                newest[action.id] = number
        numbers = self._standing_numbers(actions, outcomes, sorted(newest.values()))
        if not numbers:
            return outcomes
        now = datetime.now(UTC)
        added = list(outcomes)
        found = self._matcher.find([actions[number] for number in numbers])
        for number, search_ids in zip(numbers, found, strict=True):
            records: list[NewRecord] = [build_match(actions[number], search_id, now) for search_id in search_ids]
            if records:
                added[number] = Published(records, outcomes[number].name)
            for search_id in search_ids:
                self._late.remember(search_id, actions[number])
        return added

    def _add_late(self, actions: Sequence[Action], outcomes: list[Outcome]) -> list[Outcome]:
        """With what was indexed before the searches that this batch saves were known to all who index."""
        numbers = {action.id: number for number, action in enumerate(actions) if action.alias == SAVED_SEARCHES}
        if not numbers:
            return outcomes
        created = {own_id: parse_seconds(str(actions[number].content().get("created"))) for own_id, number in numbers.items()}
        now = datetime.now(UTC)
        added = list(outcomes)
        for own_id, articles in self._late.find({own_id: at for own_id, at in created.items() if at is not None}).items():
            if articles:
                records = [build_match(article, own_id, now) for article in articles]
                added[numbers[own_id]] = Published(records, outcomes[numbers[own_id]].name)
        return added

    def _standing_numbers(self, actions: Sequence[Action], outcomes: Sequence[Outcome], numbers: Sequence[int]) -> list[int]:
        """Those whose article stands in the index as it is here.

        What is stale may be so because it was written before by a process that ended before it told of the matches.
        """
        articles = [number for number in numbers if actions[number].outcome is OutcomeName.INDEXED]
        doubtful = [number for number in articles if outcomes[number] == _STALE]
        standing = self._standing.find([actions[number].id for number in doubtful]) if doubtful else {}
        again = {
            number
            for number in doubtful
            if (there := standing.get(actions[number].id)) and there.version == actions[number].version
        }
        return [number for number in articles if outcomes[number] == _INDEXED or number in again]
