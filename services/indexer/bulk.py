"""Batches of actions into Elasticsearch: each item judged, a batch that is too large halved, what was settled not sent again."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from elasticsearch import Elasticsearch

from services.indexer.bulk_request import send_bulk, send_in_halves
from services.indexer.core.documents import Action, Place
from services.indexer.core.history import Standing, find_unexpected
from services.indexer.core.verdicts import Retry, Stop, Verdict
from services.indexer.keeping import RevisionKeeper
from services.indexer.standing import StandingArticles
from services.indexer.turns import Turns
from services.indexer.unfinished import Unfinished
from shared.events import format_time
from shared.failpoints import FailPoint, fail_here
from shared.failures import Misconfigured, Unavailable
from shared.indices import ARTICLES
from shared.logs import get_logger
from shared.metrics import LATE_DOCUMENTS
from shared.outcomes import Outcome, OutcomeName, Settled

_log = get_logger(__name__)
#: The size of one `_bulk` body: the first, the least and the largest; Elasticsearch's guide puts the last at 5 to 15 MB.
_FIRST_BODY_BYTES = 512 * 1024
_LEAST_BODY_BYTES = 64 * 1024
_MOST_BODY_BYTES = 8 * 1024 * 1024
#: A bulk that takes longer than this part of what is late makes the next ones smaller, and one that takes a quarter of it larger.
_LONG = 0.25
#: After so long the loop is told that Elasticsearch is slow, so that it shows that it lives, and stays in its group.
_LONGEST_SECONDS = 60.0


@dataclass
class _Progress:
    """How far a batch came that could not be finished yet."""

    settled: dict[Place, Outcome] = field(default_factory=dict)
    #: What may have been written without an answer: it is written over, whether it was or not.
    sent: set[Place] = field(default_factory=set)


class BulkWriter:
    """Writes batches, several at the same time. Called again with the same batch after Unavailable, it goes on where it stood."""

    def __init__(self, client: Elasticsearch, kept_revisions: int = 20, late_seconds: float = 4.0) -> None:
        """Make one for all threads.

        Args:
            client: for threads; a request that fails is not sent again by it, for its documents carry the time of sending.
            kept_revisions: older revisions kept of an article.
            late_seconds: documents that took longer to write are written again, with a new stamp.
        """
        self._client = client.options(max_retries=0)
        self._late_seconds = late_seconds
        #: For all that look articles up: what one learns of a rollover, the others know.
        self.standing = StandingArticles(self._client)
        self._keeper = RevisionKeeper(self._client, self.standing, kept_revisions)
        self.turns = Turns()
        #: By the place of a batch's first action: what was settled is looked up by the place of each.
        self._unfinished: Unfinished[Place, _Progress] = Unfinished()
        #: The same for all threads, for they share an Elasticsearch.
        self._body_bytes = _FIRST_BODY_BYTES

    def write(self, actions: Sequence[Action]) -> list[Outcome]:
        """One outcome for each action, in order.

        Raises Unavailable while any item waits for Elasticsearch, and Misconfigured when an operator must act.
        """
        if not actions:
            return []
        progress = self._unfinished.take(actions[0].place) or _Progress()
        waiting: list[str] = []
        until = time.monotonic() + _LONGEST_SECONDS
        try:
            with self.turns.of({action.id for action in actions if action.alias == ARTICLES}):
                left = [action for action in actions if action.place not in progress.settled]
                while left:
                    if time.monotonic() > until:
                        raise Unavailable(
                            f"Elasticsearch is slow: {len(left)} of {len(actions)} documents are left, and are gone on with"
                        )
                    chunk = left[: _fitting(left, self._body_bytes)]
                    waiting += self._write_chunk(chunk, progress)
                    left = left[len(chunk) :]
            if waiting:
                raise Unavailable(f"Elasticsearch cannot take {len(waiting)} of {len(actions)} documents now: {waiting[0]}")
        except Unavailable:
            self._unfinished.keep(actions[0].place, progress)
            raise
        return [progress.settled[action.place] for action in actions]

    def _write_chunk(self, chunk: Sequence[Action], progress: _Progress) -> list[str]:
        """Settle what can be settled; answers why the others wait."""
        articles = [action for action in chunk if action.alias == ARTICLES]
        standing = self.standing.find([action.id for action in articles])
        self._keeper.keep(articles, standing)
        verdicts = send_in_halves(chunk, lambda some: self._send(some, standing, progress))
        self._catch_up(articles, standing, dict(zip((action.place for action in chunk), verdicts, strict=True)))
        waiting = []
        for action, verdict in zip(chunk, verdicts, strict=True):
            if isinstance(verdict, Stop):
                raise Misconfigured(f"Elasticsearch refuses to write to {action.alias}: {verdict.reason}; run `dateline setup`")
            if isinstance(verdict, Retry):
                waiting.append(verdict.reason)
            else:
                progress.settled[action.place] = verdict
        return waiting

    def _catch_up(self, articles: Sequence[Action], standing: Mapping[str, Standing], verdicts: Mapping[Place, Verdict]) -> None:
        """See to what is known only after the writing. Raising here settles nothing: all of it is written, and seen to, again."""
        stale = [verdicts[action.place] == _STALE for action in articles]
        unexpected = find_unexpected(articles, standing, stale)
        if unexpected:
            self._keeper.keep(unexpected, self.standing.find([action.id for action in unexpected]))
        retracted = [each for each in articles if each.outcome is OutcomeName.RETRACTED]
        self._keeper.purge([each for each in retracted if isinstance(verdicts[each.place], Settled)])

    def _send(self, chunk: Sequence[Action], standing: Mapping[str, Standing], progress: _Progress) -> list[Verdict]:
        started = time.monotonic()
        now = datetime.now(UTC)
        stamp = format_time(now)
        parts: list[bytes | memoryview] = []
        for action in chunk:
            there = standing.get(action.id) if action.alias == ARTICLES else None
            again = action.place in progress.sent or (there is not None and there.is_doubtful(action, now.timestamp()))
            counts = there.counts_for(action) if there is not None else b""
            parts += action.lines(stamp, index=self.standing.home(there), again=again, counts=counts)
        progress.sent.update(action.place for action in chunk)
        fail_here(FailPoint.BULK_BUILT)
        verdicts = send_bulk(self._client, chunk, parts, "bulk")
        fail_here(FailPoint.BULK_ANSWERED)
        took = time.monotonic() - started
        self._suit_size(sum(map(len, parts)), took)
        return verdicts if took <= self._late_seconds else self._too_late(chunk, verdicts, took)

    def _suit_size(self, body_bytes: int, took: float) -> None:
        """Have bulks take long enough to be worth their while, and not so long that what they write is late."""
        long = self._late_seconds * _LONG
        if took > long:
            self._body_bytes = max(_LEAST_BODY_BYTES, min(self._body_bytes, int(body_bytes * long / took)))
        elif took < long * _LONG and body_bytes > self._body_bytes // 2:
            self._body_bytes = min(_MOST_BODY_BYTES, 2 * self._body_bytes)

    def _too_late(self, chunk: Sequence[Action], verdicts: list[Verdict], took: float) -> list[Verdict]:
        """Have articles written again whose stamp is too old to be relied on; by then bulks are smaller. Not one alone."""
        _log.warning("late bulk", documents=len(chunk), seconds=round(took, 1))
        if len(chunk) == 1 or sum(len(each.source) for each in chunk) <= _LEAST_BODY_BYTES:
            return verdicts  # smaller ones would not be quicker
        written = [
            each.alias == ARTICLES and verdict == _WRITTEN[each.outcome] for each, verdict in zip(chunk, verdicts, strict=True)
        ]
        LATE_DOCUMENTS.inc(sum(written))
        again = Retry(f"a bulk of {len(chunk)} took {took:.1f} s, and is written again in smaller ones")
        return [again if is_written else verdict for is_written, verdict in zip(written, verdicts, strict=True)]


_STALE = Settled(OutcomeName.STALE)
_WRITTEN = {name: Settled(name) for name in OutcomeName}


def _fitting(actions: Sequence[Action], body_bytes: int) -> int:
    """How many of them make a body of about so many bytes; at least one."""
    size = 0
    for number, action in enumerate(actions):
        size += len(action.source)
        if size > body_bytes and number:
            return number
    return len(actions)
