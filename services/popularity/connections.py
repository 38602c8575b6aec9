"""How the asyncio clients of popularity (faust and aiokafka) reach the brokers: as `shared.kafka_connection`, in their words."""

from typing import Any

import faust
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.kafka_connection import asyncio_arguments
from shared.settings import KafkaSettings
from shared.topics import DEAD_LETTER_MAX_BYTES

_BATCH_BYTES = 512 * 1024
_LOADING_FETCH_BYTES = 4 * 1024 * 1024


def faust_connection(settings: KafkaSettings) -> dict[str, Any]:
    """The arguments of faust.App that say where the brokers are and who we are."""
    known = asyncio_arguments(settings)
    credentials: Any = None
    if "sasl_mechanism" in known:
        credentials = faust.SASLCredentials(
            username=known["sasl_plain_username"],
            password=known["sasl_plain_password"],
            mechanism=known["sasl_mechanism"],
            ssl_context=known["ssl_context"],
        )
    elif known["ssl_context"] is not None:
        credentials = faust.SSLCredentials(known["ssl_context"])
    return {"broker": [f"kafka://{server}" for server in known["bootstrap_servers"]], "broker_credentials": credentials}


def build_fencing_producer(settings: KafkaSettings, transactional_id: str, transaction_seconds: float) -> AIOKafkaProducer:
    """A producer whose start shuts out whoever had the transactional id before, and ends what they had begun."""
    return AIOKafkaProducer(
        **asyncio_arguments(settings),
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
        **asyncio_arguments(settings),
        client_id="dateline-popularity-reader",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=_LOADING_FETCH_BYTES,
        fetch_max_wait_ms=100,
    )
