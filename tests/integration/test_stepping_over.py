"""A record that a service cannot get past is stepped over: only it, only while the service is stopped, and it is kept."""

import uuid

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from ops.cli.dead_letters import find_dead_letter
from ops.cli.setup import create_topics
from ops.cli.stepping_over import step_over
from shared.failures import Misconfigured
from shared.outcomes import NewRecord
from tests.builders import NOON
from tests.kafka_topics import committed, kafka_settings, produce, read_all

#: Read by the group of the webhooks that are sent again, of which nobody runs here.
TOPIC, PARTITION, SERVICE, GROUP = "webhooks.retries", 2, "webhooks-retries", "dateline.webhooks-retries"
WHERE = TopicPartition(TOPIC, PARTITION)


@pytest.fixture
def kafka(engines):
    """Kafka with the topics of Dateline."""
    settings = kafka_settings(engines.kafka_bootstrap)
    create_topics(settings, 4, 1)
    return settings


@pytest.fixture
def stuck(kafka):
    """The group stands at a record; its offset, and its value."""
    mark = uuid.uuid4().hex.encode()
    produce(kafka.bootstrap_servers, NewRecord(TOPIC, b"key", mark, (("ce_type", b"poison"),), PARTITION))
    offset = next(each.offset for each in read_all(kafka.bootstrap_servers, TOPIC) if each.value == mark)
    stand_at(kafka, offset)
    yield offset, mark
    stand_at(kafka, offset + 1)  # for whoever runs the services after this


def stand_at(kafka, offset):
    consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, group_id=GROUP, enable_auto_commit=False)
    consumer.assign([WHERE])
    consumer.commit({WHERE: OffsetAndMetadata(offset, "", -1)})
    consumer.close(autocommit=False)


def step(kafka, place, service=SERVICE):
    return step_over(kafka, service, place, "ana@newsroom", NOON, read_seconds=20)


def test_the_record_is_kept_as_a_dead_letter_and_the_group_goes_on_behind_it(kafka, stuck):
    offset, mark = stuck
    place = f"{TOPIC}-{PARTITION}-{offset}"

    done = step(kafka, place)

    assert (done.place, done.was_read) == (place, True)
    assert committed(kafka.bootstrap_servers, GROUP, TOPIC, PARTITION) == offset + 1
    letter = find_dead_letter(kafka, place)
    assert (letter.record.value, letter.code, letter.service) == (mark, "stepped_over", "dateline")
    assert "by ana@newsroom at 2026-11-24T12:00:00.000Z" in letter.detail


@pytest.mark.parametrize("distance", [-1, 1])
def test_another_record_than_the_one_it_stands_at_is_not_stepped_over(kafka, stuck, distance):
    offset, _ = stuck

    with pytest.raises(Misconfigured, match=f"stands at {TOPIC}-{PARTITION}-{offset}, not at"):
        step(kafka, f"{TOPIC}-{PARTITION}-{offset + distance}")

    assert committed(kafka.bootstrap_servers, GROUP, TOPIC, PARTITION) == offset


def test_nothing_is_stepped_over_while_the_service_runs(kafka, stuck):
    offset, _ = stuck
    member = KafkaConsumer(TOPIC, bootstrap_servers=kafka.bootstrap_servers, group_id=GROUP, enable_auto_commit=False)
    try:
        while not member.assignment():
            member.poll(timeout_ms=100, max_records=1)
        with pytest.raises(Misconfigured, match=r"is running \(1 members"):
            step(kafka, f"{TOPIC}-{PARTITION}-{offset}")
    finally:
        member.close(autocommit=False)

    assert committed(kafka.bootstrap_servers, GROUP, TOPIC, PARTITION) == offset


@pytest.mark.parametrize(
    ("service", "place", "why"),
    [
        ("popularity", f"{TOPIC}-2-0", "keeps its places with its counts"),
        ("nobody", f"{TOPIC}-2-0", "reads no topic in this way"),
        ("enrich", f"{TOPIC}-2-0", "enrich does not read webhooks.retries; it reads articles.published"),
        ("enrich", "articles.published", "is not a place"),
    ],
)
def test_what_cannot_be_stepped_over_is_named(kafka, service, place, why):
    with pytest.raises(Misconfigured, match=why):
        step(kafka, place, service)
