"""Writes what signals of popularity say into the documents of articles: same version, same stamp, other counts.

A document is read, changed and written back at the version that was read, so a newer revision that came in between is not
overwritten: Elasticsearch refuses, and it is read again. Those that are written by this process meanwhile are kept off by `Turns`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from services.indexer.bulk_request import send_bulk, send_in_halves
from services.indexer.core.documents import Action, Place
from services.indexer.core.history import Standing
from services.indexer.core.signals import Signal, count_anew, is_counted, join_signals
from services.indexer.core.verdicts import Retry, Stop, Verdict
from services.indexer.early_signals import EarlySignals
from services.indexer.standing import StandingArticles
from services.indexer.turns import Turns
from services.indexer.unfinished import Unfinished
from shared.failures import Misconfigured, Unavailable
from shared.indices import ARTICLES
from shared.outcomes import Outcome, OutcomeName, Settled

#: Documents that are read at once; an article takes 1 MiB at most.
_AT_ONCE = 50
#: How often a document is read again because a newer one came in between, before Elasticsearch is left alone for a while.
_ATTEMPTS = 5
_STALE, _FILTERED = Settled(OutcomeName.STALE), Settled(OutcomeName.FILTERED)


class SignalWriter:
    """Raises the counts in the documents of articles. For threads."""

    def __init__(self, client: Elasticsearch, turns: Turns, standing: StandingArticles | None = None) -> None:
        """Make one; `turns` are those of whoever else writes articles, `standing` knows where these are."""
        self._client = client.options(max_retries=0)
        self._standing = standing or StandingArticles(self._client)
        self._turns = turns

    def write(self, signals: Sequence[Signal]) -> list[Outcome]:
        """One outcome for each: stale where the counts stood there, filtered where no article stands.

        Raises Unavailable and Misconfigured. Called again after that it begins anew, which changes nothing that was done.
        """
        joined = list(join_signals(signals).values())
        outcomes: dict[str, Outcome] = {}
        for first in range(0, len(joined), _AT_ONCE):
            some = joined[first : first + _AT_ONCE]
            with self._turns.of({signal.id for signal in some}):
                outcomes |= self._raise_counts(some)
        last = {signal.id: number for number, signal in enumerate(signals)}
        return [outcomes[signal.id] if last[signal.id] == number else _STALE for number, signal in enumerate(signals)]

    def _raise_counts(self, signals: Sequence[Signal]) -> dict[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        waiting = {signal.id: signal for signal in signals}
        for _ in range(_ATTEMPTS):
            outcomes |= dict.fromkeys(waiting, _FILTERED)
            standing = self._standing.find(waiting)
            actions = []
            for own_id, version, document in self._fetch(standing):
                if is_counted(document):
                    action = count_anew(waiting[own_id], version, document)
                    outcomes[own_id] = _STALE
                    if action is not None:
                        actions.append(action)
            written = self._send(actions, standing)
            outcomes |= written
            waiting = {own_id: waiting[own_id] for own_id, outcome in written.items() if outcome == _STALE}
            if not waiting:
                return outcomes
        raise Unavailable(f"{len(waiting)} articles change too often to write their counts, such as {next(iter(waiting))}")

    def _fetch(self, standing: dict[str, Standing]) -> list[tuple[str, int, dict[str, Any]]]:
        return self._standing.fetch(list(standing.items()), ()) if standing else []

    def _send(self, actions: Sequence[Action], standing: dict[str, Standing]) -> dict[str, Outcome]:
        """How each of them ended; stale is what must be read again."""
        if not actions:
            return {}

        def send(some: Sequence[Action]) -> list[Verdict]:
            lines = [part for each in some for part in each.lines(None, index=standing[each.id].index, again=True)]
            return send_bulk(self._client, some, lines, "writing counts")

        return {each.id: _outcome(verdict) for each, verdict in zip(actions, send_in_halves(actions, send), strict=True)}


def _outcome(verdict: Verdict) -> Outcome:
    if isinstance(verdict, Stop):
        raise Misconfigured(f"Elasticsearch refuses to write to {ARTICLES}: {verdict.reason}; run `dateline setup`")
    if isinstance(verdict, Retry):
        raise Unavailable(f"Elasticsearch cannot take counts now: {verdict.reason}")
    return verdict


class CountedWriter:
    """Writes batches of documents and signals: the documents first, since a signal may be of an article beside it.

    With an article, the signals that came before it are written too.
    """

    def __init__(
        self,
        write_documents: Callable[[Sequence[Action]], list[Outcome]],
        write_signals: Callable[[Sequence[Signal]], list[Outcome]],
    ) -> None:
        self._write_documents = write_documents
        self._write_signals = write_signals
        self._early = EarlySignals()
        #: Batches whose signals are still to be written, by all their places: the same records may come again in another batch.
        self._written: Unfinished[tuple[Place, ...], list[Outcome]] = Unfinished()

    def write(self, records: Sequence[Action | Signal]) -> list[Outcome]:
        """One outcome for each, in order. Called again after Unavailable, it writes no document that it wrote before."""
        actions = [each for each in records if isinstance(each, Action)]
        signals = [each for each in records if isinstance(each, Signal)]
        places = tuple(each.place for each in records)
        written = self._written.take(places)
        if written is None:
            written = self._write_documents(actions) if actions else []
        try:
            counted = iter(self._count(signals, [action.id for action in actions if action.alias == ARTICLES]))
        except Unavailable:
            self._written.keep(places, written)
            raise
        documents = iter(written)
        return [next(documents) if isinstance(each, Action) else next(counted) for each in records]

    def _count(self, signals: Sequence[Signal], written: Sequence[str]) -> list[Outcome]:
        """Write signals, and those that were kept of articles that are written now; an outcome for each of the former."""
        self._early.keep(signals)
        own = {signal.id for signal in signals}
        everything = [*signals, *[kept for kept in self._early.of(written) if kept.id not in own]]
        outcomes = self._write_signals(everything)
        missing = {signal.id for signal, outcome in zip(everything, outcomes, strict=True) if outcome.name is OutcomeName.FILTERED}
        self._early.drop(signal for signal in everything if signal.id not in missing)
        return outcomes[: len(signals)]
