"""What is told when Kafka does not let a client in, or forbids it something."""

import pytest
from kafka.errors import KafkaError, KafkaTimeoutError
from pydantic import SecretStr

from shared import kafka_connection
from shared.failures import Misconfigured
from shared.kafka_connection import connection_failure
from shared.producing import Producer
from shared.settings import KafkaSettings

SASL = KafkaSettings(
    bootstrap_servers="a:1",
    security_protocol="SASL_SSL",
    sasl_mechanism="SCRAM-SHA-512",
    username="reader",
    password=SecretStr("s"),
)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [(None, "for reader: wrong DATELINE_KAFKA_USERNAME or DATELINE_KAFKA_PASSWORD?"), ("refused", "no Kafka broker answers")],
)
def test_a_broker_that_hangs_up_without_a_word_is_told_from_one_that_is_away(monkeypatch, trouble, told):
    monkeypatch.setattr(kafka_connection, "check_brokers", lambda _: trouble)
    monkeypatch.setattr(kafka_connection, "_refusals", kafka_connection._Refusals())  # noqa: SLF001 - no test before has been refused

    assert told in str(connection_failure(SASL, KafkaTimeoutError("Unable to bootstrap")))


def test_who_is_refused_a_producer_s_id_is_forbidden_to_write_and_does_not_wait():
    producer = object.__new__(Producer)
    producer._where = "a:1"
    error = KafkaError("Unexpected error in InitProducerIdResponse: [Error 31] ClusterAuthorizationFailedError")

    assert isinstance(producer._explained(error), Misconfigured)
