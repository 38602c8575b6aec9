"""Dead letters: byte for byte, and not too many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dead_letters import DeadLetterLimit, DeadLetterTally, Replay, build_dead_letter, build_replay, parse_dead_letter
from shared.events import Record
from shared.failures import TooManyDeadLetters
from shared.outcomes import DeadLetterCode, DeadLettered
from tests.builders import NOON, a_record

ANA = Replay("ana@newsroom", NOON)
REASON = DeadLettered(DeadLetterCode.INVALID, "headline: missing")

records = st.builds(
    Record,
    topic=st.just("articles.published"),
    partition=st.integers(0, 99),
    offset=st.integers(0, 2**62),
    key=st.none() | st.binary(),
    value=st.none() | st.binary(),
    headers=st.lists(st.tuples(st.sampled_from(["ce_type", "traceparent"]), st.binary())).map(tuple),
    timestamp_ms=st.integers(0, 2**40),
)


def as_consumed(letter):
    return Record(letter.topic, 0, 0, letter.key, letter.value, letter.headers, 0)


@given(records)
def test_the_record_comes_back_byte_for_byte(record):
    letter = parse_dead_letter(as_consumed(build_dead_letter(record, REASON, "enrich")))

    assert letter.record == record
    assert (letter.service, letter.code, letter.detail) == ("enrich", "invalid", "headline: missing")


def test_a_redelivered_record_has_the_same_key_so_that_compaction_keeps_one():
    keys = {build_dead_letter(a_record(offset=9), REASON, service).key for service in ("enrich", "enrich")}

    assert keys == {b"articles.published-0-9"}


def test_replay_goes_to_where_the_record_came_from():
    letter = parse_dead_letter(as_consumed(build_dead_letter(a_record(partition=3), REASON, "enrich")))

    replayed = build_replay(letter, ANA)

    assert (replayed.topic, replayed.partition, replayed.key) == ("articles.published", 3, a_record().key)
    assert replayed.headers[: len(a_record().headers)] == a_record().headers


def as_dead_again(replayed, offset):
    """The letter of a record that was put back and came to the same end."""
    again = a_record(value=replayed.value, headers=replayed.headers, partition=replayed.partition, offset=offset)
    return parse_dead_letter(as_consumed(build_dead_letter(again, REASON, "enrich")))


def test_a_replay_says_who_when_from_where_and_how_often():
    letter = parse_dead_letter(as_consumed(build_dead_letter(a_record(offset=9), REASON, "enrich")))

    headers = dict(build_replay(letter, ANA).headers)

    assert {name: value for name, value in headers.items() if name.startswith("replay_")} == {
        "replay_count": b"1",
        "replay_by": b"ana@newsroom",
        "replay_time": b"2026-11-24T12:00:00.000Z",
        "replay_from": b"articles.published-0-9",
    }


def test_a_second_replay_counts_on_keeps_where_it_stood_first_and_that_it_was_edited():
    letter = parse_dead_letter(as_consumed(build_dead_letter(a_record(offset=9), REASON, "enrich")))
    first = build_replay(letter, Replay("ana@newsroom", NOON, is_edited=True))

    letter = as_dead_again(first, offset=12)
    second = [header for header in build_replay(letter, Replay("bo@newsroom", NOON)).headers if header[0].startswith("replay_")]

    assert letter.replays == 1
    assert dict(second) == {
        "replay_count": b"2",
        "replay_by": b"bo@newsroom",
        "replay_time": b"2026-11-24T12:00:00.000Z",
        "replay_from": b"articles.published-0-9",
        "replay_edited": b"1",
    }
    assert len(second) == 5


@pytest.mark.parametrize("count", [b"", b"x", "²".encode(), b"9" * 30])
def test_a_count_of_replays_that_is_none_is_none(count):
    record = a_record(headers=(("replay_count", count),))

    assert parse_dead_letter(as_consumed(build_dead_letter(record, REASON, "enrich"))).replays == 0


def test_a_record_of_a_dead_letter_topic_that_is_no_dead_letter_is_refused():
    with pytest.raises(ValueError, match="lacks the header dead_letter_"):
        parse_dead_letter(a_record(topic="articles.published.dead-letters"))


def test_single_bad_records_between_good_ones_never_stop_the_service():
    tally = DeadLetterTally(DeadLetterLimit(in_a_row=3, ratio=0.5, out_of=10))

    for _ in range(1000):
        tally.add(a_record(), REASON)
        tally.add(a_record(), None)


def test_too_many_in_a_row_stop_it():
    tally = DeadLetterTally(DeadLetterLimit(in_a_row=3, ratio=1.0, out_of=1000))
    tally.add(a_record(), REASON)
    tally.add(a_record(), REASON)

    with pytest.raises(TooManyDeadLetters, match=r"3 records in a row of articles.published, partition 0"):
        tally.add(a_record(), REASON)


def test_rows_are_counted_by_partition():
    tally = DeadLetterTally(DeadLetterLimit(in_a_row=2, ratio=1.0, out_of=1000))

    for partition in range(50):
        tally.add(a_record(partition=partition), REASON)


def test_too_many_of_the_last_stop_it_even_between_good_ones():
    tally = DeadLetterTally(DeadLetterLimit(in_a_row=100, ratio=0.1, out_of=100))

    with pytest.raises(TooManyDeadLetters, match="of the last"):
        for _ in range(50):
            tally.add(a_record(), REASON)
            tally.add(a_record(), None)
