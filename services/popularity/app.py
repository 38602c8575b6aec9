"""The faust app: it consumes both topics, shares their partitions among the workers, and hands every record to their owner.

Nothing of faust's tables, windows, web server or commits before acknowledgement is used; why, is in the design (popularity.md) and
in the notes on its traps (libraries.md, section 11).
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import faust

from services.popularity.connections import faust_connection
from services.popularity.fetching import QuickTransport, build_transport
from services.popularity.layout import GROUP, SOURCES
from services.popularity.owned import OwnedPartitions
from services.popularity.settings import PopularitySettings
from shared.events import Record

_HEARTBEATS_IN_SESSION = 5
#: Counts are exact whoever stalls and wakes up, so another may take the place of a worker that is silent sooner than elsewhere.
_LONGEST_SESSION_SECONDS = 8.0
_FETCH_BYTES = 4 * 1024 * 1024
_NEVER_SECONDS = 24 * 3600.0


class CountingApp(faust.App):
    """An app that keeps nothing on disk and does not let one topic wait for the other."""

    logger = logging.getLogger("faust.app")

    async def on_first_start(self) -> None:
        """Would make folders for tables, in the working directory."""

    def _new_transport(self) -> QuickTransport:
        return build_transport(self)


def build_app(settings: PopularitySettings, owned: OwnedPartitions, fail: Callable[[BaseException], None]) -> faust.App:
    """The app, not started; `fail` is told what ended its work. Call it where an event loop runs."""
    app = CountingApp(GROUP, **_build_configuration(settings))
    topic = app.topic(*SOURCES, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    async def count(stream: Any) -> None:
        try:
            async for event in stream.noack().events():
                message = event.message
                record = _build_record(message)
                message.value = None  # what waits for a checkpoint need not hold the bytes
                await owned.take(record, partial(_acknowledge, app, message))
        except Exception as error:  # faust would go on with the next event
            fail(error)
            raise

    async def suspend(*_: Any, **__: Any) -> None:
        try:
            await owned.suspend()
        except Exception as error:
            fail(error)
            raise

    async def assign(*arguments: Any, **__: Any) -> None:
        try:
            await owned.assign([(place.topic, place.partition) for place in arguments[1]])  # the first is the app
        except Exception as error:
            fail(error)
            raise

    app.agent(topic, name="popularity.count", concurrency=1)(count)
    app.on_partitions_revoked.connect(suspend, weak=False)
    app.on_partitions_assigned.connect(assign, weak=False)
    return app


def _build_configuration(settings: PopularitySettings) -> dict[str, Any]:
    session_seconds = min(settings.kafka.session_timeout_seconds, _LONGEST_SESSION_SECONDS)
    return {
        **faust_connection(settings.kafka),
        "store": "memory://",
        "autodiscover": False,
        "web_enabled": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        # With standby replicas faust takes its own assignor, which keeps equal partitions of both topics together.
        "table_standby_replicas": 1,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": _FETCH_BYTES,
        "broker_session_timeout": session_seconds,
        "broker_heartbeat_interval": session_seconds / _HEARTBEATS_IN_SESSION,
        "broker_request_timeout": max(2 * session_seconds, 30.0),
        "broker_commit_interval": 1.0,
        # What faust would say about a stream that stands still, it also says about one that waits for a checkpoint.
        "broker_commit_livelock_soft_timeout": _NEVER_SECONDS,
        "stream_processing_timeout": _NEVER_SECONDS,
        "stream_buffer_maxsize": settings.popularity.buffer_records,
        "stream_wait_empty": False,
    }


def lag_records(app: faust.App, topic: str, partition: int, next_offset: int) -> int | None:
    """Records of a partition that are not counted yet; None when that is not known. Below 0 when the log has become shorter."""
    try:
        end = app.consumer.highwater(faust.types.TP(topic, partition))
    except Exception:  # noqa: BLE001 - aiokafka raises this and that for a partition that was just taken away
        return None
    return None if end is None else end - next_offset


def _acknowledge(app: faust.App, message: Any) -> None:
    """Lets faust commit the offset, unless the partitions were shared out anew since: then the record comes again."""
    if message.generation_id == app.consumer_generation_id:
        message.ack(app.consumer)


def _build_record(message: Any) -> Record:
    headers = message.headers.items() if isinstance(message.headers, dict) else message.headers or ()
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=message.value,
        headers=tuple((name, value if value is not None else b"") for name, value in headers),
        timestamp_ms=round((message.timestamp or 0) * 1000),
    )
