"""What Dateline relies on in the embedded engines: data outlive a restart, and refusals are refusals."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from elasticsearch import ConflictError, Elasticsearch
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaError

from ops.local.downloads import EngineFolders, fetch_engines
from ops.local.elasticsearch import OUTSIDE_LINK, ElasticsearchNode, remove
from ops.local.java import QUICK_START, Java, require_java
from ops.local.kafka import KafkaNode
from ops.local.ports import free_ports
from tests.engines import DOWNLOADS_HOME, Engines


@pytest.fixture(scope="module")
def folders() -> EngineFolders:
    return fetch_engines(DOWNLOADS_HOME)


@pytest.fixture(scope="module")
def java() -> Java:
    return require_java()


@contextmanager
def running_kafka(home: Path, folders: EngineFolders, java: Java) -> Iterator[str]:
    """A node on ports that are new each time; gives its bootstrap servers."""
    port, controller_port = free_ports(2)
    node = KafkaNode(home, port, controller_port, heap_mb=256, jvm_flags=QUICK_START)
    process = node.start(folders.kafka_libs, java)
    try:
        node.wait_until_ready(process)
        yield node.bootstrap_servers
    finally:
        process.stop()


@contextmanager
def running_elasticsearch(home: Path, folders: EngineFolders, java: Java) -> Iterator[Elasticsearch]:
    """A node on ports that are new each time; gives a client of it."""
    port, transport_port = free_ports(2)
    node = ElasticsearchNode(home, port, transport_port, heap_mb=384, jvm_flags=QUICK_START)
    process = node.start(folders.elasticsearch, java)
    try:
        node.wait_until_ready(process)
        with Elasticsearch(node.url) as client:
            yield client
    finally:
        process.stop()


def create_topic(bootstrap_servers: str, topic: str) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap_servers)) as admin:
        admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])


def test_a_record_survives_a_restart_of_kafka_on_another_port(tmp_path: Path, folders: EngineFolders, java: Java) -> None:
    with running_kafka(tmp_path, folders, java) as bootstrap_servers:
        create_topic(bootstrap_servers, "kept")
        with closing(KafkaProducer(bootstrap_servers=bootstrap_servers, acks="all")) as producer:
            producer.send("kept", b"the article").get(timeout=30)

    with (
        running_kafka(tmp_path, folders, java) as other_bootstrap_servers,
        closing(KafkaConsumer(bootstrap_servers=other_bootstrap_servers, consumer_timeout_ms=30_000)) as consumer,
    ):
        consumer.assign([TopicPartition("kept", 0)])
        consumer.seek_to_beginning()
        record = next(consumer)

    assert other_bootstrap_servers != bootstrap_servers
    assert record.value == b"the article"


def test_a_topic_is_not_made_by_writing_to_it(engines: Engines) -> None:
    with (
        closing(KafkaProducer(bootstrap_servers=engines.kafka_bootstrap, max_block_ms=2000)) as producer,
        pytest.raises(KafkaError),
    ):
        producer.send("nobody.made.this", b"lost").get(timeout=30)

    with closing(KafkaAdminClient(bootstrap_servers=engines.kafka_bootstrap)) as admin:
        assert "nobody.made.this" not in admin.list_topics()


def test_a_document_survives_a_restart_of_elasticsearch(tmp_path: Path, folders: EngineFolders, java: Java) -> None:
    home = tmp_path / "a home with blanks"
    with running_elasticsearch(home, folders, java) as client:
        client.index(index="kept", id="1", document={"headline": "the article"})

    with running_elasticsearch(home, folders, java) as client:
        document = client.get(index="kept", id="1")["_source"]

    remove(home)
    assert document == {"headline": "the article"}


def test_an_older_version_of_a_document_is_a_conflict(engines: Engines) -> None:
    with Elasticsearch(engines.elasticsearch_url) as client:
        client.index(index="versions", id="1", document={"revision": 2}, version=2, version_type="external")

        with pytest.raises(ConflictError) as caught:
            client.index(index="versions", id="1", document={"revision": 1}, version=1, version_type="external")

        assert caught.value.status_code == 409
        assert client.get(index="versions", id="1")["_source"] == {"revision": 2}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Elasticsearch as another user, who may not reach the home")
def test_what_elasticsearch_keeps_outside_of_a_private_home_is_removed_with_it(
    tmp_path: Path, folders: EngineFolders, java: Java
) -> None:
    tmp_path.chmod(0o700)
    home = tmp_path / "home"
    with running_elasticsearch(home / "elasticsearch", folders, java):
        outside = (home / "elasticsearch" / OUTSIDE_LINK).readlink()
        kept = (outside / "data").is_dir()

    remove(home)

    assert kept
    assert not outside.exists()
    assert not home.exists()
