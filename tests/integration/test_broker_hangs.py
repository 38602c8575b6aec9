"""Services are told to stop while their broker hangs: they end in time; on a broker of this test's own, stopped and continued."""

import os
import signal
import time

import pytest

from ops.cli.setup import create_topics
from ops.local.downloads import fetch_engines
from ops.local.java import QUICK_START, require_java
from ops.local.kafka import KafkaNode
from ops.local.ports import free_ports
from ops.local.services import RunningService, plan_services
from ops.local.settings import LocalGroup
from shared.settings import KafkaSettings
from tests.engines import DOWNLOADS_HOME

#: What docker compose and Kubernetes are told to wait before they kill.
GRACE_SECONDS = 20


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    home = tmp_path_factory.mktemp("hanging")
    port, controller = free_ports(2)
    node = KafkaNode(home / "kafka", port, controller, heap_mb=256, jvm_flags=QUICK_START)
    process = node.start(fetch_engines(DOWNLOADS_HOME).kafka_libs, require_java())
    node.wait_until_ready(process)
    create_topics(KafkaSettings(bootstrap_servers=node.bootstrap_servers), 4, 1)
    yield node, process
    process.stop()


@pytest.mark.parametrize("name", ["ingest", "enrich"])
def test_sigterm_ends_a_service_in_time_though_the_broker_hangs(broker, tmp_path, name):
    node, process = broker
    ingest, search, operations = free_ports(3)
    settings = LocalGroup(home=tmp_path, ingest_port=ingest, search_port=search, **{f"{name}_operations_port": operations})
    plans = plan_services(settings, node.bootstrap_servers, "http://127.0.0.1:9", "0" * 64)
    (service,) = [RunningService(plan) for plan in plans if plan.name == name]
    service.start()
    try:
        service.wait_until_ready(60)
        os.kill(process.pid, signal.SIGSTOP)
        began = time.monotonic()
        service.process.popen.terminate()
        code = service.process.popen.wait(60)
        took = time.monotonic() - began
    finally:
        os.kill(process.pid, signal.SIGCONT)
        service.process.stop(1)
    assert took < GRACE_SECONDS
    assert code == 0, service.process.log_end()
