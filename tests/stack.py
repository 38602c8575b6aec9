"""The six services as real processes beside the real engines, for tests of the whole."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
from elasticsearch import Elasticsearch

from ops.cli.setup import create_indices, create_topics
from ops.cli.tokens import local_token
from ops.local.ports import free_ports
from ops.local.services import NAMES, RunningService, plan_services, stop_services
from ops.local.settings import LocalGroup
from shared.settings import KafkaSettings
from tests.engines import Engines

_READY_SECONDS = 90.0
#: Feeds of tests are served on this machine, from where ingest fetches nothing unless it is told so.
_FETCHES_HERE = {"DATELINE_INGEST_FETCH_ALLOWED_NETWORKS": "127.0.0.0/8"}
T = TypeVar("T")


@dataclass(frozen=True)
class Stack:
    """Where everything answers, and its processes."""

    engines: Engines
    services: dict[str, RunningService]
    ingest: httpx2.Client
    search: httpx2.Client
    elastic: Elasticsearch
    token: str
    home: Path

    def operations(self, service: str, path: str) -> httpx2.Response:
        """What the operations port of a service answers."""
        return httpx2.get(f"http://127.0.0.1:{self.services[service].plan.operations_port}{path}", trust_env=False)


@contextmanager
def running_stack(
    engines: Engines, home: Path, names: tuple[str, ...] = NAMES, settings_of_all: Mapping[str, str] = _FETCHES_HERE
) -> Iterator[Stack]:
    """Set up and run these services until the body ends; `settings_of_all` are environment variables."""
    create_topics(KafkaSettings(bootstrap_servers=engines.kafka_bootstrap), 4, 1)
    elastic = Elasticsearch(engines.elasticsearch_url)
    create_indices(elastic)
    ports = free_ports(2 + len(NAMES))
    operations = {f"{name}_operations_port": port for name, port in zip(NAMES, ports[2:], strict=True)}
    settings = LocalGroup(home=home, ingest_port=ports[0], search_port=ports[1], **operations)
    token, token_hash = local_token(home)
    plans = plan_services(settings, engines.kafka_bootstrap, engines.elasticsearch_url, token_hash)
    plans = [replace(plan, environment={**plan.environment, **settings_of_all}) for plan in plans]
    services = {plan.name: RunningService(plan) for plan in plans if plan.name in names}
    headers = {"Authorization": f"Bearer {token}"}
    try:
        for service in services.values():
            service.start()
        for service in services.values():
            service.wait_until_ready(_READY_SECONDS)
        with (
            httpx2.Client(base_url=f"http://127.0.0.1:{ports[0]}", headers=headers, trust_env=False, timeout=30) as ingest,
            httpx2.Client(base_url=f"http://127.0.0.1:{ports[1]}", trust_env=False, timeout=30) as search,
        ):
            yield Stack(engines, services, ingest, search, elastic, token, home)
    finally:
        stop_services(list(services.values()))
        elastic.close()


@pytest.fixture(scope="package")
def stack(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole of Dateline, running; one for all tests of a package, so that it is in nobody's consumer group after them."""
    with running_stack(engines, tmp_path_factory.mktemp("stack")) as running:
        yield running


def eventually(look: Callable[[], T], holds: Callable[[T], Any], timeout_seconds: float = 30.0) -> T:
    """What `look` sees as soon as `holds` is true of it; fails with the last sight when that does not come in time."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        seen = look()
        if holds(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come about within {timeout_seconds} s; last seen: {seen}")
        time.sleep(0.05)  # between two looks at the condition
