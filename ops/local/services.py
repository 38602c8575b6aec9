"""The five services as processes of this machine: what each is told, started, watched, restarted, and stopped by its pid."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.local.settings import LocalGroup
from shared.failures import Misconfigured, Unavailable
from shared.settings import PREFIX

NAMES = ("ingest", "enrich", "popularity", "indexer", "search")
_EXIT_CONFIG = 78
_LOG_LINES_SHOWN = 12
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class ServicePlan:
    """One service to be run: `environment` is all it is told, `operations_port` is where it says how it is."""

    name: str
    environment: Mapping[str, str]
    operations_port: int
    log: Path


def plan_services(settings: LocalGroup, kafka: str, elasticsearch: str, token_hash: str) -> list[ServicePlan]:
    """What to run beside the engines at `kafka` (host:port) and `elasticsearch` (URL).

    `DATELINE_…` variables of this process are handed on, so that every setting of a service can be tried.
    """
    home = settings.home.absolute()
    common = {name: value for name, value in os.environ.items() if not name.startswith(f"{PREFIX}LOCAL_")}
    common |= {
        "DATELINE_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "DATELINE_ELASTICSEARCH_URL": elasticsearch,
        "DATELINE_INGEST_PORT": str(settings.ingest_port),
        "DATELINE_INGEST_TOKEN_HASHES": token_hash,
        "DATELINE_INGEST_SALT_FILE": str(home / "visitor-salt"),
        "DATELINE_SEARCH_PORT": str(settings.search_port),
    }
    plans = []
    for name in NAMES:
        port = int(getattr(settings, f"{name}_operations_port"))
        plans.append(ServicePlan(name, common | {"DATELINE_OPERATIONS_PORT": str(port)}, port, home / "logs" / f"{name}.log"))
    return plans


@dataclass
class RunningService:
    """A service's process. It is started again when it ends, as a supervisor would, unless its settings are wrong."""

    plan: ServicePlan
    process: subprocess.Popen[bytes] = field(init=False)
    starts: int = 0

    def start(self) -> None:
        """Start it; its output is appended to its log."""
        self.plan.log.parent.mkdir(parents=True, exist_ok=True)
        with self.plan.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", f"services.{self.plan.name}"],
                cwd=Path(__file__).resolve().parents[2],
                env=dict(self.plan.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is for the one who runs it, who then stops it in order
            )
        self.starts += 1

    def restart_if_ended(self) -> bool:
        """Whether it had ended and was started again; Misconfigured when it ended for its settings."""
        code = self.process.poll()
        if code is None:
            return False
        if code == _EXIT_CONFIG:
            raise Misconfigured(f"{self.plan.name} refuses its settings. The end of its log {self.plan.log}:\n{self.log_end()}")
        self.start()
        return True

    def wait_until_ready(self, deadline: float) -> None:
        """Returns once `/readyz` answers 200; Unavailable, with what it said last, after the deadline (monotonic)."""
        answer = "nothing"
        while time.monotonic() < deadline:
            self.restart_if_ended()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.plan.operations_port}/readyz", timeout=5):
                    return
            except urllib.error.HTTPError as error:
                answer = error.read().decode("utf-8", "replace")
            except OSError as error:
                answer = str(error)
            time.sleep(_POLL_SECONDS)
        raise Unavailable(
            f"{self.plan.name} is not ready: /readyz answered {answer}. The end of its log {self.plan.log}:\n{self.log_end()}"
        )

    def log_end(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.plan.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES_SHOWN:])


def stop_services(services: list[RunningService], grace_seconds: float = 8.0) -> None:
    """SIGTERM to all, and kill -9 to those that are still there after the grace, which is safe: offsets are committed last."""
    running = [service for service in services if service.process.poll() is None]
    for service in running:
        service.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    for service in running:
        try:
            service.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            service.process.kill()
            service.process.wait()
