"""Real engines for the tests: Kafka and Elasticsearch on free ports, started once for a test run and ended with it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.local.dictionaries import fetch_dictionaries
from ops.local.downloads import fetch_engines
from ops.local.elasticsearch import ElasticsearchNode, remove
from ops.local.java import QUICK_START, require_java
from ops.local.kafka import KafkaNode
from ops.local.ports import free_ports

#: Shared with `make run`, so that the engines are fetched once for a checkout.
DOWNLOADS_HOME = Path(__file__).parents[1] / ".dateline"


@dataclass(frozen=True)
class Engines:
    """Where the engines listen."""

    kafka_bootstrap: str
    elasticsearch_url: str


@contextmanager
def running_engines(
    downloads_home: Path, scratch: Path, jvm_flags: tuple[str, ...] = QUICK_START, elasticsearch_mb: int = 384
) -> Iterator[Engines]:
    """Starts both at the same time on free ports, and ends them and deletes `scratch` afterwards.

    Args:
        downloads_home: the home whose engines are used, and fetched when they are not there.
        scratch: folder for their data and logs.
        jvm_flags: those of tests start quickly and run slowly; benchmarks give none, as `make run`.
        elasticsearch_mb: the heap of Elasticsearch in MiB.
    """
    folders = fetch_engines(downloads_home)
    java = require_java()
    port, controller_port, http_port, transport_port = free_ports(4)
    kafka = KafkaNode(scratch / "kafka", port, controller_port, heap_mb=256, jvm_flags=jvm_flags)
    elasticsearch = ElasticsearchNode(
        scratch / "elasticsearch",
        http_port,
        transport_port,
        heap_mb=elasticsearch_mb,
        configuration=fetch_dictionaries(downloads_home).configuration,
        jvm_flags=jvm_flags,
    )
    with ExitStack() as cleanup:
        cleanup.callback(remove, scratch)
        # Elasticsearch takes longest: it goes first, and Kafka formats its storage meanwhile.
        elasticsearch_process = elasticsearch.start(folders.elasticsearch, java)
        cleanup.callback(elasticsearch_process.stop)
        kafka_process = kafka.start(folders.kafka_libs, java)
        cleanup.callback(kafka_process.stop)
        with ThreadPoolExecutor() as pool:
            waits = [
                pool.submit(kafka.wait_until_ready, kafka_process),
                pool.submit(elasticsearch.wait_until_ready, elasticsearch_process),
            ]
        for wait in waits:
            wait.result()
        yield Engines(kafka.bootstrap_servers, elasticsearch.url)


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Both engines, one pair for all tests: tests share it by using names of their own for topics and indices."""
    with running_engines(DOWNLOADS_HOME, tmp_path_factory.mktemp("engines")) as running:
        yield running
