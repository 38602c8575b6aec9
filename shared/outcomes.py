"""The ends that a consumed record can come to: exactly one each, as a value that the consumer loop performs and counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class OutcomeName(StrEnum):
    """The closed set of ends. A service's counters over these add up to the offsets it consumed."""

    PUBLISHED = "published"
    ENRICHED = "enriched"
    INDEXED = "indexed"
    STALE = "stale"
    RETRACTED = "retracted"
    DUPLICATE = "duplicate"
    FILTERED = "filtered"
    COUNTED = "counted"
    DELIVERED = "delivered"
    DEAD_LETTERED = "dead-lettered"


class DeadLetterCode(StrEnum):
    """Why a record could not be processed. The first two can be replayed after an upgrade, the rest after an edit."""

    SCHEMA_UNKNOWN = "schema_unknown"
    BUG = "bug"
    NOT_JSON = "not_json"
    INVALID = "invalid"
    HEADERS_MISSING = "headers_missing"
    TOO_LARGE = "too_large"
    REFUSED_BY_INDEX = "refused_by_index"
    TOO_SLOW = "too_slow"
    UNDELIVERABLE = "undeliverable"
    STEPPED_OVER = "stepped_over"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to be produced. Without a partition, the key chooses it; without a value it deletes what a compacted topic has."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The record led to other records, which must be acknowledged before its offset is committed."""

    records: Sequence[NewRecord]
    name: OutcomeName = OutcomeName.PUBLISHED


@dataclass(frozen=True, slots=True)
class Settled:
    """The record needs nothing more: it is indexed, stale, retracted, a duplicate, filtered or counted."""

    name: OutcomeName


@dataclass(frozen=True, slots=True)
class DeadLettered:
    """The record can never be processed as it is: its bytes are kept, with the reason, in `<topic>.dead-letters`."""

    code: DeadLetterCode
    detail: str
    name: OutcomeName = OutcomeName.DEAD_LETTERED


Outcome = Published | Settled | DeadLettered
