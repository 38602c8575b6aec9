"""Ingest while its broker is away and when it is back; on a broker of this test's own, which it stops."""

import time

import pytest
from fastapi.testclient import TestClient

from ops.cli.setup import create_topics
from ops.cli.tokens import hash_token
from ops.local.downloads import fetch_engines
from ops.local.java import QUICK_START, require_java
from ops.local.kafka import KafkaNode
from ops.local.ports import free_ports
from services.ingest.api import build_ingest_app
from services.ingest.door import Door
from services.ingest.outbox import Outbox
from services.ingest.page_extractor import PageExtractors
from services.ingest.remembering import Remembering
from services.ingest.salts import DailySalt
from services.ingest.token_file import ValidTokens
from shared.producing import Producer
from shared.settings import KafkaSettings
from tests.engines import DOWNLOADS_HOME
from tests.stack import eventually

TIMEOUT_SECONDS = 4.0
ARTICLE = {"headline": "Bridge opens", "url": "https://a.example/bridge"}
LATER = {"headline": "Bridge opens to lorries", "url": "https://a.example/bridge"}


@pytest.fixture
def node(tmp_path):
    port, controller = free_ports(2)
    return KafkaNode(tmp_path / "kafka", port, controller, heap_mb=256, jvm_flags=QUICK_START)


def started(node):
    process = node.start(fetch_engines(DOWNLOADS_HOME).kafka_libs, require_java())
    node.wait_until_ready(process)
    return process


def test_nothing_is_acknowledged_that_kafka_has_not_and_it_goes_on_when_kafka_is_back(node, tmp_path):
    process = started(node)
    kafka = KafkaSettings(bootstrap_servers=node.bootstrap_servers, delivery_timeout_seconds=TIMEOUT_SECONDS)
    create_topics(kafka, 4, 1)
    tokens = ValidTokens((hash_token("t"),), None)
    with Producer(kafka, "test-away") as producer, Outbox(producer) as outbox:
        app = build_ingest_app(
            Door(producer, outbox, DailySalt(tmp_path / "salt"), 4, Remembering(1000)), tokens, 100_000, PageExtractors(1)
        )
        client = TestClient(app, headers={"Authorization": "Bearer t"})
        assert client.post("/v1/articles", json=ARTICLE).status_code == 201
        assert producer.check() is None

        process.stop()
        began = time.monotonic()
        answer = client.post("/v1/articles", json=LATER)
        took = time.monotonic() - began

        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "Kafka" in answer.json()["detail"]
        assert took < TIMEOUT_SECONDS + 3
        assert "no Kafka broker" in str(producer.check())

        process = started(node)
        try:
            eventually(lambda: client.post("/v1/articles", json=LATER).status_code, lambda status: status == 201)
        finally:
            process.stop()
