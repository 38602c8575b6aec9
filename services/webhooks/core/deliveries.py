"""A match → what is sent to a webhook, and what becomes of it.

Before this: `searches.matched`, or `webhooks.retries`, which holds the same records with `webhook_*` headers. After it:
`services.webhooks.delivering`.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from shared import topics
from shared.events import Event, Record, decode_event
from shared.outcomes import DeadLetterCode, DeadLettered, NewRecord, Outcome, OutcomeName, Published, Settled
from shared.saved_searches import SearchMatched

_PREFIX = "webhook_"
_ATTEMPT, _FIRST, _NOT_BEFORE = "webhook_attempt", "webhook_first_ms", "webhook_not_before_ms"
_GONE = 410
DELIVERED: Outcome = Settled(OutcomeName.DELIVERED)
#: The search was deleted, or has no webhook.
UNWANTED: Outcome = Settled(OutcomeName.FILTERED)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A match that is to be sent. Times are ms since 1970; `first_ms` is that of the first attempt, if there was one."""

    match: SearchMatched
    record: Record
    attempt: int
    first_ms: int | None
    not_before_ms: int

    @property
    def body(self) -> bytes:
        """What is sent: the match as JSON."""
        return self.record.value or b""


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that came to nothing, and why; `is_final`: the endpoint wants no more; `is_unreachable`: so is its whole host."""

    reason: str
    is_final: bool = False
    is_unreachable: bool = False


def parse_delivery(record: Record) -> Delivery | DeadLettered:
    """The delivery that a record asks for, or why there is none."""
    event = decode_event(record)
    if isinstance(event, DeadLettered):
        return event
    if not isinstance(event, Event) or not isinstance(event.body, SearchMatched):
        return DeadLettered(DeadLetterCode.SCHEMA_UNKNOWN, f"{type(event.body).__name__} is not sent to webhooks")
    first = _number(record, _FIRST)
    return Delivery(event.body, record, _number(record, _ATTEMPT) or 0, first, _number(record, _NOT_BEFORE) or 0)


def _number(record: Record, name: str) -> int | None:
    text = record.header(name) or ""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 20 else None


def judge_status(status: int) -> Failed | None:
    """What an endpoint's answer means: None when it has taken the delivery."""
    if 200 <= status < 300:
        return None
    return Failed(f"it answered {status}", is_final=status == _GONE)


def name_result(failed: Failed | None) -> str:
    """How an attempt ended, in one word for metrics."""
    if failed is None:
        return "taken"
    return "gone" if failed.is_final else "unreachable" if failed.is_unreachable else "refused"


def conclude_failure(delivery: Delivery, failed: Failed, now_ms: int, retry_ms: int, give_up_ms: int) -> Outcome:
    """Sent again later, or given up."""
    first_ms = delivery.first_ms if delivery.first_ms is not None else now_ms
    attempts = delivery.attempt + 1
    if failed.is_final or now_ms - first_ms >= give_up_ms:
        detail = f"{delivery.match.match_id} was not taken in {attempts} attempts; at the last one, {failed.reason}"
        return DeadLettered(DeadLetterCode.UNDELIVERABLE, detail[:1000])
    return Published([build_retry(delivery, attempts, first_ms, now_ms + retry_ms)])


def postpone(delivery: Delivery, now_ms: int, retry_ms: int, give_up_ms: int) -> Outcome:
    """Sent later, without an attempt: its endpoint has just failed, or is not known yet. Given up when that goes on too long."""
    first_ms = delivery.first_ms if delivery.first_ms is not None else now_ms
    if now_ms - first_ms >= give_up_ms:
        detail = f"{delivery.match.match_id} was put off for too long: its endpoint cannot be reached"
        return DeadLettered(DeadLetterCode.UNDELIVERABLE, detail)
    return Published([build_retry(delivery, delivery.attempt, first_ms, now_ms + retry_ms)])


def build_retry(delivery: Delivery, attempt: int, first_ms: int, not_before_ms: int) -> NewRecord:
    """The record of a further attempt."""
    kept = [header for header in delivery.record.headers if not header[0].startswith(_PREFIX)]
    added = [(_ATTEMPT, attempt), (_FIRST, first_ms), (_NOT_BEFORE, not_before_ms)]
    headers = (*kept, *((name, str(value).encode()) for name, value in added))
    return NewRecord(topics.WEBHOOK_RETRIES, delivery.record.key, delivery.record.value, headers)


def origin_of(url: str) -> str:
    """Scheme, host and port: what is away as a whole when it is away."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
