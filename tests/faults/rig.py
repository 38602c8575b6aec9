"""Real engines and services that a run strikes: each can be killed and comes back where it was, and every link can fail."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
from elasticsearch import Elasticsearch

from ops.cli.setup import create_indices, create_topics
from ops.cli.tokens import local_token
from ops.local.dictionaries import fetch_dictionaries
from ops.local.downloads import EngineFolders, fetch_engines
from ops.local.elasticsearch import ElasticsearchNode
from ops.local.java import QUICK_START, Java, require_java
from ops.local.kafka import KafkaNode
from ops.local.ports import free_ports
from ops.local.processes import WatchedProcess
from ops.local.services import NAMES, RunningService, plan_services, stop_services
from ops.local.settings import LocalGroup
from shared.settings import KafkaSettings
from tests.engines import DOWNLOADS_HOME
from tests.faults.plans import SERVICES
from tests.faults.proxy import Link, linked

PARTITIONS = 4
_READY_SECONDS = 120.0
#: Waits that are minutes in production are seconds here, so that a run meets more of them.
SETTINGS = {
    "DATELINE_KAFKA_SESSION_TIMEOUT_SECONDS": "6",
    "DATELINE_POPULARITY_CHECKPOINT_SECONDS": "0.5",
    "DATELINE_INDEXER_BATCH_RECORDS": "50",
    "DATELINE_INGEST_FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    "DATELINE_LOG_LEVEL": "info",
}


@dataclass
class Rig:
    """What runs. Services reach the engines through `links` only; `kafka` and `elastic` of the test go past them."""

    kafka: KafkaSettings
    elastic: Elasticsearch
    links: dict[str, Link]
    services: dict[str, RunningService]
    ingest_url: str
    search_url: str
    token: str
    logs: Path
    _kafka_node: KafkaNode
    _elastic_node: ElasticsearchNode
    _folders: EngineFolders
    _java: Java
    _engines: dict[str, WatchedProcess] = field(default_factory=dict)

    def client(self) -> httpx2.Client:
        """Of ingest, with a token for everything."""
        return httpx2.Client(
            base_url=self.ingest_url, headers={"Authorization": f"Bearer {self.token}"}, trust_env=False, timeout=20
        )

    def start_engines(self) -> None:
        """Start what does not run, and wait until it answers."""
        self.start_broker()
        self.start_elasticsearch()

    def start_broker(self) -> None:
        """Start it, where it left off."""
        self._engines["kafka"] = self._kafka_node.start(self._folders.kafka_libs, self._java)
        self._kafka_node.wait_until_ready(self._engines["kafka"], _READY_SECONDS)

    def start_elasticsearch(self) -> None:
        """Start it, where it left off."""
        self._engines["elasticsearch"] = self._elastic_node.start(self._folders.elasticsearch, self._java)
        self._elastic_node.wait_until_ready(self._engines["elasticsearch"], _READY_SECONDS)

    def kill_engine(self, name: str) -> None:
        """SIGKILL to its whole session; nothing is flushed."""
        process = self._engines[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.popen.wait()
        process.stop()

    def stop(self) -> None:
        """End all that still runs."""
        for service in self.services.values():
            if hasattr(service, "process"):
                service.process.popen.send_signal(signal.SIGCONT)
        stop_services(list(self.services.values()))
        for process in self._engines.values():
            process.stop()


@contextmanager
def running_rig(scratch: Path, with_search: bool = True) -> Iterator[Rig]:  # noqa: FBT001, FBT002 - a switch of tests
    """Everything, set up and ready; ended afterwards. Logs stay in `scratch`."""
    ports = free_ports(8 + len(NAMES))
    kafka_port, proxied_port, kafka_link_port, controller, http, transport, ingest, search = ports[:8]
    elastic_link_port = free_ports(1)[0]
    kafka_node = KafkaNode(
        scratch / "kafka", kafka_port, controller, heap_mb=384, jvm_flags=QUICK_START, properties=_proxied(
            kafka_port, proxied_port, kafka_link_port, controller
        )
    )  # fmt: skip
    elastic_node = ElasticsearchNode(
        scratch / "elasticsearch",
        http,
        transport,
        heap_mb=512,
        configuration=fetch_dictionaries(DOWNLOADS_HOME).configuration,
        jvm_flags=QUICK_START,
        settings={"cluster.info.update.interval": "10s"},
    )
    with ExitStack() as cleanup:
        links = {
            "kafka": cleanup.enter_context(linked(kafka_link_port, proxied_port)),
            "elasticsearch": cleanup.enter_context(linked(elastic_link_port, http)),
        }
        operations = {f"{name}_operations_port": port for name, port in zip(NAMES, ports[8:], strict=True)}
        local = LocalGroup(home=scratch, ingest_port=ingest, search_port=search, **operations)
        token, token_hash = local_token(scratch)
        plans = plan_services(local, f"127.0.0.1:{kafka_link_port}", f"http://127.0.0.1:{elastic_link_port}", token_hash)
        names = (*SERVICES, "search") if with_search else SERVICES
        rig = Rig(
            KafkaSettings(bootstrap_servers=kafka_node.bootstrap_servers, delivery_timeout_seconds=60),
            Elasticsearch(elastic_node.url, request_timeout=30),
            links,
            {
                plan.name: RunningService(replace(plan, environment={**plan.environment, **SETTINGS}))
                for plan in plans
                if plan.name in names
            },
            f"http://127.0.0.1:{ingest}",
            f"http://127.0.0.1:{search}",
            token,
            scratch / "logs",
            kafka_node,
            elastic_node,
            fetch_engines(DOWNLOADS_HOME),
            require_java(),
        )
        cleanup.callback(rig.elastic.close)
        cleanup.callback(rig.stop)
        rig.start_engines()
        create_topics(rig.kafka, PARTITIONS, 1)
        create_indices(rig.elastic)
        for service in rig.services.values():
            service.start()
        for service in rig.services.values():
            service.wait_until_ready(_READY_SECONDS)
        yield rig


def _proxied(port: int, proxied_port: int, link_port: int, controller: int) -> dict[str, str]:
    """A second listener, which names the link to those who come by it, so that they do not go round it."""
    here = "127.0.0.1"
    return {
        "listeners": f"PLAINTEXT://{here}:{port},PROXIED://{here}:{proxied_port},CONTROLLER://{here}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{here}:{port},PROXIED://{here}:{link_port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "group.min.session.timeout.ms": "6000",
    }
