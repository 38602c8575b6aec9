"""The one producer: what it returns from is acknowledged by every in-sync replica, or else it raises."""

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Protocol, Self

from kafka import KafkaProducer
from kafka.errors import (
    AuthorizationError,
    ClusterAuthorizationFailedError,
    KafkaError,
    MessageSizeTooLargeError,
    SaslAuthenticationFailedError,
)
from kafka.partitioner.default import murmur2

from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import check_brokers, connection_arguments, connection_failure
from shared.metrics import PRODUCED
from shared.outcomes import NewRecord
from shared.settings import KafkaSettings
from shared.topics import DEAD_LETTER_MAX_BYTES

#: How long a broker that hangs may hold up the end of a service.
_CLOSE_SECONDS = 3.0
#: The largest record that topics take; only dead-letter topics take more.
MAX_RECORD_BYTES = 1024 * 1024
#: What framing may add to key, value and headers, generously.
_OVERHEAD_BYTES = 1024


class _Future(Protocol):
    """The part of kafka-python's future that is used here; the library has no types."""

    def get(self, timeout: float) -> object: ...


class Producer:
    """Sends records with acks=all, idempotent, in order per partition. Safe to share between threads."""

    def __init__(self, settings: KafkaSettings, client_id: str, linger_ms: int = 2) -> None:
        """`linger_ms`: how long records wait for those of other threads; 0 where one thread sends nearly all, in batches."""
        timeout_ms = int(settings.delivery_timeout_seconds * 1000)
        self._settings = settings
        self._where = settings.bootstrap_servers
        self._timeout_seconds = settings.delivery_timeout_seconds
        try:
            self._producer = KafkaProducer(
                **connection_arguments(settings),
                client_id=client_id,
                acks="all",
                enable_idempotence=True,
                compression_type=None if settings.compression == "none" else settings.compression,
                delivery_timeout_ms=timeout_ms,
                request_timeout_ms=max(timeout_ms // 2, 1000),
                max_block_ms=timeout_ms // 2,
                max_request_size=DEAD_LETTER_MAX_BYTES,
                allow_auto_create_topics=False,
                linger_ms=linger_ms,
                batch_size=256 * 1024,
            )
        except (KafkaError, OSError) as error:
            raise connection_failure(settings, error) from error

    def send_each(self, records: Iterable[NewRecord]) -> list[Exception | None]:
        """Send records together and wait for them; answers for each None, or what `send_all` would raise for it alone."""
        sent: list[tuple[NewRecord, _Future | Exception]] = []
        for record in records:
            try:
                sent.append((record, self._send(record)))
            except (KafkaError, OSError, ValueError) as error:
                sent.append((record, error))
        return [self._failure(record, future) for record, future in sent]

    def _failure(self, record: NewRecord, future: "_Future | Exception") -> Exception | None:
        try:
            if isinstance(future, Exception):
                raise future
            future.get(timeout=self._timeout_seconds + 1)
        except ValueError as error:
            return error
        except (KafkaError, OSError) as error:
            return self._explained(error)
        PRODUCED.labels(record.topic).inc()
        return None

    def _explained(self, error: Exception) -> Exception:
        if isinstance(error, SaslAuthenticationFailedError):
            return connection_failure(self._settings, error)
        # Who may write to no topic at all is refused a producer's id, which kafka-python 3.0.12 tells in words only.
        if isinstance(error, AuthorizationError) or ClusterAuthorizationFailedError.__name__ in str(error):
            return Misconfigured(f"Kafka at {self._where} forbids producing: {error}")
        if isinstance(error, MessageSizeTooLargeError):
            return ValueError(f"a record is too large for its topic: {error}")
        return Unavailable(f"Kafka at {self._where} did not acknowledge: {type(error).__name__} {error}")

    def send_all(self, records: Iterable[NewRecord]) -> None:
        """Send records and wait for the acknowledgement of all.

        Raises Unavailable when one was not acknowledged in time (it may yet have been stored: sending again is safe, since
        readers take repeats for what they are), Misconfigured when the broker forbids it, and ValueError for one that is too large.
        """
        failures = [failure for failure in self.send_each(records) if failure is not None]
        if failures:
            raise failures[0]

    def _send(self, record: NewRecord) -> _Future:
        try:
            future: _Future = self._producer.send(
                record.topic,
                key=record.key,
                value=record.value,
                headers=list(record.headers),
                partition=record.partition,
            )
        except MessageSizeTooLargeError as error:
            raise ValueError(f"a record of {size_of(record)} bytes is too large for {record.topic}") from error
        return future

    def check(self) -> str | None:
        """For `/readyz`: what is wrong with the way to Kafka, or None."""
        return check_brokers(self._settings)

    def close(self) -> None:
        """Send what is under way and disconnect."""
        self._producer.close(timeout=min(self._timeout_seconds, _CLOSE_SECONDS))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def partition_of(key: str, partitions: int) -> int:
    """The partition that Kafka's default partitioner (murmur2, as in Java) gives a key."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


def too_large(records: Sequence[NewRecord]) -> NewRecord | None:
    """The first record that its topic would not take, or None."""
    return next((record for record in records if size_of(record) > MAX_RECORD_BYTES), None)


def size_of(record: NewRecord) -> int:
    """The bytes that a record takes in a batch, at the most."""
    headers = sum(len(name.encode()) + len(value) + 8 for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers + _OVERHEAD_BYTES
