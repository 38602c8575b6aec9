"""The upstream Kafka topic `articles.inbound`: publishers that speak Kafka, with the same validation as the HTTP door.

A record's value is an article as `POST /v1/articles` takes it, ninjs included; its key and headers are the publisher's own
business. What is refused is a dead letter that names each field. Before this: others. After it: `core.incoming`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from services.ingest.core.incoming import Incoming, judge_incoming, parse_incoming
from services.ingest.core.judgements import Origin, Refused, Unchanged
from services.ingest.core.memory import Draft, Entry
from services.ingest.door import count_refused, count_unchanged
from services.ingest.remembering import Remembering
from shared.consuming import Subscription
from shared.events import Record, article_record, why_invalid
from shared.metrics import SUBMISSIONS
from shared.outcomes import DeadLetterCode, DeadLettered, Outcome, OutcomeName, Published, Settled
from shared.topics import INBOUND


@dataclass(frozen=True, slots=True)
class _PublishedArticle(Published):
    """With what to remember once it is acknowledged."""

    entry: Entry | None = None


def inbound_subscription(now: Callable[[], datetime], memory: Remembering) -> Subscription[Incoming]:
    """What the consumer loop of ingest reads, and what it makes of it; `now` is the clock of acceptance."""

    def decode(record: Record) -> Incoming | DeadLettered:
        return decode_document(record, now())

    def handle(documents: Sequence[Incoming]) -> Sequence[Outcome]:
        draft = memory.draft()
        return [_accept(document, draft, now()) for document in documents]

    def remember(outcomes: Sequence[Outcome]) -> None:
        memory.remember(each.entry for each in outcomes if isinstance(each, _PublishedArticle) and each.entry is not None)

    return Subscription("ingest", (INBOUND,), decode, handle, limit=None, delivered=remember)


def decode_document(record: Record, now: datetime) -> Incoming | DeadLettered:
    """What a record says, or why it says nothing."""
    try:
        incoming = parse_incoming(record.value or b"", now)
    except ValidationError as error:
        count_refused("inbound")
        return DeadLettered(*why_invalid(error))
    return _dead_letter(incoming) if isinstance(incoming, Refused) else incoming


def _accept(document: Incoming, draft: Draft, now: datetime) -> Outcome:
    judged = judge_incoming(document, Origin(), draft.look, now)
    if isinstance(judged, Refused):
        return _dead_letter(judged)
    if isinstance(judged, Unchanged):
        count_unchanged("inbound")
        return Settled(OutcomeName.DUPLICATE)
    draft.add([judged.entry])
    SUBMISSIONS.labels("inbound", "accepted").inc()
    return _PublishedArticle([article_record(judged.event)], entry=judged.entry)


def _dead_letter(refused: Refused) -> DeadLettered:
    count_refused("inbound")
    return DeadLettered(DeadLetterCode.INVALID, "; ".join(f"{field}: {detail}" for field, detail in refused.errors))
