"""What the operations port tells Prometheus of whether the service can work."""

import urllib.request

from ops.local.ports import free_port
from shared.health import Health, operations_server
from shared.settings import OperationsSettings


def test_whether_the_service_is_ready_is_a_metric_as_of_the_moment_it_is_asked():
    health = Health()
    answers: list[str | None] = ["away", None]
    health.checks["kafka"] = lambda: answers[0]

    with operations_server(health, OperationsSettings(port=free_port())) as port:

        def told():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                return [line for line in answer.read().decode().splitlines() if line.startswith("dateline_ready ")]

        assert told() == ["dateline_ready 0.0"]
        answers[0] = None
        assert told() == ["dateline_ready 1.0"]
