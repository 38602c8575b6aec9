"""The consumer loop on a real Kafka."""

import threading
import uuid
from typing import Any

import pytest

from shared import metrics
from shared.backoff import Backoff
from shared.consuming import Subscription
from shared.dead_letters import DeadLetterLimit, parse_dead_letter
from shared.failures import Misconfigured, TooManyDeadLetters, Unavailable
from shared.kafka_connection import connect_member
from shared.outcomes import DeadLetterCode, DeadLettered, NewRecord, Published
from shared.topics import dead_letters_of
from tests.kafka_topics import INDEXED, a_topic, committed, kafka_settings, produce, read_all, running_loop, seeing
from tests.stack import eventually


@pytest.fixture
def kafka(engines):
    return engines.kafka_bootstrap


def a_subscription(topic, handle, **fields):
    own: dict[str, Any] = {
        "service": f"test-{uuid.uuid4().hex[:8]}",
        "topics": (topic,),
        "decode": decode,
        "backoff": Backoff(0.05, 0.2),
    }
    return Subscription(handle=handle, **own | fields)


def decode(record):
    if record.value == b"poison":
        return DeadLettered(DeadLetterCode.NOT_JSON, "not for us")
    return record.value


def lines(topic, *values):
    return [NewRecord(topic, b"key", value, (("trace", b"1"),)) for value in values]


def test_a_record_that_does_not_decode_is_kept_byte_for_byte_and_the_others_go_on(kafka):
    topic = a_topic(kafka)
    seen: list[bytes] = []
    produce(kafka, *lines(topic, b"a", b"poison", b"b"))
    subscription = a_subscription(topic, seeing(seen))

    with running_loop(kafka, subscription):
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 3)

    assert seen == [b"a", b"b"]
    (letter,) = map(parse_dead_letter, read_all(kafka, dead_letters_of(topic)))
    assert (letter.record.offset, letter.record.key, letter.record.value) == (1, b"key", b"poison")
    assert letter.record.headers == (("trace", b"1"),)
    assert (letter.code, letter.detail) == ("not_json", "not for us")


def test_what_a_record_leads_to_is_produced_before_its_offset_is_committed(kafka):
    topic, onward = a_topic(kafka), a_topic(kafka)
    produce(kafka, *lines(topic, b"a", b"b"))
    subscription = a_subscription(topic, lambda batch: [Published([NewRecord(onward, b"key", value.upper())]) for value in batch])

    with running_loop(kafka, subscription):
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 2)

    assert [record.value for record in read_all(kafka, onward)] == [b"A", b"B"]


def test_a_batch_waits_for_as_long_as_the_other_side_is_away_and_loses_nothing(kafka):
    topic, attempts, back = a_topic(kafka), [], threading.Event()

    def handle(batch):
        attempts.append(list(batch))
        if not back.is_set():
            raise Unavailable("Elasticsearch is away")
        return [INDEXED] * len(batch)

    produce(kafka, *lines(topic, b"a"))
    subscription = a_subscription(topic, handle)

    with running_loop(kafka, subscription) as loop:
        eventually(lambda: len(attempts), lambda count: count >= 3)
        produce(kafka, *lines(topic, b"b"))
        assert committed(kafka, subscription.group, topic) is None
        assert loop.health.ready()[1]["checks"]["kafka"] == "Elasticsearch is away"
        back.set()
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 2)
        assert loop.health.ready()[0]

    assert all(attempt == [b"a"] for attempt in attempts[:3])
    assert attempts[-1] == [b"b"]


def test_a_stop_while_waiting_commits_nothing_and_the_next_one_begins_where_this_one_stood(kafka):
    topic = a_topic(kafka)
    seen: list[bytes] = []
    produce(kafka, *lines(topic, b"a"))
    waiting = threading.Event()

    def never(batch):
        waiting.set()
        raise Unavailable("away")

    first = a_subscription(topic, never)
    with running_loop(kafka, first):
        assert waiting.wait(30)
    second = a_subscription(topic, seeing(seen), service=first.service)
    with running_loop(kafka, second):
        eventually(lambda: committed(kafka, second.group, topic), lambda offset: offset == 1)

    assert seen == [b"a"]


def test_a_bug_costs_only_the_record_that_meets_it(kafka):
    topic = a_topic(kafka)
    produce(kafka, *lines(topic, b"1", b"0", b"2"))
    subscription = a_subscription(topic, lambda batch: [(1 // int(value), INDEXED)[1] for value in batch])

    with running_loop(kafka, subscription):
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 3)

    (letter,) = map(parse_dead_letter, read_all(kafka, dead_letters_of(topic)))
    assert (letter.record.value, letter.code) == (b"0", "bug")
    assert "ZeroDivisionError" in letter.detail


def test_a_result_that_is_too_large_for_its_topic_is_a_dead_letter(kafka):
    topic, onward = a_topic(kafka), a_topic(kafka)
    produce(kafka, *lines(topic, b"a"))
    subscription = a_subscription(topic, lambda batch: [Published([NewRecord(onward, None, b"x" * 2_000_000)]) for _ in batch])

    with running_loop(kafka, subscription):
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 1)

    (letter,) = map(parse_dead_letter, read_all(kafka, dead_letters_of(topic)))
    assert letter.code == "too_large"


def test_too_many_dead_letters_end_the_service_instead_of_draining_the_topic(kafka):
    topic = a_topic(kafka)
    produce(kafka, *lines(topic, *[b"poison"] * 10))
    subscription = a_subscription(topic, lambda batch: [INDEXED] * len(batch), limit=DeadLetterLimit(in_a_row=5))

    with running_loop(kafka, subscription) as loop:
        eventually(lambda: loop.error, lambda error: error is not None)

    assert isinstance(loop.error, TooManyDeadLetters)
    assert len(read_all(kafka, dead_letters_of(topic))) == committed(kafka, subscription.group, topic) == 10


def test_without_a_limit_strangers_may_send_as_much_nonsense_as_they_like(kafka):
    topic = a_topic(kafka)
    produce(kafka, *lines(topic, *[b"poison"] * 100))
    subscription = a_subscription(topic, lambda batch: [INDEXED] * len(batch), limit=None)

    with running_loop(kafka, subscription):
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 100)


