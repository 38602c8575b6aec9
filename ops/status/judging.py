"""Facts → what asks for somebody's attention, with what to do and the page that says more (pure).

The limits are those of the alerts in ops/prometheus/rules where there are such, so that the screen and the alerts agree.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from ops.status.facts import (
    Disk,
    ElasticFacts,
    Facts,
    Failure,
    FeedsFacts,
    GroupFacts,
    KafkaFacts,
    LettersFacts,
    ListsFacts,
    TopicFacts,
)
from services.ingest.core.source_watch import duration
from shared.topics import ENGAGEMENT, ENRICHED, PUBLISHED

_LAG_RECORDS = 1000
_LATE = timedelta(minutes=1)
_NO_NEWS = timedelta(hours=6)
_LISTS_STALE = timedelta(minutes=35)
_FAILING_SHARE = 0.1
#: Elasticsearch moves shards away from a fuller disk, and refuses to write at the second.
_DISK_WARNING, _DISK_FULL = 0.85, 0.95
#: What consumes, by the group that Kafka knows it by. The feeds' group shares out who polls; nothing waits for it.
_CONSUMERS = ("ingest", "enrich", "indexer", "popularity")


class Severity(StrEnum):
    """As of alerts: readers or publishers notice; they will; to look at when it suits."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class ExitCode(IntEnum):
    """What `dateline status` tells a program."""

    WELL = 0
    ATTENTION = 1
    BLIND = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that asks for attention; `runbook` is the page of ops/runbooks, by its name."""

    severity: Severity
    what: str
    do: str
    runbook: str | None = None


def judge(facts: Facts) -> list[Finding]:
    """What asks for attention, the gravest first."""
    found = [
        *_judge_kafka(facts.kafka),
        *_judge_elasticsearch(facts.elasticsearch),
        *_judge_services(facts),
        *_judge_flow(facts),
        *_judge_letters(facts.letters),
        *_judge_feeds(facts.feeds),
    ]
    order = list(Severity)
    return sorted(found, key=lambda warning: order.index(warning.severity))


def exit_code(facts: Facts, warnings: list[Finding]) -> ExitCode:
    """0: all is well, or only of interest; 1: something asks for attention; 2: nobody answered, so there is nothing to judge."""
    silent = [isinstance(each, Failure) for each in (facts.kafka, facts.elasticsearch)]
    if all(silent) and all(service.failure is not None for service in facts.services):
        return ExitCode.BLIND
    grave = any(warning.severity is not Severity.INFO for warning in warnings)
    return ExitCode.ATTENTION if grave else ExitCode.WELL


def _judge_kafka(kafka: KafkaFacts | Failure) -> Iterator[Finding]:
    if isinstance(kafka, Failure):
        yield Finding(
            Severity.CRITICAL, f"Kafka: {kafka.reason}", "start it, or set DATELINE_KAFKA_BOOTSTRAP_SERVERS", "EngineAway"
        )
        return
    if kafka.missing:
        yield Finding(Severity.CRITICAL, f"topics are missing: {', '.join(kafka.missing)}", "dateline setup")
    for topic in kafka.topics:
        yield from _judge_topic(topic)
    yield from _judge_disk("Kafka", kafka.disk)
    for group in kafka.groups:
        yield from _judge_group(group)
    for service in _CONSUMERS:
        if not any(group.name == f"dateline.{service}" for group in kafka.groups):
            yield Finding(Severity.WARNING, f"{service} has never read from this Kafka", f"start {service}", "ServiceMissing")


def _judge_topic(topic: TopicFacts) -> Iterator[Finding]:
    if topic.leaderless:
        what = f"{topic.leaderless} partitions of {topic.name} have no leader: nothing is read or written there"
        yield Finding(Severity.CRITICAL, what, "start the brokers that have its copies", "EngineAway")
    elif topic.under_replicated:
        what = f"{topic.under_replicated} partitions of {topic.name} have fewer copies than they should"
        yield Finding(Severity.WARNING, what, "see which broker is away", "EngineAway")


def _judge_group(group: GroupFacts) -> Iterator[Finding]:
    waiting = sum(group.lag.values())
    service = group.name.removeprefix("dateline.")
    if waiting and not group.members:
        topics = ", ".join(f"{topic} {count:,}" for topic, count in group.lag.items() if count)
        what = f"nobody reads for {service}, and {waiting:,} records wait ({topics})"
        yield Finding(Severity.CRITICAL, what, f"start {service}", "ConsumerStuck")
    elif waiting > _LAG_RECORDS:
        what = f"{waiting:,} records wait for {service}"
        yield Finding(Severity.WARNING, what, f"see whether it becomes less; else start more of {service}", "LagGrows")


def _judge_elasticsearch(elastic: ElasticFacts | Failure) -> Iterator[Finding]:
    if isinstance(elastic, Failure):
        yield Finding(
            Severity.CRITICAL, f"Elasticsearch: {elastic.reason}", "start it, or set DATELINE_ELASTICSEARCH_URL", "EngineAway"
        )
        return
    if elastic.health == "red":
        yield Finding(
            Severity.CRITICAL, "Elasticsearch is red: some shard has no copy", "GET _cluster/allocation/explain", "EngineAway"
        )
    elif elastic.health == "yellow" and elastic.nodes > 1:
        what = "Elasticsearch is yellow: some shard lacks a copy"
        yield Finding(Severity.WARNING, what, "GET _cluster/allocation/explain", "EngineAway")
    if elastic.missing:
        yield Finding(Severity.CRITICAL, f"index aliases are missing: {', '.join(elastic.missing)}", "dateline setup")
    yield from _judge_disk("Elasticsearch", elastic.disk)


def _judge_disk(engine: str, disk: Disk | None) -> Iterator[Finding]:
    if disk is None or disk.used < _DISK_WARNING:
        return
    full = disk.used >= _DISK_FULL
    what = f"the disk of {engine} is {disk.used:.0%} full" + (": it may refuse to write" if full else "")
    do = "make room, or keep less (retention of topics, older indices)"
    yield Finding(Severity.CRITICAL if full else Severity.WARNING, what, do, "EngineAway")


def _judge_services(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        name = service.name
        if service.failure is not None:
            what = f"{name} does not answer at {service.address}: {service.failure}"
            yield Finding(Severity.CRITICAL, what, f"look at the log of {name}, and start it", "ServiceDown")
        elif not service.is_alive:
            what = f"{name} is stuck: {'; '.join(service.reasons)}"
            yield Finding(Severity.CRITICAL, what, f"restart {name}", "ConsumerStuck")
        elif not service.is_ready:
            what = f"{name} is not ready: {'; '.join(service.reasons) or 'it is starting'}"
            yield Finding(Severity.WARNING, what, "see whether it passes; else mend what it names", "ServiceNotReady")
        for note in service.notes:
            yield Finding(Severity.INFO, f"{name} does less than it could: {note}", "only if you want it", "ServiceDegraded")


def _judge_flow(facts: Facts) -> Iterator[Finding]:
    kafka, elastic = facts.kafka, facts.elasticsearch
    if isinstance(kafka, Failure) or isinstance(elastic, Failure):
        return
    topics = {topic.name: topic for topic in kafka.topics}
    accepted = topics[PUBLISHED].newest if PUBLISHED in topics else None
    waiting = _waiting(kafka, "enrich", PUBLISHED) + _waiting(kafka, "indexer", ENRICHED)
    if waiting and accepted is not None and _older(elastic.newest, accepted, _LATE):
        what = f"articles were accepted, and none has become searchable since; {waiting:,} records wait"
        yield Finding(Severity.CRITICAL, what, "see which stage they wait for, below Groups", "ArticlesNotSearchable")
    elif accepted is not None and facts.seen - accepted > _NO_NEWS:
        what = f"no article has come in for {duration((facts.seen - accepted).total_seconds())}"
        yield Finding(Severity.WARNING, what, "dateline feeds list", "NoNews")
    viewed = topics[ENGAGEMENT].newest if ENGAGEMENT in topics else None
    if viewed is not None and _are_stale(elastic.lists, viewed, facts.seen):
        since = f"are as of {elastic.lists.newest:%Y-%m-%d %H:%M} UTC" if elastic.lists.newest else "were never made"
        what = f"the Most Popular lists {since}, though readers have viewed articles since"
        yield Finding(Severity.WARNING, what, "look at the log of popularity", "ListsStale")


def _are_stale(lists: ListsFacts, viewed: datetime, now: datetime) -> bool:
    if lists.newest is None:
        return now - viewed > _LISTS_STALE
    return viewed - lists.newest > _LISTS_STALE


def _waiting(kafka: KafkaFacts, service: str, topic: str) -> int:
    return sum(group.lag.get(topic, 0) for group in kafka.groups if group.name == f"dateline.{service}")


def _older(time: datetime | None, than: datetime, by: timedelta) -> bool:
    return time is None or than - time > by


def _judge_letters(letters: LettersFacts | Failure) -> Iterator[Finding]:
    if isinstance(letters, Failure):
        yield Finding(Severity.WARNING, f"the dead letters could not be counted: {letters.reason}", "dateline dead-letters list")
        return
    by_code: Counter[str] = Counter()
    for (_, _, code), count in letters.counts.items():
        by_code[code] += count
    if by_code:
        listed = ", ".join(f"{count:,} {code}" for code, count in by_code.most_common())
        more = "at least " if letters.unread else ""
        what = f"dead letters, records that were put aside: {more}{by_code.total():,} ({listed})"
        yield Finding(Severity.WARNING, what, "dateline dead-letters list", "DeadLetters")


def _judge_feeds(feeds: FeedsFacts | Failure) -> Iterator[Finding]:
    if isinstance(feeds, Failure):
        yield Finding(Severity.INFO, f"the feeds could not be asked for: {feeds.reason}", "dateline feeds list")
        return
    polled = sum(count for condition, count in feeds.conditions.items() if condition != "paused")
    failing, silent = feeds.conditions.get("failing", 0), feeds.conditions.get("silent", 0)
    if failing:
        many = failing > _FAILING_SHARE * polled
        what = f"{failing:,} of {polled:,} feeds cannot be read"
        yield Finding(Severity.WARNING if many else Severity.INFO, what, "dateline feeds list --condition failing", "FeedsFailing")
    if silent:
        what = f"{silent:,} feeds have brought nothing new for long"
        yield Finding(Severity.INFO, what, "dateline feeds list --condition silent", "FeedsSilent")
