"""Steps over one record for a consumer group that cannot get past it: the record is kept as a dead letter, and the group goes on.

A record that does not decode, or makes a handler fail, becomes a dead letter by itself. This is for what stops a process before
it can say so: one that makes a library spin or crash.
"""

import threading
from dataclasses import dataclass
from datetime import datetime

from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from ops.cli.dead_letters import parse_place
from shared.dead_letters import build_dead_letter
from shared.events import Record, format_time
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import connect_admin, connect_consumer, record_of
from shared.outcomes import DeadLetterCode, DeadLettered
from shared.producing import Producer
from shared.settings import KafkaSettings
from shared.topics import COMMENTS, ENRICHED, INBOUND, MATCHES, PUBLISHED, RANKED, SEARCHES, SIGNALS, WEBHOOK_RETRIES

#: What each service reads whose place in the log is its group's offset. Popularity keeps its places with its counts.
STEPPABLE = {
    "ingest": (INBOUND,),
    "enrich": (PUBLISHED,),
    "indexer": (ENRICHED, COMMENTS, RANKED, SIGNALS, SEARCHES, MATCHES),
    "webhooks": (MATCHES,),
    "webhooks-retries": (WEBHOOK_RETRIES,),
}
#: How long the record may take to be read. One that makes kafka-python spin never ends; the thread that reads it ends with us.
_READ_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SteppedOver:
    """What was stepped over; `was_read`: its bytes are in the dead letter, and else only that it was there."""

    place: str
    was_read: bool


def step_over(
    settings: KafkaSettings, service: str, place: str, who: str, now: datetime, read_seconds: float = _READ_SECONDS
) -> SteppedOver:
    """Step over the record at a place, at which the group must stand, with no member.

    Raises Misconfigured where that is not so, and Unavailable.
    """
    topic, partition, offset = parse_place(place)
    group = _check_names(service, topic)
    where = TopicPartition(topic, partition)
    admin = connect_admin(settings)
    try:
        _require_nobody(admin, group, service)
        stands = _committed(admin, group, where)
        record = _read_record(settings, where, stands, read_seconds)
        reached = record.offset if record is not None else stands
        if reached != offset:
            here = f"{topic}-{partition}-{reached}"
            raise Misconfigured(f"{service} stands at {here}, not at {place}: only the record that it stands at is stepped over")
        _keep(settings, record or _unread(where, offset), who, now, was_read=record is not None)
        _require_nobody(admin, group, service)
        _move(admin, group, where, offset + 1)
    except (KafkaError, OSError) as error:
        raise Unavailable(f"Kafka at {settings.bootstrap_servers}: {type(error).__name__} {error}") from error
    finally:
        admin.close()
    return SteppedOver(place, record is not None)


def _check_names(service: str, topic: str) -> str:
    if service == "popularity":
        raise Misconfigured("popularity keeps its places with its counts: what it cannot count becomes a dead letter by itself")
    topics = STEPPABLE.get(service)
    if topics is None:
        raise Misconfigured(f"{service} reads no topic in this way; those that do: {', '.join(STEPPABLE)}")
    if topic not in topics:
        raise Misconfigured(f"{service} does not read {topic}; it reads {', '.join(topics)}")
    return f"dateline.{service}"


def _require_nobody(admin: KafkaAdminClient, group: str, service: str) -> None:
    members = admin.describe_groups([group])[group]["members"]
    if members:
        raise Misconfigured(f"{service} is running ({len(members)} members of {group}): stop it, step over, start it again")


def _committed(admin: KafkaAdminClient, group: str, where: TopicPartition) -> int:
    found = admin.list_group_offsets({group: [where]}).get(group, {}).get(where)
    if found is None or found.offset < 0:
        raise Misconfigured(f"{group} has read nothing of {where.topic}, partition {where.partition} yet")
    return int(found.offset)


def _read_record(settings: KafkaSettings, where: TopicPartition, offset: int, seconds: float) -> Record | None:
    """The first record from an offset on; None when there is none, or it cannot be read in time."""
    found: list[Record | Exception] = []
    thread = threading.Thread(target=_read, args=(settings, where, offset, seconds, found), daemon=True)
    thread.start()
    thread.join(seconds)
    if found and isinstance(found[0], Exception):
        raise found[0]
    return found[0] if found and isinstance(found[0], Record) else None


def _read(settings: KafkaSettings, where: TopicPartition, offset: int, seconds: float, found: list[Record | Exception]) -> None:
    try:
        consumer = connect_consumer(settings, "dateline-step-over", group_id=None, fetch_max_wait_ms=100, max_poll_records=1)
        consumer.assign([where])
        consumer.seek(where, offset)
        end = consumer.end_offsets([where])[where]
        while not found and consumer.position(where) < end:
            found += [record_of(raw) for raws in consumer.poll(timeout_ms=int(seconds * 1000)).values() for raw in raws]
        consumer.close(autocommit=False, timeout_ms=1000)
    except (KafkaError, OSError, Unavailable) as error:
        found.append(error)


def _unread(where: TopicPartition, offset: int) -> Record:
    return Record(where.topic, where.partition, offset, None, None, (), 0)


def _keep(settings: KafkaSettings, record: Record, who: str, now: datetime, *, was_read: bool) -> None:
    detail = f"stepped over by {who} at {format_time(now)}" + (
        "" if was_read else "; it could not be read, so its bytes are not here"
    )
    letter = build_dead_letter(record, DeadLettered(DeadLetterCode.STEPPED_OVER, detail), "dateline")
    with Producer(settings, "dateline-step-over") as producer:
        producer.send_all([letter])


def _move(admin: KafkaAdminClient, group: str, where: TopicPartition, offset: int) -> None:
    (error,) = admin.alter_group_offsets(group, {where: OffsetAndMetadata(offset, "", -1)}).values()
    if getattr(error, "errno", 0):
        raise Misconfigured(f"Kafka did not move {group}: {error.__name__}; is a process of it just starting?")
