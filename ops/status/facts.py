"""What can be seen of a running Dateline at one moment: facts, without a judgement (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that was asked and did not say; `reason` is for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Disk:
    """Room on a disk, in bytes."""

    free_bytes: int
    all_bytes: int

    @property
    def used(self) -> float:
        """The used share, 0 to 1."""
        return 1 - self.free_bytes / self.all_bytes if self.all_bytes else 0.0


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """A topic: offsets from its beginning to its end, how long it keeps them (ms, -1: for ever), and what is wrong with it.

    `newest` is the time of its newest record. `leaderless` and `under_replicated` count partitions.
    """

    name: str
    partitions: int
    records: int
    is_compacted: bool = False
    retention_ms: int | None = None
    newest: datetime | None = None
    leaderless: int = 0
    under_replicated: int = 0


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A consumer group: its state as Kafka calls it, its members, and how many records wait for it, by topic."""

    name: str
    state: str
    members: int
    lag: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KafkaFacts:
    """The cluster and all of Dateline that is in it. `missing` are topics that `dateline setup` would make."""

    brokers: Sequence[str]
    topics: Sequence[TopicFacts] = ()
    groups: Sequence[GroupFacts] = ()
    missing: Sequence[str] = ()
    disk: Disk | None = None


@dataclass(frozen=True, slots=True)
class ListsFacts:
    """The Most Popular lists: how many records of them stand in the index, and as of when the newest of them is."""

    count: int
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class ElasticFacts:
    """The cluster and its indices; `documents` by alias, `missing` are aliases that `dateline setup` would make.

    `newest` is when the newest searchable article was indexed.
    """

    health: str
    nodes: int
    version: str = ""
    documents: Mapping[str, int] = field(default_factory=dict)
    missing: Sequence[str] = ()
    newest: datetime | None = None
    lists: ListsFacts = ListsFacts(0)
    disk: Disk | None = None


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """One process of a service, as its operations port told: alive, ready, and why not. `notes` are what it does less well."""

    name: str
    address: str
    is_alive: bool = True
    is_ready: bool = True
    reasons: Sequence[str] = ()
    notes: Sequence[str] = ()
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class LettersFacts:
    """Dead letters by topic, service and code; `newest` is when the last one was written. `unread` when not all were counted."""

    counts: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    newest: datetime | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """A feed that asks for a look: its condition (failing, silent, surging), and why."""

    feed_id: str
    url: str
    condition: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeedsFacts:
    """How many feeds there are in each condition, and those in trouble."""

    conditions: Mapping[str, int] = field(default_factory=dict)
    troubled: Sequence[FeedFacts] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it; whatever could not be asked is its Failure."""

    seen: datetime
    kafka: KafkaFacts | Failure
    elasticsearch: ElasticFacts | Failure
    services: Sequence[ServiceFacts]
    letters: LettersFacts | Failure
    feeds: FeedsFacts | Failure
