"""Where a partition is counted on: at its stored position, unless the log no longer has that place."""

import pytest

from services.popularity.layout import SOURCES, Layout
from services.popularity.positions import (
    LogRange,
    Position,
    SourcePosition,
    decode_position,
    encode_position,
    resume_positions,
)
from shared.failures import Misconfigured
from shared.topics import COMMENTS, ENGAGEMENT, ENRICHED, READING

LAYOUT = Layout(4, {topic: f"id of {topic}" for topic in SOURCES})


def stored(next_offset: int, topic_id: str = f"id of {ENGAGEMENT}", partitions: int = 4) -> Position:
    sources = {
        ENGAGEMENT: SourcePosition(topic_id=topic_id, next_offset=next_offset),
        COMMENTS: SourcePosition(topic_id=f"id of {COMMENTS}", next_offset=0),
    }
    return Position(partitions=partitions, as_of_ms=7, sources=sources)


def resume(position: Position | None, start: int, end: int) -> int:
    logs = {ENGAGEMENT: LogRange(start, end), COMMENTS: LogRange(0, 0), READING: LogRange(0, 0), ENRICHED: LogRange(2, 3)}
    return resume_positions(position, LAYOUT, logs, partition=0)[ENGAGEMENT]


def test_a_position_survives_being_stored() -> None:
    assert decode_position(encode_position(stored(5))) == stored(5)


def test_counting_goes_on_where_it_was_stored() -> None:
    assert resume(stored(5), start=0, end=9) == 5


def test_without_a_position_it_begins_at_the_start_of_the_log() -> None:
    assert resume(None, start=3, end=9) == 3


def test_a_topic_that_an_older_version_did_not_read_is_read_from_its_start() -> None:
    logs = dict.fromkeys(SOURCES, LogRange(2, 9))

    assert resume_positions(stored(5), LAYOUT, logs, partition=0)[READING] == 2


def test_what_retention_deleted_is_passed_over() -> None:
    assert resume(stored(5), start=8, end=9) == 8


def test_a_log_that_lost_its_end_is_counted_on_from_there() -> None:
    assert resume(stored(5), start=0, end=4) == 4


def test_a_topic_that_was_created_anew_is_counted_from_its_start() -> None:
    assert resume(stored(5, topic_id="another"), start=0, end=9) == 0


def test_another_number_of_partitions_is_refused() -> None:
    with pytest.raises(Misconfigured, match="made with 3 partitions"):
        resume(stored(5, partitions=3), start=0, end=9)


def test_a_position_of_another_form_is_refused() -> None:
    with pytest.raises(Misconfigured, match="not of a form that this version knows"):
        decode_position(b"{}")
