"""The memory of ingest, shared by all its processes through the topic `ingest.memory`: of articles, and of answered requests.

What is learnt here is acknowledged by Kafka already. It goes to the topic a moment later, many in one record: what is lost on the
way, as in a crash, is published once more when it comes again, and nothing worse.
"""

import threading
from collections.abc import Iterable, Sequence

from services.ingest.core.memory import Draft, Entry, Known, Memory, pack_entry, unpack_entries
from shared.events import Record
from shared.failures import Unavailable
from shared.logs import get_logger
from shared.outcomes import NewRecord
from shared.producing import Producer
from shared.topics import MEMORY

_log = get_logger(__name__)
_WRITE_SECONDS = 0.1
_RECORD_BYTES = 256 * 1024
#: What waits for a Kafka that is away; beyond it the oldest is forgotten.
_MOST_WAITING = 200_000


class Remembering:
    """Safe between threads."""

    def __init__(self, most_articles: int) -> None:
        """An empty memory, see `core.memory.Memory`."""
        self._lock = threading.Lock()
        self._memory = Memory(most_articles)
        self._waiting: list[Entry] = []

    def look(self, identity: bytes) -> Known | None:
        """What is known under an identity."""
        with self._lock:
            return self._memory.look(identity)

    def draft(self) -> Draft:
        """For what is judged together, see `core.memory.Draft`."""
        return Draft(self.look)

    def remember(self, entries: Iterable[Entry]) -> None:
        """Learn what Kafka has acknowledged, and tell the other processes soon."""
        entries = list(entries)
        with self._lock:
            for entry in entries:
                self._memory.learn(entry)
            self._waiting += entries

    def learn(self, records: Sequence[Record]) -> None:
        """Learn what processes of ingest wrote to the topic; records with a key are of another kind, see `answering`."""
        for record in records:
            if record.key is not None:
                continue
            try:
                entries = list(unpack_entries(record.value or b""))
            except ValueError as error:
                _log.warning("a record of the memory cannot be read and is left out", record=record.place, reason=str(error))
                continue
            with self._lock:
                for entry in entries:
                    self._memory.learn(entry)

    def write(self, producer: Producer, stop: threading.Event) -> None:
        """Write what was remembered to the topic, until stopped and once more then."""
        while not stop.wait(_WRITE_SECONDS):
            self._write_waiting(producer)
        self._write_waiting(producer)

    def _write_waiting(self, producer: Producer) -> None:
        with self._lock:
            entries, self._waiting = self._waiting, []
        if not entries:
            return
        try:
            producer.send_all(_build_records(entries))
        except Unavailable as error:
            _log.warning("the memory is written later", reason=str(error), entries=len(entries))
            with self._lock:
                self._waiting = (entries + self._waiting)[-_MOST_WAITING:]


def _build_records(entries: Iterable[Entry]) -> list[NewRecord]:
    values: list[bytearray] = [bytearray()]
    for entry in entries:
        if len(values[-1]) > _RECORD_BYTES:
            values.append(bytearray())
        values[-1] += pack_entry(entry)
    return [NewRecord(MEMORY, None, bytes(value)) for value in values]
