"""The consumer loop with several batches in flight, on a real Kafka: at the same time, and yet in order, and nothing is lost."""

import threading
import uuid
from typing import Any

import pytest

from shared.backoff import Backoff
from shared.consuming import Subscription
from shared.dead_letters import parse_dead_letter
from shared.failures import Misconfigured, Unavailable
from shared.outcomes import DeadLetterCode, DeadLettered, NewRecord, Published
from shared.topics import dead_letters_of
from tests.kafka_topics import INDEXED, a_topic, committed, produce, read_all, running_loop, seeing
from tests.stack import eventually


@pytest.fixture
def kafka(engines):
    return engines.kafka_bootstrap


def a_subscription(topic, handle, **fields):
    """Batches of one record, three in flight."""
    own: dict[str, Any] = {
        "service": f"test-{uuid.uuid4().hex[:8]}",
        "topics": (topic,),
        "decode": lambda record: record.value,
        "backoff": Backoff(0.05, 0.2),
        "batch_records": 1,
        "in_flight": 3,
    }
    return Subscription(handle=handle, **own | fields)


def lines(topic, *values):
    return [NewRecord(topic, b"key", value) for value in values]


class Gate:
    """Handles a batch once it is let through; `inside` are those that came."""

    def __init__(self):
        self.inside: list[bytes] = []
        self._open: dict[bytes, threading.Event] = {}

    def _event(self, value):
        return self._open.setdefault(value, threading.Event())

    def let(self, *values):
        for value in values:
            self._event(value).set()

    def __call__(self, batch):
        self.inside.extend(batch)
        for value in batch:
            assert self._event(value).wait(60)
        return [INDEXED] * len(batch)


def test_so_many_batches_are_handled_at_the_same_time_and_no_more(kafka):
    topic, gate = a_topic(kafka), Gate()
    produce(kafka, *lines(topic, b"1", b"2", b"3", b"4"))
    subscription = a_subscription(topic, gate)

    with running_loop(kafka, subscription):
        eventually(lambda: sorted(gate.inside), lambda inside: inside == [b"1", b"2", b"3"])
        gate.let(b"1")
        eventually(lambda: sorted(gate.inside), lambda inside: inside == [b"1", b"2", b"3", b"4"])
        gate.let(b"2", b"3", b"4")
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 4)


def test_a_batch_that_is_done_is_not_committed_before_those_polled_before_it(kafka):
    topic, gate, order = a_topic(kafka), Gate(), []
    produce(kafka, *lines(topic, b"1", b"2", b"3"))
    subscription = a_subscription(topic, gate, delivered=lambda outcomes: order.append(outcomes[0]))

    with running_loop(kafka, subscription):
        eventually(lambda: len(gate.inside), lambda count: count == 3)
        gate.let(b"2", b"3")
        assert committed(kafka, subscription.group, topic) is None
        assert order == []
        gate.let(b"1")
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 3)


def test_what_batches_lead_to_is_produced_in_their_order(kafka):
    topic, onward = a_topic(kafka), a_topic(kafka)
    values = [str(number).encode() for number in range(30)]
    second_done = threading.Event()

    def handle(batch):
        if batch == [b"0"]:
            assert second_done.wait(60)  # the first is the slowest
        second_done.set() if batch == [b"1"] else None
        return [Published(lines(onward, value)) for value in batch]

    produce(kafka, *lines(topic, *values))
    subscription = a_subscription(topic, handle)

    with running_loop(kafka, subscription):
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 30)

    assert [record.value for record in read_all(kafka, onward)] == values


def test_while_one_waits_those_behind_it_wait_too_and_nothing_more_is_taken(kafka):
    topic, back, seen = a_topic(kafka), threading.Event(), []

    def handle(batch):
        seen.extend(batch)
        if batch == [b"1"] and not back.is_set():
            raise Unavailable("Elasticsearch is away")
        return [INDEXED]

    produce(kafka, *lines(topic, b"1", b"2", b"3", b"4", b"5"))
    subscription = a_subscription(topic, handle)

    with running_loop(kafka, subscription) as loop:
        eventually(lambda: seen.count(b"1"), lambda count: count >= 4)
        assert b"4" not in seen
        assert committed(kafka, subscription.group, topic) is None
        assert loop.health.ready()[1]["checks"]["kafka"] == "Elasticsearch is away"
        back.set()
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 5)
        assert loop.health.ready()[0]

    assert [seen.count(value) for value in (b"2", b"3", b"4", b"5")] == [1, 1, 1, 1]


def test_all_of_them_unavailable_are_all_tried_again(kafka):
    topic = a_topic(kafka)
    tries: dict[bytes, int] = {}

    def handle(batch):
        tries[batch[0]] = tries.get(batch[0], 0) + 1
        if tries[batch[0]] < 3:
            raise Unavailable("away")
        return [INDEXED]

    produce(kafka, *lines(topic, b"1", b"2", b"3"))
    subscription = a_subscription(topic, handle)

    with running_loop(kafka, subscription):
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 3)

    assert tries == {b"1": 3, b"2": 3, b"3": 3}


