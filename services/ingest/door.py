"""Between the HTTP API, the feed poller and Kafka: what is accepted is acknowledged by the broker before anybody is told so."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from services.ingest.answering import Answering
from services.ingest.core.acceptance import accept_article
from services.ingest.core.common_records import Placed, place_reading, place_share, place_view
from services.ingest.core.judgements import NewRevision, Origin, Refused, Retraction
from services.ingest.core.known_robots import names_robot
from services.ingest.core.readers import Reader
from services.ingest.core.submissions import ArticleSubmission, ViewSubmission
from services.ingest.core.views import AcceptedView, RefusedView, ViewReason, judge_view
from services.ingest.outbox import Outbox
from services.ingest.remembering import Remembering
from services.ingest.salts import DailySalt
from shared.events import Body, Event, Record, article_record
from shared.metrics import SUBMISSIONS, VIEWS_REFUSED
from shared.producing import Producer, partition_of
from shared.topics import COMMENTS, PUBLISHED
from shared.tracing import trace_publishing


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
        # Readers read few articles at a time; Kafka's hash takes longer than all else that is done with a view.
        self._partition_of = lru_cache(maxsize=50_000)(lambda article_id: partition_of(article_id, engagement_partitions))
        self.memory = memory
        self.answering = Answering(outbox, lambda: int(time.time() * 1000))

    def learn(self, records: Sequence[Record]) -> None:
        """Learn what processes of ingest wrote to the topic `ingest.memory`."""
        self.memory.learn(records)
        self.answering.learn(records)

    async def publish(self, judged: Sequence[NewRevision | Retraction], kind: str, traceparent: str | None = None) -> None:
        """Publish what was accepted of articles, and remember it; `traceparent` is the header of the request, if it has one."""
        with trace_publishing([each.event for each in judged], PUBLISHED, traceparent) as events:
            await self._outbox.send([article_record(event, PUBLISHED) for event in events])
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
            with trace_publishing(events, PUBLISHED) as traced:
                self._producer.send_all([article_record(event, PUBLISHED) for event in traced])
        self.memory.remember(draft.entries)
        SUBMISSIONS.labels("entry", "accepted").inc(len(events))
        SUBMISSIONS.labels("entry", "unchanged").inc(counts["unchanged"])
        count_refused("entry", counts["refused"])
        return EntriesTaken(**counts)

    async def post_comment(self, event: Event[Body]) -> None:
        """Publish a comment."""
        await self._outbox.send([article_record(event, COMMENTS)])
        SUBMISSIONS.labels("comment", "accepted").inc()

    def judge_views(self, submissions: Sequence[ViewSubmission], request: Reader) -> list[Placed | RefusedView]:
        """Which views are accepted, and where they belong, or why not. Many take their time: not for the event loop."""
        judged = self.judge_readers(submissions, request)
        return [self.place(view) if isinstance(view, AcceptedView) else view for view in judged]

    def judge_readers(self, submissions: Sequence[ViewSubmission], request: Reader) -> list[AcceptedView | RefusedView]:
        """Who did what is reported in the form of views, or why it is refused. Many take their time: not for the event loop."""
        now = now_utc()
        salt = self._salt.of(now)
        return [judge_view(view, request, salt, names_robot, now) for view in submissions]

    def judge_page_view(self, article_id: str, request: Reader) -> AcceptedView | RefusedView:
        """The view of who sends a request, now, or why it is refused."""
        now = now_utc()
        return judge_view(ViewSubmission(article_id=article_id), request, self._salt.of(now), names_robot, now)

    def place(self, view: AcceptedView) -> Placed:
        """A view and where it belongs."""
        return place_view(view, self._partition_of(view.article_id))

    async def report_reading(self, reader: AcceptedView, engaged_seconds: int) -> None:
        """Publish for how long a page was read."""
        await self._outbox.send_reports([place_reading(reader, engaged_seconds, self._partition_of(reader.article_id))])
        SUBMISSIONS.labels("reading", "accepted").inc()

    async def report_shares(self, shares: Sequence[AcceptedView]) -> None:
        """Publish that articles were shared."""
        await self._outbox.send_reports([place_share(share, self._partition_of(share.article_id)) for share in shares])
        SUBMISSIONS.labels("share", "accepted").inc(len(shares))

    async def record_views(self, judged: Sequence[Placed | RefusedView]) -> None:
        """Record the views that were accepted, and count all."""
        views = [view for view in judged if isinstance(view, Placed)]
        if views:
            await self._outbox.send_views(views)
        SUBMISSIONS.labels("view", "accepted").inc(len(views))
        count_refused_views([view.reason for view in judged if isinstance(view, RefusedView)])


def count_refused_views(reasons: Sequence[ViewReason]) -> None:
    """Count views that were not accepted, by why."""
    count_refused("view", len(reasons))
    for reason, number in Counter(reasons).items():
        VIEWS_REFUSED.labels(reason).inc(number)


def count_unchanged(kind: str, count: int = 1) -> None:
    """Count what is known as it is, so that no event came of it."""
    SUBMISSIONS.labels(kind, "unchanged").inc(count)


def count_refused(kind: str, count: int = 1) -> None:
    """Count what was not accepted."""
    SUBMISSIONS.labels(kind, "refused").inc(count)


def now_utc() -> datetime:
    """The time of acceptance."""
    return datetime.fromtimestamp(time.time(), UTC)
