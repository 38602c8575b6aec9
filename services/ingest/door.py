"""Between the HTTP API, the feed poller and Kafka: what is accepted is acknowledged by the broker before anybody is told so."""

import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.ingest.answering import Answering
from services.ingest.core.acceptance import accept_article
from services.ingest.core.judgements import NewRevision, Origin, Refused, Retraction
from services.ingest.core.known_robots import names_robot
from services.ingest.core.readers import Reader
from services.ingest.core.submissions import ArticleSubmission, ViewSubmission
from services.ingest.core.views import RefusedView, build_view_records, judge_view
from services.ingest.outbox import Outbox
from services.ingest.remembering import Remembering
from services.ingest.salts import DailySalt
from shared.engagement import View
from shared.events import Body, Event, Record, article_record
from shared.metrics import SUBMISSIONS, VIEWS_REFUSED
from shared.producing import Producer, partition_of
from shared.topics import COMMENTS, PUBLISHED


@dataclass(frozen=True, slots=True)
class EntriesTaken:
    """What became of the entries of one feed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


class Door:
    """Sends what was accepted to its topic, and returns when the broker has acknowledged; Unavailable when it does not."""

    def __init__(
        self, producer: Producer, outbox: Outbox, salt: DailySalt, engagement_partitions: int, memory: Remembering
    ) -> None:
        self._producer = producer
        self._outbox = outbox
        self._salt = salt
        self._engagement_partitions = engagement_partitions
        self.memory = memory
        self.answering = Answering(outbox, lambda: int(time.time() * 1000))

    def learn(self, records: Sequence[Record]) -> None:
        """Learn what processes of ingest wrote to the topic `ingest.memory`."""
        self.memory.learn(records)
        self.answering.learn(records)

    async def publish(self, judged: Sequence[NewRevision | Retraction], kind: str) -> None:
        """Publish what was accepted of articles, and remember it."""
        await self._outbox.send([article_record(each.event, PUBLISHED) for each in judged])
        self.memory.remember(each.entry for each in judged)
        SUBMISSIONS.labels(kind, "accepted").inc(len(judged))

    def take_entries(self, entries: Sequence[ArticleSubmission], scope: str) -> EntriesTaken:
        """Publish the entries of a feed that are new or changed; blocking, for threads that have no event loop.

        Args:
            entries: as the feed shows them, full texts put in.
            scope: within what their ids are unique: the feed's id.
        """
        now, draft = now_utc(), self.memory.draft()
        counts: Counter[str] = Counter()
        events: list[Event[Body]] = []
        for entry in entries:
            judged = accept_article(entry, Origin(feed=scope), draft.look, now)
            if isinstance(judged, NewRevision):
                draft.add([judged.entry])
                events.append(judged.event)
                counts["new" if judged.is_new else "changed"] += 1
            else:
                counts["refused" if isinstance(judged, Refused) else "unchanged"] += 1
        if events:
            self._producer.send_all([article_record(event, PUBLISHED) for event in events])
        self.memory.remember(draft.entries)
        SUBMISSIONS.labels("entry", "accepted").inc(len(events))
        SUBMISSIONS.labels("entry", "unchanged").inc(counts["unchanged"])
        count_refused("entry", counts["refused"])
        return EntriesTaken(**counts)

    async def post_comment(self, event: Event[Body]) -> None:
        """Publish a comment."""
        await self._outbox.send([article_record(event, COMMENTS)])
        SUBMISSIONS.labels("comment", "accepted").inc()

    async def record_views(self, submissions: Sequence[ViewSubmission], request: Reader) -> list[RefusedView | None]:
        """Record views; answers for each None, or why it was refused."""
        now = now_utc()
        salt = self._salt.of(now)
        judged = [judge_view(view, request, salt, names_robot, now) for view in submissions]
        views = [view for view in judged if isinstance(view, View)]
        if views:
            await self._outbox.send(build_view_records(views, self._partition_of, secrets.token_hex(8), now))
        SUBMISSIONS.labels("view", "accepted").inc(len(views))
        for reason, number in Counter(view.reason for view in judged if isinstance(view, RefusedView)).items():
            VIEWS_REFUSED.labels(reason).inc(number)
        return [None if isinstance(view, View) else view for view in judged]

    def _partition_of(self, article_id: str) -> int:
        return partition_of(article_id, self._engagement_partitions)


def count_unchanged(kind: str, count: int = 1) -> None:
    """Count what is known as it is, so that no event came of it."""
    SUBMISSIONS.labels(kind, "unchanged").inc(count)


def count_refused(kind: str, count: int = 1) -> None:
    """Count what was not accepted."""
    SUBMISSIONS.labels(kind, "refused").inc(count)


def now_utc() -> datetime:
    """The time of acceptance."""
    return datetime.fromtimestamp(time.time(), UTC)