def test_a_stop_finishes_what_is_in_flight(kafka):
    topic, gate = a_topic(kafka), Gate()
    produce(kafka, *lines(topic, b"1", b"2", b"3", b"4"))
    subscription = a_subscription(topic, gate)

    with running_loop(kafka, subscription) as loop:
        eventually(lambda: len(gate.inside), lambda count: count == 3)
        loop.stop.set()
        gate.let(b"1", b"2", b"3")

    assert committed(kafka, subscription.group, topic) == 3
    assert b"4" not in gate.inside


def test_a_stop_while_one_waits_leaves_it_and_all_behind_it_to_the_next_one(kafka):
    topic, first_waits = a_topic(kafka), threading.Event()
    seen: list[bytes] = []

    def away(batch):
        if batch == [b"1"]:
            return [INDEXED]
        first_waits.set()
        raise Unavailable("away")

    produce(kafka, *lines(topic, b"1", b"2", b"3"))
    first = a_subscription(topic, away)
    with running_loop(kafka, first):
        eventually(lambda: committed(kafka, first.group, topic), lambda offset: offset == 1)
        assert first_waits.wait(30)
    second = a_subscription(topic, seeing(seen), service=first.service)
    with running_loop(kafka, second):
        eventually(lambda: committed(kafka, second.group, topic), lambda offset: offset == 3)

    assert sorted(seen) == [b"2", b"3"]


def test_a_bug_in_a_thread_costs_only_the_record_that_meets_it(kafka):
    topic = a_topic(kafka)
    produce(kafka, *lines(topic, b"1", b"0", b"2"))
    subscription = a_subscription(topic, lambda batch: [(1 // int(value), INDEXED)[1] for value in batch], batch_records=2)

    with running_loop(kafka, subscription):
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 3)

    (letter,) = map(parse_dead_letter, read_all(kafka, dead_letters_of(topic)))
    assert (letter.record.value, letter.code) == (b"0", "bug")


def test_a_batch_of_dead_letters_only_is_finished_in_its_turn(kafka):
    topic, gate = a_topic(kafka), Gate()
    dead = DeadLettered(DeadLetterCode.NOT_JSON, "not for us")
    produce(kafka, *lines(topic, b"1", b"poison", b"3"))
    subscription = a_subscription(topic, gate, decode=lambda record: dead if record.value == b"poison" else record.value)

    with running_loop(kafka, subscription):
        eventually(lambda: sorted(gate.inside), lambda inside: inside == [b"1", b"3"])
        assert read_all(kafka, dead_letters_of(topic)) == []
        gate.let(b"1", b"3")
        eventually(lambda: committed(kafka, subscription.group, topic), lambda offset: offset == 3)

    assert len(read_all(kafka, dead_letters_of(topic))) == 1


def test_an_operator_s_error_in_a_thread_ends_the_service_and_commits_what_was_before_it(kafka):
    topic = a_topic(kafka)

    def handle(batch):
        if batch == [b"2"]:
            raise Misconfigured("no alias")
        return [INDEXED]

    produce(kafka, *lines(topic, b"1", b"2", b"3"))
    subscription = a_subscription(topic, handle)

    with running_loop(kafka, subscription) as loop:
        eventually(lambda: loop.error, lambda error: error is not None)

    assert isinstance(loop.error, Misconfigured)
    assert committed(kafka, subscription.group, topic) == 1


def test_batches_in_flight_when_another_instance_joins_are_read_again_and_none_is_lost(kafka):
    topic = a_topic(kafka, partitions=4)
    values = [str(number).encode() for number in range(200)]
    produce(kafka, *[NewRecord(topic, value, value) for value in values])
    seen: list[bytes] = []
    waiting, back = threading.Event(), threading.Event()

    def handle(batch):
        if not back.is_set():
            waiting.set()
            raise Unavailable("away")
        seen.extend(batch)
        return [INDEXED] * len(batch)

    # Batches of one partition each, of which three are in flight: whatever partitions stay, one of these is among them.
    first = a_subscription(topic, handle, batch_records=45)
    second = a_subscription(topic, handle, batch_records=45, service=first.service)
    with running_loop(kafka, first) as one:
        assert waiting.wait(30)
        waiting.clear()
        with running_loop(kafka, second) as other:
            eventually(lambda: (one.health.ready()[1], other.health.ready()[1]), lambda both: "away" in str(both[1]), 60)
            back.set()
            ends = eventually(
                lambda: [committed(kafka, first.group, topic, partition) or 0 for partition in range(4)],
                lambda ends: sum(ends) == 200,
            )

    assert sum(ends) == 200
    assert set(seen) == set(values)


def test_instances_that_come_and_go_while_batches_are_in_flight_lose_nothing(kafka):
    topic = a_topic(kafka, partitions=4)
    values = [str(number).encode() for number in range(600)]
    seen: list[bytes] = []

    first = a_subscription(topic, seeing(seen), batch_records=5)
    others = [a_subscription(topic, seeing(seen), batch_records=5, service=first.service) for _ in range(3)]
    with running_loop(kafka, first):
        for number, other in enumerate(others):
            with running_loop(kafka, other) as joined:
                produce(kafka, *[NewRecord(topic, value, value) for value in values[200 * number : 200 * (number + 1)]])
                eventually(joined.health.ready, lambda ready: ready[0], 60)
        ends = eventually(
            lambda: [committed(kafka, first.group, topic, partition) or 0 for partition in range(4)],
            lambda ends: sum(ends) == 600,
            60,
        )

    assert sum(ends) == 600
    assert set(seen) == set(values)
