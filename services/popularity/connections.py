"""How the asyncio clients of popularity (faust and aiokafka) reach the brokers: as `shared.kafka_connection`, in their words."""

import ssl
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.failures import Misconfigured
from shared.settings import PREFIX, KafkaSettings
from shared.topics import DEAD_LETTER_MAX_BYTES

_BATCH_BYTES = 512 * 1024
_LOADING_FETCH_BYTES = 4 * 1024 * 1024


def _servers(settings: KafkaSettings) -> list[str]:
    return [server.strip() for server in settings.bootstrap_servers.split(",")]


def _tls(settings: KafkaSettings) -> ssl.SSLContext | None:
    if not settings.security_protocol.endswith("SSL"):
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise Misconfigured(f"{PREFIX}KAFKA_CA_FILE: {settings.ca_file} cannot be read as certificates: {error}") from error


def faust_connection(settings: KafkaSettings) -> dict[str, Any]:
    """The arguments of faust.App that say where the brokers are and who we are."""
    tls = _tls(settings)
    credentials: Any = None
    if settings.security_protocol.startswith("SASL"):
        credentials = faust.SASLCredentials(
            username=settings.username,
            password=settings.password.get_secret_value() if settings.password else None,
            mechanism=settings.sasl_mechanism,
            ssl_context=tls,
        )
    elif tls is not None:
        credentials = faust.SSLCredentials(tls)
    return {"broker": [f"kafka://{server}" for server in _servers(settings)], "broker_credentials": credentials}


def aiokafka_connection(settings: KafkaSettings) -> dict[str, Any]:
    """The arguments that every aiokafka client needs."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": _servers(settings),
        "security_protocol": settings.security_protocol,
        "ssl_context": _tls(settings),
    }
    if settings.security_protocol.startswith("SASL"):
        arguments["sasl_mechanism"] = settings.sasl_mechanism
        arguments["sasl_plain_username"] = settings.username
        arguments["sasl_plain_password"] = settings.password.get_secret_value() if settings.password else None
    return arguments


def build_fencing_producer(settings: KafkaSettings, transactional_id: str, transaction_seconds: float) -> AIOKafkaProducer:
    """A producer whose start shuts out whoever had the transactional id before, and ends what they had begun."""
    return AIOKafkaProducer(
        **aiokafka_connection(settings),
        client_id=transactional_id,
        transactional_id=transactional_id,
        transaction_timeout_ms=int(transaction_seconds * 1000) + 15_000,
        request_timeout_ms=int(settings.delivery_timeout_seconds * 1000),
        compression_type=None if settings.compression == "none" else settings.compression,
        max_batch_size=_BATCH_BYTES,
        max_request_size=DEAD_LETTER_MAX_BYTES,
    )


def build_reader(settings: KafkaSettings) -> AIOKafkaConsumer:
    """A consumer without a group that reads committed records only, where it is told to."""
    return AIOKafkaConsumer(
        **aiokafka_connection(settings),
        client_id="dateline-popularity-reader",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=_LOADING_FETCH_BYTES,
        fetch_max_wait_ms=100,
    )
