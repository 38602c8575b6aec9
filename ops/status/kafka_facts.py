"""Asks Kafka how it is: brokers, topics, groups, disk. Bounded in time; whatever goes wrong is Unavailable."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError
from kafka.protocol.consumer.offsets import OffsetSpec

from ops.cli.log_reading import Stretch
from ops.status.facts import Disk, GroupFacts, KafkaFacts, TopicFacts
from ops.status.waiting import count_waiting
from shared.failures import Unavailable
from shared.kafka_connection import connect_admin
from shared.settings import KafkaSettings
from shared.topics import all_topics

#: How the consumer groups of Dateline are called.
GROUP_PREFIX = "dateline."
_Offsets = Mapping[TopicPartition, int]
_Count = Callable[[Mapping[TopicPartition, Stretch]], Mapping[TopicPartition, int]]


def patient_admin(settings: KafkaSettings, patience_seconds: float) -> KafkaAdminClient:
    """An admin client that gives up after so long; raises Unavailable."""
    milliseconds = int(patience_seconds * 1000)
    return connect_admin(settings, request_timeout_ms=milliseconds, bootstrap_timeout_ms=milliseconds)


def fetch_kafka_facts(settings: KafkaSettings, patience_seconds: float) -> KafkaFacts:
    """What Kafka says. Raises Unavailable."""
    admin = patient_admin(settings, patience_seconds)
    try:
        cluster = admin.describe_cluster()
        names = [topic.name for topic in all_topics()]
        described = {topic["name"]: topic for topic in admin.describe_topics() if not topic.get("error_code")}
        ours = {name: described[name] for name in names if name in described}
        places = [
            TopicPartition(name, each["partition_index"])
            for name, topic in ours.items()
            for each in topic["partitions"]
            if each["leader_id"] >= 0
        ]
        starts, ends = _offsets(admin, places, OffsetSpec.EARLIEST), _offsets(admin, places, OffsetSpec.LATEST)
        newest = _newest(admin, [place for place in places if ends[place] > starts[place]])
        configs = _configs(admin, ours)
        topics = [_topic(name, topic, configs.get(name, {}), _records(name, starts, ends), newest) for name, topic in ours.items()]
        return KafkaFacts(
            brokers=[f"{broker['host']}:{broker['port']}" for broker in cluster["brokers"]],
            topics=topics,
            groups=_groups(admin, starts, ends, lambda left: count_waiting(settings, left, patience_seconds)),
            missing=[name for name in names if name not in described],
            disk=_disk(admin),
        )
    except (KafkaError, OSError, KeyError) as error:
        raise Unavailable(
            f"Kafka at {settings.bootstrap_servers} does not say how it is: {type(error).__name__} {error}"
        ) from error
    finally:
        admin.close()


def _offsets(admin: KafkaAdminClient, places: Sequence[TopicPartition], which: OffsetSpec) -> dict[TopicPartition, int]:
    if not places:
        return {}
    return {place: int(found.offset) for place, found in admin.list_partition_offsets(dict.fromkeys(places, which)).items()}


def _newest(admin: KafkaAdminClient, places: Sequence[TopicPartition]) -> dict[str, datetime]:
    """When the newest record of each topic was written, as its time stamp says."""
    if not places:
        return {}
    times: dict[str, int] = {}
    for place, found in admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.MAX_TIMESTAMP)).items():
        times[place.topic] = max(times.get(place.topic, -1), int(found.timestamp))
    return {topic: datetime.fromtimestamp(time / 1000, UTC) for topic, time in times.items() if time > 0}


def _records(topic: str, starts: _Offsets, ends: _Offsets) -> int:
    return sum(end - starts[place] for place, end in ends.items() if place.topic == topic)


def _configs(admin: KafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    if not resources:
        return {}
    told: dict[str, Any] = admin.describe_configs(resources)
    return {
        name: {key: str(value["value"] if isinstance(value, dict) else value) for key, value in values.items()}
        for name, values in told.get("topic", {}).items()
    }


def _topic(
    name: str, described: Mapping[str, Any], configs: Mapping[str, str], records: int, newest: Mapping[str, datetime]
) -> TopicFacts:
    partitions = described["partitions"]
    retention = configs.get("retention.ms")
    return TopicFacts(
        name=name,
        partitions=len(partitions),
        records=records,
        is_compacted="compact" in configs.get("cleanup.policy", ""),
        retention_ms=int(retention) if retention is not None else None,
        newest=newest.get(name),
        leaderless=sum(each["leader_id"] < 0 for each in partitions),
        under_replicated=sum(len(each["isr_nodes"]) < len(each["replica_nodes"]) for each in partitions),
    )


def _groups(admin: KafkaAdminClient, starts: _Offsets, ends: _Offsets, count: _Count) -> list[GroupFacts]:
    names = sorted(group["group_id"] for group in admin.list_groups() if group["group_id"].startswith(GROUP_PREFIX))
    if not names:
        return []
    described, committed = admin.describe_groups(names), admin.list_group_offsets(names)
    found = []
    for name in names:
        left = {
            place: Stretch(max(int(done.offset), starts[place]), ends[place])
            for place, done in committed.get(name, {}).items()
            if place in ends
        }
        lag: Counter[str] = Counter()
        for place, waiting in count(left).items():
            lag[place.topic] += waiting
        found.append(GroupFacts(name, str(described[name]["group_state"]), len(described[name]["members"]), dict(lag)))
    return found


def _disk(admin: KafkaAdminClient) -> Disk | None:
    """Of the fullest log directory; None from a broker that does not tell (before Kafka 3.3)."""
    try:
        folders = [folder for broker in admin.describe_log_dirs() for folder in broker["log_dirs"]]
    except KafkaError:  # the rest of what is asked does not need it, and it may be forbidden
        return None
    told = [
        Disk(int(folder["usable_bytes"]), int(folder["total_bytes"])) for folder in folders if folder.get("total_bytes", -1) > 0
    ]
    return max(told, key=lambda disk: disk.used, default=None)
