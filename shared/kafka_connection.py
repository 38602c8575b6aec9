"""How every kafka-python client of Dateline reaches the brokers: one place for addresses, TLS and SASL."""

import socket
from collections.abc import Iterable, Sequence
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import KafkaError

from shared.events import Record
from shared.failures import Misconfigured, Unavailable
from shared.settings import KafkaSettings


def connection_arguments(settings: KafkaSettings) -> dict[str, Any]:
    """The keyword arguments that every kafka-python client needs to reach the brokers of `settings`."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers.split(","),
        "security_protocol": settings.security_protocol,
        "reconnect_backoff_max_ms": 2000,
    }
    if settings.security_protocol.endswith("SSL") and settings.ca_file is not None:
        arguments["ssl_cafile"] = settings.ca_file
    if settings.security_protocol.startswith("SASL"):
        arguments["sasl_mechanism"] = settings.sasl_mechanism
        arguments["sasl_plain_username"] = settings.username
        arguments["sasl_plain_password"] = settings.password.get_secret_value() if settings.password else None
    return arguments


def connect_admin(settings: KafkaSettings) -> KafkaAdminClient:
    """A client for topics and groups; raises Unavailable when no broker answers."""
    try:
        return KafkaAdminClient(**connection_arguments(settings), client_id="dateline-admin")
    except (KafkaError, OSError) as error:
        raise Unavailable(f"no Kafka broker answers at {settings.bootstrap_servers}: {error}") from error


def connect_consumer(settings: KafkaSettings, client_id: str, **options: Any) -> KafkaConsumer:
    """A consumer that commits nothing by itself, creates no topics and reads committed records only.

    `options` are kafka-python's; raises Unavailable when no broker answers.
    """
    try:
        return KafkaConsumer(
            **connection_arguments(settings),
            client_id=client_id,
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            isolation_level="read_committed",
            **options,
        )
    except (KafkaError, OSError) as error:
        raise Unavailable(f"no Kafka broker answers at {settings.bootstrap_servers}: {error}") from error


def connect_member(
    settings: KafkaSettings, client_id: str, group: str, topics: Sequence[str], listener: object, **options: Any
) -> KafkaConsumer:
    """As `connect_consumer`, a member of a group that shares out `topics`; `listener` is told of rebalances."""
    consumer = connect_consumer(
        settings,
        client_id,
        group_id=group,
        session_timeout_ms=int(settings.session_timeout_seconds * 1000),
        heartbeat_interval_ms=int(settings.session_timeout_seconds * 1000 / 5),
        **options,
    )
    try:
        consumer.subscribe(list(topics), listener=listener)
        # kafka-python 3.0.12 may join the group before it knows the partitions of its topics, is then assigned none, and can
        # stay so: have them known first.
        consumer.topics()
    except (KafkaError, OSError) as error:
        raise Unavailable(f"no Kafka broker answers at {settings.bootstrap_servers}: {error}") from error
    return consumer


def record_of(raw: Any) -> Record:
    """A record as kafka-python consumed it, with a type."""
    headers = tuple((name, value if value is not None else b"") for name, value in raw.headers)
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, headers, raw.timestamp)


def partition_counts(settings: KafkaSettings, topics: Iterable[str]) -> dict[str, int]:
    """How many partitions each topic has; Misconfigured when one does not exist, Unavailable when no broker says."""
    admin = connect_admin(settings)
    try:
        found = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
    except (KafkaError, OSError) as error:
        raise Unavailable(f"Kafka at {settings.bootstrap_servers} does not name its topics: {error}") from error
    finally:
        admin.close()
    missing = [topic for topic in topics if topic not in found]
    if missing:
        raise Misconfigured(f"Kafka at {settings.bootstrap_servers} has no topic {', '.join(missing)}: run `dateline setup`")
    return {topic: found[topic] for topic in topics}


def check_brokers(settings: KafkaSettings) -> str | None:
    """For `/readyz`: None when a broker takes connections, or else what each answered."""
    answers = []
    for server in settings.bootstrap_servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except (OSError, ValueError) as error:
            answers.append(f"{server}: {error}")
        else:
            return None
    return "no Kafka broker takes connections: " + "; ".join(answers)
