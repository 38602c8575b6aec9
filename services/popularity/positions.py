"""How far a partition has been counted: the one record that each checkpoint writes beside the counts."""

from dataclasses import dataclass

import orjson
from pydantic import BaseModel, ValidationError

from services.popularity.layout import SOURCES, Layout
from shared.failures import Misconfigured
from shared.logs import get_logger
from shared.topics import COUNTS

#: The key of the record; those of counts are article ids, which are hexadecimal.
POSITION_KEY = b"position"

_log = get_logger(__name__)


class SourcePosition(BaseModel):
    """The next offset to be counted of one topic, which had this id."""

    topic_id: str
    next_offset: int


class Position(BaseModel):
    """What is counted, of a topic of so many partitions, and the time of the newest lists (ms): later ones must be newer."""

    partitions: int
    as_of_ms: int
    sources: dict[str, SourcePosition]


@dataclass(frozen=True)
class LogRange:
    """The offsets that a log holds now: from `start` up to but not including `end`."""

    start: int
    end: int


def encode_position(position: Position) -> bytes:
    """The value of the position record: JSON."""
    return orjson.dumps(position.model_dump())


def decode_position(value: bytes) -> Position:
    """The reverse of `encode_position`; Misconfigured for what another version wrote."""
    try:
        return Position.model_validate_json(value)
    except ValidationError as error:
        raise Misconfigured(f"the position record in {COUNTS} is not of a form that this version knows: {error}") from error


def resume_positions(stored: Position | None, layout: Layout, logs: dict[str, LogRange], partition: int) -> dict[str, int]:
    """The offset to go on from in each topic: the stored one, unless its log no longer has that place, which is logged.

    Misconfigured when the topics had another number of partitions: the articles would be in others than their counts.
    """
    if stored is not None and stored.partitions != layout.partitions:
        raise Misconfigured(
            f"the counts were made with {stored.partitions} partitions, the topics now have {layout.partitions}: "
            f"delete the topic {COUNTS} and run `dateline setup`; popularity then counts anew what the topics still hold"
        )
    return {topic: _resume(topic, stored, layout, logs[topic], partition) for topic in SOURCES}


def _resume(topic: str, stored: Position | None, layout: Layout, log: LogRange, partition: int) -> int:
    source = stored.sources.get(topic) if stored is not None else None
    if source is None:
        return log.start
    place = {
        "topic": topic,
        "partition": partition,
        "counted_up_to": source.next_offset,
        "log_start": log.start,
        "log_end": log.end,
    }
    if source.topic_id != layout.topic_ids[topic]:
        _log.warning("the topic was created anew: going on from its start, with the counts as they are", **place)
        return log.start
    if source.next_offset < log.start:
        _log.warning("retention deleted records before they were counted", **place)
        return log.start
    if source.next_offset > log.end:
        _log.warning("the log lost records after they were counted: going on from its end", **place)
        return log.end
    return source.next_offset
