"""How every Kafka client of Dateline reaches the brokers: one place for addresses, TLS and SASL."""

import logging
import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import AuthorizationError, KafkaError, KafkaTimeoutError, SaslAuthenticationFailedError

from shared.events import Record
from shared.failures import Misconfigured, NotLetIn, Unavailable
from shared.settings import PREFIX, KafkaSettings
from shared.tls import build_tls_context, find_connection_trouble

_LOOK_SECONDS = 1.0
#: A broker that refused our credentials within this time is why a client could not be made: it tries for half a minute.
_REFUSED_SECONDS = 60.0


class _Refusals(logging.Handler):
    """Keeps what brokers last said of our credentials: kafka-python 3.0.12 logs it, goes on trying, and tells of a time-out.

    Mostly it does not even read what they said, since they hang up right after it; in half a minute it does once or more.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last: tuple[float, SaslAuthenticationFailedError] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        for each in record.args if isinstance(record.args, tuple) else ():
            if isinstance(each, SaslAuthenticationFailedError):
                self._last = (time.monotonic(), each)

    def recent(self) -> SaslAuthenticationFailedError | None:
        """The last refusal, if it was just now."""
        return self._last[1] if self._last is not None and time.monotonic() - self._last[0] < _REFUSED_SECONDS else None


_refusals = _Refusals()
logging.getLogger("kafka.net.manager").addHandler(_refusals)


def list_servers(settings: KafkaSettings) -> list[str]:
    """The brokers to ask first, each `host:port`."""
    return [server.strip() for server in settings.bootstrap_servers.split(",")]


def build_context(settings: KafkaSettings) -> ssl.SSLContext | None:
    """What TLS connections are made with; None without TLS. Raises Misconfigured that names the file which cannot be used."""
    if not settings.uses_tls:
        return None
    try:
        return build_tls_context(settings)
    except ValueError as error:
        raise Misconfigured(f"{PREFIX}KAFKA_{error}") from error


def asyncio_arguments(settings: KafkaSettings) -> dict[str, Any]:
    """The keyword arguments that every aiokafka client needs to reach the brokers. Raises Misconfigured and Unavailable."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": list_servers(settings),
        "security_protocol": settings.security_protocol,
        "ssl_context": build_context(settings),
    }
    if settings.security_protocol.startswith("SASL"):
        arguments["sasl_mechanism"] = settings.sasl_mechanism
        arguments["sasl_plain_username"] = settings.username
        arguments["sasl_plain_password"] = settings.read_password()
    return arguments


def connection_arguments(settings: KafkaSettings) -> dict[str, Any]:
    """As `asyncio_arguments`, for clients of kafka-python."""
    return {**asyncio_arguments(settings), "reconnect_backoff_max_ms": 2000}


def connection_failure(settings: KafkaSettings, error: Exception) -> Unavailable | Misconfigured:
    """What it means that a client could not be made, or could not do what it must, with what each broker answers."""
    if isinstance(error, KafkaTimeoutError):
        error = _refusals.recent() or error
    if isinstance(error, SaslAuthenticationFailedError):
        return NotLetIn(
            f"Kafka at {settings.bootstrap_servers} does not let {settings.username} in by {settings.sasl_mechanism} ({error}): "
            f"check {PREFIX}KAFKA_USERNAME and {PREFIX}KAFKA_PASSWORD"
        )
    if isinstance(error, AuthorizationError):
        return Misconfigured(
            f"Kafka at {settings.bootstrap_servers} forbids it to {settings.username or 'this client'}: {error}; "
            "`dateline setup --print-security` lists the rights of each service"
        )
    trouble = check_brokers(settings)
    if trouble is None and settings.security_protocol.startswith("SASL") and isinstance(error, KafkaTimeoutError):
        # A broker answers and hangs up, and kafka-python 3.0.12 mostly sees only that it hung up.
        return Unavailable(
            f"Kafka at {settings.bootstrap_servers} takes connections, but nothing comes of them for {settings.username}: wrong "
            f"{PREFIX}KAFKA_USERNAME or {PREFIX}KAFKA_PASSWORD? ({error})"
        )
    return Unavailable(f"no Kafka broker answers at {settings.bootstrap_servers}: {trouble or error}")


def connect_admin(settings: KafkaSettings, **options: Any) -> KafkaAdminClient:
    """A client for topics and groups; `options` are kafka-python's. Raises Unavailable when no broker answers."""
    try:
        return KafkaAdminClient(**connection_arguments(settings), client_id="dateline-admin", **options)
    except (KafkaError, OSError) as error:
        raise connection_failure(settings, error) from error


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
        raise connection_failure(settings, error) from error


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
        raise connection_failure(settings, error) from error
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
        raise connection_failure(settings, error) from error
    finally:
        admin.close()
    missing = [topic for topic in topics if topic not in found]
    if missing:
        raise Misconfigured(f"Kafka at {settings.bootstrap_servers} has no topic {', '.join(missing)}: run `dateline setup`")
    return {topic: found[topic] for topic in topics}


def check_brokers(settings: KafkaSettings) -> str | None:
    """For `/readyz`: None when a broker takes connections, with a certificate that we trust; or else what each answered."""
    try:
        context = build_context(settings)
    except Misconfigured as error:
        return str(error)
    answers = []
    for server in list_servers(settings):
        host, _, port = server.rpartition(":")
        trouble = find_connection_trouble(host.strip("[]"), int(port), context, _LOOK_SECONDS)
        if trouble is None:
            return None
        answers.append(f"{server}: {trouble}")
    return "no Kafka broker takes connections: " + "; ".join(answers)
