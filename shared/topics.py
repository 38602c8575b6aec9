"""Every topic as data: what keys it, how long it keeps, how many partitions it has. `dateline setup` creates them."""

from dataclasses import dataclass, field

_DAY_MS = 24 * 60 * 60 * 1000

INBOUND = "articles.inbound"
PUBLISHED = "articles.published"
ENRICHED = "articles.enriched"
COMMENTS = "comments.posted"
ENGAGEMENT = "engagement.recorded"
READING = "reading.reported"
COUNTS = "popularity.counts"
RANKED = "popularity.ranked"
SIGNALS = "popularity.signals"
FEEDS_STATE = "feeds.state"
MEMORY = "ingest.memory"
FINGERPRINTS = "stories.fingerprints"
SEARCHES = "searches.saved"
MATCHES = "searches.matched"
WEBHOOK_RETRIES = "webhooks.retries"

_DEAD_LETTERS = ".dead-letters"
#: A dead letter is its record with the reason in headers, so its topic takes somewhat more than the 1 MiB of the others.
DEAD_LETTER_MAX_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class Topic:
    """One topic. `single` ones have one partition whatever the setting; the rest share one count, see `all_topics`."""

    name: str
    configs: dict[str, str] = field(default_factory=dict)
    single: bool = False


def _kept(days: int, **configs: str) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(days * _DAY_MS), **configs}


_COMPACT = {"cleanup.policy": "compact"}
# Every change of a count is written: small segments, compacted early, keep what a worker reads when it opens a partition near what
# the counts themselves take.
_COMPACT_OFTEN = {**_COMPACT, "segment.bytes": str(64 * 1024 * 1024), "segment.ms": "3600000", "min.cleanable.dirty.ratio": "0.2"}

# Article topics are never compacted: compaction keeps the last offset of a key, not its highest revision (failure-modes F10).
_TOPICS = (
    Topic(INBOUND, _kept(7)),
    Topic(PUBLISHED, _kept(30)),
    Topic(ENRICHED, _kept(7)),
    # What is counted is stamped by the broker: nothing happened after it was stored, and no clock of a reader or of ingest may
    # delete segments (F15). The views of the longest window and a day.
    Topic(COMMENTS, {**_kept(30), "message.timestamp.type": "LogAppendTime"}),
    Topic(ENGAGEMENT, {**_kept(31), "message.timestamp.type": "LogAppendTime"}),
    Topic(READING, {**_kept(31), "message.timestamp.type": "LogAppendTime"}),
    Topic(COUNTS, _COMPACT_OFTEN),
    Topic(RANKED, _COMPACT_OFTEN),
    Topic(SIGNALS, _COMPACT),
    Topic(FEEDS_STATE, _COMPACT),
    # Read whole by every process of ingest as it starts, so its size is bounded too: some two million articles.
    Topic(MEMORY, _kept(30, **{"retention.bytes": str(32 * 1024 * 1024), "segment.bytes": str(8 * 1024 * 1024)})),
    # One order of all articles, so one partition; read whole by every process of enrich as it starts, so its size is bounded: the
    # newest 180,000 articles. What is not compacted for an hour cannot lose a claim before its verdict.
    Topic(
        FINGERPRINTS,
        {
            "cleanup.policy": "compact,delete",
            "retention.ms": "-1",
            "retention.bytes": str(64 * 1024 * 1024),
            "segment.bytes": str(8 * 1024 * 1024),
            "min.compaction.lag.ms": "3600000",
        },
        single=True,
    ),
    # Read whole by every indexer as it starts.
    Topic(SEARCHES, _COMPACT, single=True),
    Topic(MATCHES, _kept(7)),
    Topic(WEBHOOK_RETRIES, _kept(2)),
)

#: The topics whose records are consumed and can therefore become dead letters.
CONSUMED = (INBOUND, PUBLISHED, ENRICHED, COMMENTS, ENGAGEMENT, READING, RANKED, SIGNALS, SEARCHES, MATCHES, WEBHOOK_RETRIES)


def dead_letters_of(topic: str) -> str:
    """The topic that keeps what could not be processed of `topic`."""
    return topic + _DEAD_LETTERS


def source_of(dead_letter_topic: str) -> str:
    """The topic that a dead-letter topic belongs to; the reverse of `dead_letters_of`."""
    if not dead_letter_topic.endswith(_DEAD_LETTERS):
        raise ValueError(f"{dead_letter_topic} is not a dead-letter topic: its name does not end in {_DEAD_LETTERS}")
    return dead_letter_topic.removesuffix(_DEAD_LETTERS)


def all_topics() -> tuple[Topic, ...]:
    """Every topic that Dateline uses, the dead-letter ones included."""
    letters = {
        "cleanup.policy": "compact,delete",
        "retention.ms": str(30 * _DAY_MS),
        "max.message.bytes": str(DEAD_LETTER_MAX_BYTES),
    }
    return _TOPICS + tuple(Topic(dead_letters_of(name), letters, single=True) for name in CONSUMED)
