"""The six services as processes of this machine: what each is told, started, watched, restarted, and stopped by its pid."""

import hashlib
import os
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.local.processes import Launch, WatchedProcess, node_mark, start_process
from ops.local.settings import LocalGroup
from shared.service import EXIT_CONFIG
from shared.settings import PREFIX

_KEY_BYTES = 32
#: What this machine is called in address bars.
_LOCAL_HOSTS = ("127.0.0.1", "localhost")
#: Pictures of the sample news, whose addresses lead nowhere.
_PICTURES = Path(__file__).resolve().parents[1] / "sample" / "pictures"
NAMES = ("ingest", "enrich", "popularity", "indexer", "search", "webhooks")


@dataclass(frozen=True)
class ServicePlan:
    """One service to be run: `environment` is all it is told, `operations_port` is where it says how it is.

    `module` is what Python runs, where that is not `services.<name>`.
    """

    name: str
    environment: Mapping[str, str]
    operations_port: int
    log: Path
    module: str | None = None


def plan_services(settings: LocalGroup, kafka: str, elasticsearch: str, token_hash: str) -> list[ServicePlan]:
    """What to run beside the engines at `kafka` (host:port) and `elasticsearch` (URL).

    `DATELINE_…` variables of this process are handed on, so that every setting of a service can be tried.
    """
    home = settings.home.absolute()
    comments_token = _kept_key(home / "comments-token")
    common = {name: value for name, value in os.environ.items() if not name.startswith(f"{PREFIX}LOCAL_")}
    common |= {
        "DATELINE_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "DATELINE_ELASTICSEARCH_URL": elasticsearch,
        "DATELINE_INGEST_PORT": str(settings.ingest_port),
        "DATELINE_INGEST_TOKEN_HASHES": f"{token_hash} {hashlib.sha256(comments_token.encode()).hexdigest()}",
        "DATELINE_INGEST_SALT_FILE": str(home / "visitor-salt"),
        "DATELINE_INGEST_VIEW_ORIGINS": " ".join(f"http://{host}:{settings.search_port}" for host in _LOCAL_HOSTS),
        "DATELINE_SEARCH_PORT": str(settings.search_port),
        "DATELINE_SEARCH_VIEW_ENDPOINT": f"http://127.0.0.1:{settings.ingest_port}/v1/views",
        "DATELINE_SEARCH_SAVING_TOKEN_HASHES": token_hash,
        "DATELINE_SEARCH_PAGES_KEY": _kept_key(home / "pages-key"),
        "DATELINE_SEARCH_PICTURE_MIRROR": str(_PICTURES),
        "DATELINE_SEARCH_COMMENT_ENDPOINT": f"http://127.0.0.1:{settings.ingest_port}/v1/comments",
        "DATELINE_SEARCH_COMMENT_TOKEN": comments_token,
        "DATELINE_PAGE_TOKEN_KEY": _kept_key(home / "page-token-key"),
        "DATELINE_WEBHOOKS_KEY": _kept_key(home / "webhooks-key"),
    }
    plans = []
    for name in NAMES:
        port = int(getattr(settings, f"{name}_operations_port"))
        plans.append(ServicePlan(name, common | {"DATELINE_OPERATIONS_PORT": str(port)}, port, home / "logs" / f"{name}.log"))
    return plans


def plan_console(settings: LocalGroup, kafka: str, elasticsearch: str, token: str, token_hash: str) -> ServicePlan:
    """The operators' page beside the services, for whoever has the local token. It says at its own port that it is ready."""
    operations = (f"{name}=http://127.0.0.1:{getattr(settings, f'{name}_operations_port')}" for name in NAMES)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(f"{PREFIX}LOCAL_")} | {
        "DATELINE_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "DATELINE_ELASTICSEARCH_URL": elasticsearch,
        "DATELINE_CLI_INGEST_URL": f"http://127.0.0.1:{settings.ingest_port}",
        "DATELINE_CLI_TOKEN": token,
        "DATELINE_CLI_OPERATIONS": " ".join(operations),
        "DATELINE_CONSOLE_PORT": str(settings.console_port),
        "DATELINE_CONSOLE_TOKEN_HASHES": token_hash,
    }
    log = settings.home.absolute() / "logs" / "console.log"
    return ServicePlan("console", environment, settings.console_port, log, "ops.console")


def _kept_key(file: Path) -> str:
    """A key that services share, by which they sign: made and kept in the file (mode 0600) at the first call."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(_KEY_BYTES), encoding="ascii")
    return file.read_text(encoding="ascii").strip()


@dataclass
class RunningService:
    """A service's process. It is started again when it ends, as a supervisor would, unless its settings are wrong."""

    plan: ServicePlan
    process: WatchedProcess = field(init=False)

    def start(self) -> None:
        """Start it; its output is appended to its log."""
        self.plan.log.parent.mkdir(parents=True, exist_ok=True)
        pid_file = self.plan.log.with_suffix(".pid")
        command = (sys.executable, "-m", self.plan.module or f"services.{self.plan.name}", node_mark(pid_file))
        launch = Launch(self.plan.name, command, pid_file, self.plan.environment, self.plan.log, self.plan.log)
        self.process = start_process(launch)

    def restart_if_ended(self) -> bool:
        """Whether it had ended and was started again; Misconfigured when it ended for its settings."""
        code = self.process.exit_code()
        if code is None:
            return False
        if code == EXIT_CONFIG:
            self.process.check_running()
        self.process.stop()
        self.start()
        return True

    def wait_until_ready(self, timeout_seconds: float) -> None:
        """Returns once `/readyz` answers 200; errors as in `WatchedProcess.wait_until`."""
        self.process.wait_until(self._obstacle, timeout_seconds)

    def _obstacle(self) -> str | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.plan.operations_port}/readyz", timeout=5):
                return None
        except urllib.error.HTTPError as error:
            return f"/readyz answered {error.read().decode('utf-8', 'replace')}"
        except OSError as error:
            return f"/readyz does not answer ({error})"


def stop_services(services: list[RunningService], grace_seconds: float = 8.0) -> None:
    """SIGTERM to all, and kill -9 to those that are still there after the grace, which is safe: offsets are committed last."""
    started = [service for service in services if hasattr(service, "process")]
    for service in started:
        service.process.popen.terminate()
    deadline = time.monotonic() + grace_seconds
    for service in started:
        service.process.stop(max(0.1, deadline - time.monotonic()))
