"""The upstream Kafka topic `articles.inbound`: publishers that speak Kafka, with the same validation as the HTTP door.

A record's value is an article in the form of `POST /v1/articles`; its key and headers are the publisher's own business. What is
refused is a dead letter that names each field. Before this: others. After it: `core.acceptance`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from pydantic import ValidationError

from services.ingest.core.acceptance import Refused, accept_article
from services.ingest.core.submissions import ArticleSubmission
from services.ingest.door import count_refused
from shared.consuming import Subscription
from shared.events import Record, article_record, why_invalid
from shared.metrics import SUBMISSIONS
from shared.outcomes import DeadLetterCode, DeadLettered, Outcome, Published
from shared.topics import INBOUND


def inbound_subscription(now: Callable[[], datetime]) -> Subscription[ArticleSubmission]:
    """What the consumer loop of ingest reads, and what it makes of it; `now` is the clock of acceptance."""

    def handle(submissions: Sequence[ArticleSubmission]) -> Sequence[Outcome]:
        return [_accept(submission, now()) for submission in submissions]

    return Subscription("ingest", (INBOUND,), decode_submission, handle, limit=None)


def decode_submission(record: Record) -> ArticleSubmission | DeadLettered:
    """The submission of a record, or why there is none."""
    try:
        return ArticleSubmission.model_validate_json(record.value or b"")
    except ValidationError as error:
        count_refused("inbound")
        return DeadLettered(*why_invalid(error))


def _accept(submission: ArticleSubmission, now: datetime) -> Outcome:
    judged = accept_article(submission, now)
    if isinstance(judged, Refused):
        count_refused("inbound")
        return DeadLettered(DeadLetterCode.INVALID, "; ".join(f"{field}: {detail}" for field, detail in judged.errors))
    SUBMISSIONS.labels("inbound", "accepted").inc()
    return Published([article_record(judged)])
