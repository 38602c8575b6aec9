"""Between the HTTP API, the feed poller and Kafka: what is accepted is acknowledged by the broker before anybody is told so."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.ingest.core.acceptance import Refused, accept_article
from services.ingest.core.submissions import ArticleSubmission, ViewSubmission
from services.ingest.core.views import Sender, accept_view, build_view_records, visitor_hash
from services.ingest.outbox import Outbox
from services.ingest.salts import DailySalt
from shared.engagement import View
from shared.events import Body, Event, article_record
from shared.metrics import SUBMISSIONS
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

    def __init__(self, producer: Producer, outbox: Outbox, salt: DailySalt, engagement_partitions: int) -> None:
        self._producer = producer
        self._outbox = outbox
        self._salt = salt
        self._engagement_partitions = engagement_partitions

    async def publish(self, events: Sequence[Event[Body]], kind: str) -> None:
        """Publish events about articles: published, or retracted."""
        await self._outbox.send([article_record(event, PUBLISHED) for event in events])
        SUBMISSIONS.labels(kind, "accepted").inc(len(events))

    def publish_blocking(self, events: Sequence[Event[Body]], kind: str) -> None:
        """As `publish`, for threads that have no event loop."""
        self._producer.send_all([article_record(event, PUBLISHED) for event in events])
        SUBMISSIONS.labels(kind, "accepted").inc(len(events))

    def take_entries(self, entries: Sequence[ArticleSubmission], scope: str) -> EntriesTaken:
        """Publish the entries of a feed that are new or changed; blocking, for threads that have no event loop.

        Args:
            entries: as the feed shows them, full texts put in.
            scope: within what their ids are unique: the feed's id.
        """
        judged = [accept_article(entry, now_utc()) for entry in entries]
        events = [event for event in judged if not isinstance(event, Refused)]
        self.publish_blocking(events, "entry")
        count_refused("entry", len(judged) - len(events))
        return EntriesTaken(new=len(events), refused=len(judged) - len(events))

    async def post_comment(self, event: Event[Body]) -> None:
        """Publish a comment."""
        await self._outbox.send([article_record(event, COMMENTS)])
        SUBMISSIONS.labels("comment", "accepted").inc()

    async def record_views(self, submissions: Sequence[ViewSubmission], sender: Sender) -> list[Refused | None]:
        """Record views; answers for each None, or why it was refused."""
        now = now_utc()
        salt = self._salt.of(now)
        judged = [accept_view(view, visitor_hash(salt, view, sender), now) for view in submissions]
        views = [view for view in judged if isinstance(view, View)]
        await self._outbox.send(build_view_records(views, self._partition_of, secrets.token_hex(8), now))
        SUBMISSIONS.labels("view", "accepted").inc(len(views))
        return [None if isinstance(view, View) else view for view in judged]

    def _partition_of(self, article_id: str) -> int:
        return partition_of(article_id, self._engagement_partitions)


def count_refused(kind: str, count: int = 1) -> None:
    """Count what was not accepted."""
    SUBMISSIONS.labels(kind, "refused").inc(count)


def now_utc() -> datetime:
    """The time of acceptance."""
    return datetime.fromtimestamp(time.time(), UTC)
