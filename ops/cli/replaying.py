"""Puts dead letters back into the topics that they came from, once each, however often and by however many it is asked for.

The record and the delete marker of its letter are written in one transaction. There is one transactional id for all: whoever
begins shuts out whoever began before, and looks only then which letters are still there. So a letter is never put back twice, and
never taken off the list without being put back.
"""

import getpass
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from kafka import KafkaProducer
from kafka.errors import KafkaError

from ops.cli.dead_letters import read_dead_letters
from shared.dead_letters import DeadLetter, Replay, build_removal, build_replay
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import connection_arguments
from shared.outcomes import NewRecord
from shared.producing import MAX_RECORD_BYTES, size_of
from shared.settings import KafkaSettings
from shared.topics import DEAD_LETTER_MAX_BYTES

TRANSACTIONAL_ID = "dateline-replay"
_TRANSACTION_MS = 60_000
_SEND_SECONDS = 30
#: Letters of one transaction.
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many were put back, and the places of those that somebody else had put back before."""

    put_back: int
    gone: tuple[str, ...] = ()


def whoami() -> str:
    """Who runs this command, such as `ana@newsroom-3`."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a container whose user has no name
        return f"somebody@{socket.gethostname()}"


def put_back(settings: KafkaSettings, letters: Sequence[DeadLetter], replay: Replay) -> Replayed:
    """Put letters back, which may have been edited since they were read.

    Raises Unavailable when Kafka is away or another replay began meanwhile, and Misconfigured when a record is too large or Kafka
    forbids it; nothing is lost then: what was not put back is still a dead letter.
    """
    by_place = {letter.record.place: letter for letter in letters}
    records = {place: build_replay(letter, replay) for place, letter in by_place.items()}
    large = [place for place, record in records.items() if size_of(record) > MAX_RECORD_BYTES]
    if large:
        raise Misconfigured(f"{large[0]} is larger than its topic takes ({MAX_RECORD_BYTES:,} bytes): shorten it")
    if not letters:
        return Replayed(0)
    try:
        producer = KafkaProducer(
            **connection_arguments(settings),
            client_id="dateline-replay",
            transactional_id=TRANSACTIONAL_ID,
            transaction_timeout_ms=_TRANSACTION_MS,
            max_request_size=DEAD_LETTER_MAX_BYTES,
            compression_type=None if settings.compression == "none" else settings.compression,
            allow_auto_create_topics=False,
        )
        with closing(producer):
            producer.init_transactions()  # from here on, no replay of before can write
            topics = sorted({letter.record.topic for letter in letters})
            there = {letter.record.place for letter in read_dead_letters(settings, topics)}
            still = [place for place in by_place if place in there]
            for some in _chunks(still):
                _write(producer, [record for place in some for record in (records[place], build_removal(by_place[place]))])
    except (KafkaError, OSError) as error:
        raise Unavailable(f"Kafka at {settings.bootstrap_servers} did not take it: {type(error).__name__} {error}") from error
    return Replayed(len(still), tuple(place for place in by_place if place not in there))


def edited(letter: DeadLetter, value: bytes | None, headers: tuple[tuple[str, bytes], ...]) -> DeadLetter:
    """A letter whose record is another now, at the place that it had."""
    return replace(letter, record=replace(letter.record, value=value, headers=headers))


def _write(producer: KafkaProducer, records: Sequence[NewRecord]) -> None:
    producer.begin_transaction()
    try:
        sent = [
            producer.send(each.topic, key=each.key, value=each.value, headers=list(each.headers), partition=each.partition)
            for each in records
        ]
        for future in sent:
            future.get(timeout=_SEND_SECONDS)
        producer.commit_transaction()
    except Exception:
        producer.abort_transaction()
        raise


def _chunks(places: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(places), _AT_ONCE):
        yield places[first : first + _AT_ONCE]
