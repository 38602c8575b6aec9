"""What a dead letter is: the record byte for byte, with the reason in its headers; and how many are too many."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.events import Record, format_time
from shared.failures import TooManyDeadLetters
from shared.outcomes import DeadLettered, NewRecord
from shared.topics import dead_letters_of, source_of

_PREFIX = "dead_letter_"
_NULL_VALUE = _PREFIX + "value_was_null"
_REPLAY = "replay_"
_COUNT = _REPLAY + "count"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that could not be processed, and why; `written_ms` is when it was put aside, in ms since 1970."""

    record: Record
    service: str
    code: str
    detail: str
    written_ms: int = 0

    @property
    def replays(self) -> int:
        """How often the record had been put back before it was put aside."""
        text = self.record.header(_COUNT) or ""
        return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


@dataclass(frozen=True, slots=True)
class Replay:
    """Who puts a record back, and when; `is_edited`: not as it was."""

    by: str
    time: datetime
    is_edited: bool = False


def build_dead_letter(record: Record, reason: DeadLettered, service: str) -> NewRecord:
    """The record for the dead-letter topic. Its key is the place of the original, so a redelivery makes no second one."""
    headers = [
        *record.headers,
        (_PREFIX + "service", service.encode()),
        (_PREFIX + "code", reason.code.encode()),
        (_PREFIX + "detail", reason.detail.encode("utf-8", "replace")),
        (_PREFIX + "partition", str(record.partition).encode()),
        (_PREFIX + "offset", str(record.offset).encode()),
        (_PREFIX + "timestamp_ms", str(record.timestamp_ms).encode()),
    ]
    if record.key is not None:
        headers.append((_PREFIX + "key", record.key))
    if record.value is None:  # a null value would be a delete marker in a compacted topic
        headers.append((_NULL_VALUE, b"1"))
    return NewRecord(dead_letters_of(record.topic), record.place.encode(), record.value or b"", tuple(headers))


def parse_dead_letter(record: Record) -> DeadLetter:
    """The dead letter of a record that `build_dead_letter` made; ValueError for any other."""
    reason = {name.removeprefix(_PREFIX): value for name, value in record.headers if name.startswith(_PREFIX)}
    try:
        original = Record(
            topic=source_of(record.topic),
            partition=int(reason["partition"]),
            offset=int(reason["offset"]),
            key=reason.get("key"),
            value=None if "value_was_null" in reason else record.value,
            headers=tuple(header for header in record.headers if not header[0].startswith(_PREFIX)),
            timestamp_ms=int(reason["timestamp_ms"]),
        )
        service, code, detail = (reason[name].decode("utf-8", "replace") for name in ("service", "code", "detail"))
    except KeyError as missing:
        raise ValueError(f"{record.place} lacks the header {_PREFIX}{missing.args[0]}") from None
    return DeadLetter(original, service, code, detail, record.timestamp_ms)


def build_replay(letter: DeadLetter, replay: Replay) -> NewRecord:
    """The original record again, to be produced to the topic and the partition that it came from.

    Headers say how often it has been put back, by whom, when, and where it stood first; those of the replay before it give way.
    """
    original = letter.record
    headers = [header for header in original.headers if not header[0].startswith(_REPLAY)]
    headers += [
        (_COUNT, str(letter.replays + 1).encode()),
        (_REPLAY + "by", replay.by.encode("utf-8", "replace")),
        (_REPLAY + "time", format_time(replay.time).encode()),
        (_REPLAY + "from", (original.header(_REPLAY + "from") or original.place).encode()),
    ]
    if replay.is_edited or original.header(_REPLAY + "edited"):
        headers.append((_REPLAY + "edited", b"1"))
    return NewRecord(original.topic, original.key, original.value, tuple(headers), original.partition)


def build_removal(letter: DeadLetter) -> NewRecord:
    """The delete marker that takes a letter out of its compacted topic."""
    return NewRecord(dead_letters_of(letter.record.topic), letter.record.place.encode(), None)


@dataclass(frozen=True)
class DeadLetterLimit:
    """When to stop: `in_a_row` of one partition, or more than `ratio` of `out_of` records, counted anew after each `out_of`."""

    in_a_row: int = 50
    ratio: float = 0.01
    out_of: int = 10_000


@dataclass
class DeadLetterTally:
    """What has been seen against a limit. `add` raises TooManyDeadLetters when it is passed."""

    limit: DeadLetterLimit
    _in_a_row: dict[tuple[str, int], int] = field(default_factory=dict)
    _seen: int = 0
    _dead: int = 0

    def add_all(self, records: Sequence[Record], reasons: Sequence[DeadLettered | None]) -> None:
        """Count records in their order, each dead (with its reason) or alive (None)."""
        if any(reasons):
            for record, reason in zip(records, reasons, strict=True):
                self.add(record, reason)
            return
        self._in_a_row.update({(each.topic, each.partition): 0 for each in records})
        self._seen += len(records)
        self._start_anew()

    def add(self, record: Record, reason: DeadLettered | None) -> None:
        """Count one record, dead (with its reason) or alive (None)."""
        place = (record.topic, record.partition)
        self._seen += 1
        if reason is None:
            self._in_a_row[place] = 0
        else:
            self._dead += 1
            self._in_a_row[place] = self._in_a_row.get(place, 0) + 1
            self._check(place, reason)
        self._start_anew()

    def _start_anew(self) -> None:
        if self._seen >= self.limit.out_of:
            self._seen = self._dead = 0

    def _check(self, place: tuple[str, int], reason: DeadLettered) -> None:
        row = self._in_a_row[place]
        if row < self.limit.in_a_row and self._dead <= self.limit.ratio * self.limit.out_of:
            return
        raise TooManyDeadLetters(
            f"{row} records in a row of {place[0]}, partition {place[1]}, and {self._dead} of the last {self._seen} could not be "
            f"processed, the last one for {reason.code}: {reason.detail}. They are kept in {dead_letters_of(place[0])}. Stopped "
            f"before more follow: mend their producer or this service, start it again, and replay them"
        )