def test_a_decoder_that_raises_costs_only_its_record(kafka):
    topic = a_topic(kafka)
    produce(kafka, *lines(topic, b"1", b"x", b"2"))
    subscription = a_subscription(topic, lambda batch: [INDEXED] * len(batch), decode=lambda record: int(record.value))

    with running_loop(kafka, subscription):
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 3)

    (letter,) = map(parse_dead_letter, read_all(kafka, dead_letters_of(topic)))
    assert (letter.record.value, letter.code) == (b"x", "bug")


def test_a_record_whose_headers_are_too_large_is_a_dead_letter(kafka):
    topic, onward = a_topic(kafka), a_topic(kafka)
    produce(kafka, *lines(topic, b"a"))
    large = NewRecord(onward, None, b"x" * 1_000_000, (("h", b"y" * 60_000),))
    subscription = a_subscription(topic, lambda batch: [Published([large]) for _ in batch])

    with running_loop(kafka, subscription):
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 1)

    assert [parse_dead_letter(record).code for record in read_all(kafka, dead_letters_of(topic))] == ["too_large"]


def test_a_batch_in_hand_when_another_instance_joins_is_read_again_and_none_of_it_is_lost(kafka):
    topic = a_topic(kafka, partitions=4)
    values = [str(number).encode() for number in range(200)]
    produce(kafka, *[NewRecord(topic, value, value) for value in values])
    seen: list[bytes] = []
    waiting, back = threading.Event(), threading.Event()

    def handle(batch):
        if not back.is_set():
            waiting.set()
            raise Unavailable("away")
        return seeing(seen)(batch)

    first = a_subscription(topic, handle)
    second = a_subscription(topic, handle, service=first.service)
    with running_loop(kafka, first) as one:
        assert waiting.wait(30)
        waiting.clear()
        with running_loop(kafka, second) as other:
            eventually(lambda: (one.health.ready()[1], other.health.ready()[1]), lambda both: "away" in str(both[1]), 60)
            back.set()
            eventually(lambda: len(set(seen)), lambda count: count == 200)
            ends = eventually(
                lambda: [committed(kafka, first.group, topic, partition) or 0 for partition in range(4)],
                lambda ends: sum(ends) == 200,
            )

    assert sum(ends) == 200
    assert set(seen) == set(values)


def test_a_topic_that_is_not_there_is_an_operator_s_error(kafka):
    with running_loop(kafka, a_subscription("test-no-such-topic", lambda batch: [])) as loop:
        eventually(lambda: loop.error, lambda error: error is not None)

    assert isinstance(loop.error, Misconfigured)
    assert "dateline setup" in str(loop.error)


def test_two_of_a_service_share_the_partitions_and_every_record_is_done(kafka):
    topic = a_topic(kafka, partitions=4)
    done: dict[bytes, set[str]] = {}

    def of(worker):
        def handle(batch):
            for value in batch:
                done.setdefault(value, set()).add(worker)
            return [INDEXED] * len(batch)

        return handle

    first = a_subscription(topic, of("first"))
    second = a_subscription(topic, of("second"), service=first.service)
    values = [str(number).encode() for number in range(200)]
    with running_loop(kafka, first), running_loop(kafka, second):
        for start in range(0, 200, 20):
            produce(kafka, *[NewRecord(topic, value, value) for value in values[start : start + 20]])
            eventually(lambda: len(done), (start + 20).__eq__)

    assert set(done) == set(values)


def test_a_partition_that_went_to_another_has_no_lag_here_any_more(kafka):
    topic = a_topic(kafka, partitions=4)
    produce(kafka, *[NewRecord(topic, None, b"a", partition=partition) for partition in range(4)])
    subscription = a_subscription(topic, seeing([]))
    with running_loop(kafka, subscription):
        eventually(lambda: partitions_with_lag(topic), {"0", "1", "2", "3"}.__eq__)
        other = connect_member(kafka_settings(kafka), "other", subscription.group, (topic,), None)
        try:
            eventually(lambda: (other.poll(timeout_ms=100), partitions_with_lag(topic))[1], lambda left: len(left) == 2, 60)
        finally:
            other.close()

    assert partitions_with_lag(topic) == set()


def partitions_with_lag(topic):
    (family,) = metrics.LAG.collect()
    return {sample.labels["partition"] for sample in family.samples if sample.labels["topic"] == topic}
