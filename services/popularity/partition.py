"""The counts of one owned partition: shut out its former owner, read what was counted, count on, and store it in transactions.

A checkpoint is one transaction of the producer that shuts former owners out. It holds the new counts of all articles that changed, how
far both topics are counted, dead letters and the lists that are due. So counts and position cannot come apart, nothing is counted
twice or left out whatever dies when, and nobody but the owner publishes (design/popularity.md).
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from services.popularity.connections import build_fencing_producer, build_reader
from services.popularity.core.counting import ArticleCounts, decode_counts
from services.popularity.core.state import PartitionState
from services.popularity.core.tallying import Tally, ViewTally, tally_record
from services.popularity.layout import SOURCES, Layout
from services.popularity.positions import (
    POSITION_KEY,
    LogRange,
    Position,
    SourcePosition,
    decode_position,
    encode_position,
    resume_positions,
)
from services.popularity.publishing import PublishedLists
from services.popularity.settings import PopularitySettings
from shared import metrics
from shared.dead_letters import DeadLetterTally, build_dead_letter
from shared.events import Record, parse_time
from shared.failures import Misconfigured
from shared.logs import get_logger
from shared.outcomes import DeadLetterCode, DeadLettered, NewRecord, OutcomeName
from shared.topics import COUNTS

#: With the partition, it is the transactional id; it never changes, or a former owner would not be shut out.
GROUP = "dateline.popularity"
_SERVICE = "popularity"

_log = get_logger(__name__)


class Doubted(Exception):
    """What is in memory may not be what is stored, or is no longer ours: the process must end and read it again."""


@dataclass
class _Batch:
    """What was taken since the last checkpoint and waits for the next."""

    views: int = 0
    outcomes: Counter[tuple[str, OutcomeName]] = field(default_factory=Counter)
    accepted: list[tuple[str, float]] = field(default_factory=list)
    dead_letters: list[NewRecord] = field(default_factory=list)
    codes: Counter[tuple[str, DeadLetterCode]] = field(default_factory=Counter)
    done: list[Callable[[], None]] = field(default_factory=list)


class OwnedPartition:
    """One partition as its only owner counts it. `open_partition` makes one."""

    def __init__(self, producer: AIOKafkaProducer, state: PartitionState, position: Position, settings: PopularitySettings) -> None:
        self.state = state
        self.suspended = False
        self._producer = producer
        self._position = position
        self._settings = settings
        self._partition = int(str(producer._txn_manager.transactional_id).rpartition("-")[2])
        self._lists = PublishedLists(self._partition, settings.popularity.publish_seconds)
        self._next = {topic: source.next_offset for topic, source in position.sources.items()}
        self._begun: set[str] = set()
        self._batch = _Batch()
        self._storing = asyncio.Lock()
