"""The security settings of Kafka reach faust and aiokafka."""

import asyncio

import pytest
from pydantic import SecretStr

from services.popularity.app import build_app
from services.popularity.connections import faust_connection
from services.popularity.owned import OwnedPartitions
from services.popularity.partition import OwnedPartition
from services.popularity.settings import PopularitySettings
from shared.kafka_connection import asyncio_arguments
from shared.settings import KafkaSettings

SASL = KafkaSettings(
    bootstrap_servers="a:1, b:2",
    security_protocol="SASL_SSL",
    sasl_mechanism="SCRAM-SHA-256",
    username="reader",
    password=SecretStr("secret"),
)


def test_sasl_over_tls_reaches_aiokafka() -> None:
    arguments = asyncio_arguments(SASL)

    assert arguments.pop("ssl_context") is not None
    assert arguments == {
        "bootstrap_servers": ["a:1", "b:2"],
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "reader",
        "sasl_plain_password": "secret",
    }


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
def test_every_protocol_reaches_faust(protocol: str) -> None:
    connection = faust_connection(SASL.model_copy(update={"security_protocol": protocol}))
    credentials = connection["broker_credentials"]

    assert connection["broker"] == ["kafka://a:1", "kafka://b:2"]
    assert (credentials.protocol.value if credentials else "PLAINTEXT") == protocol
    if protocol.startswith("SASL"):
        assert (credentials.username, credentials.password, credentials.mechanism.value) == ("reader", "secret", "SCRAM-SHA-256")


def test_the_app_has_no_web_server_and_makes_no_topics() -> None:
    async def never(number: int) -> OwnedPartition:
        raise AssertionError(number)

    async def scenario() -> None:
        app = build_app(PopularitySettings(), OwnedPartitions(never, 1), lambda _: None)
        assert (app.conf.web_enabled, app.conf.topic_allow_declare, app.conf.topic_disable_leader) == (False, False, True)
        assert app.conf.id == "dateline.popularity"

    asyncio.run(scenario())
