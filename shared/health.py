"""The operations port of every service: `/healthz` (is it alive), `/readyz` (can it work), `/metrics` (for Prometheus)."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.failures import Misconfigured
from shared.metrics import READY
from shared.settings import PREFIX, OperationsSettings

#: A loop that has not come round for so long is stuck: every batch is bounded to much less.
STUCK_AFTER_SECONDS = 120.0

#: Answers None when all is well, or else says what is not.
Check = Callable[[], str | None]


@dataclass
class Health:
    """What a service knows about itself. `beat` is called by its loop each time round; `checks` are asked by `/readyz`.

    `notes` are shown by `/readyz` without making the service unready: what it does less well than it should.
    """

    checks: dict[str, Check] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    _last_beat: float | None = None

    def beat(self) -> None:
        """The loop has come round."""
        self._last_beat = time.monotonic()

    def alive(self) -> tuple[bool, dict[str, Any]]:
        """Whether the loop comes round; a service without a loop is alive when it can answer this."""
        if self._last_beat is None:
            return True, {"status": "alive"}
        silent = time.monotonic() - self._last_beat
        alive = silent < STUCK_AFTER_SECONDS
        return alive, {"status": "alive" if alive else "stuck", "seconds_since_last_round": round(silent, 3)}

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether every check is content, with the answer of each."""
        answers = {name: check() for name, check in self.checks.items()}
        ready = bool(answers) and all(answer is None for answer in answers.values())  # no check yet: it is starting
        report: dict[str, Any] = {
            "status": "ready" if ready else "not ready",
            "checks": {name: answer or "ok" for name, answer in answers.items()},
        }
        return ready, report | ({"notes": self.notes} if self.notes else {})


#: What threads of this process wait for before they can work, by their id.
waiting: dict[int, str] = {}


def connecting() -> str:
    """The check of a side that is being connected to for the first time, with what it answered last."""
    reasons = "; ".join(dict.fromkeys(waiting.values()))
    return f"is being connected to: {reasons}" if reasons else "is being connected to"


def _request_class(health: Health) -> type[BaseHTTPRequestHandler]:
    class OperationsRequest(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server asks for
            path = self.path.split("?")[0]
            if path == "/metrics":
                READY.set(health.ready()[0])
                self._send(200, CONTENT_TYPE_LATEST, generate_latest())
            elif path in ("/healthz", "/readyz"):
                good, report = health.alive() if path == "/healthz" else health.ready()
                self._send(200 if good else 503, "application/json", json.dumps(report).encode())
            else:
                self._send(404, "text/plain; charset=utf-8", b"this port answers /healthz, /readyz and /metrics\n")

        def _send(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Scrapes are not logged."""

    return OperationsRequest


@contextmanager
def operations_server(health: Health, settings: OperationsSettings) -> Iterator[int]:
    """Answer on the operations port, in a thread of its own, while the body runs; yields the port."""
    try:
        server = ThreadingHTTPServer((settings.host, settings.port), _request_class(health))
    except OSError as error:
        raise Misconfigured(
            f"cannot listen on {settings.host}:{settings.port} for /healthz and /metrics ({error.strerror}); "
            f"set {PREFIX}OPERATIONS_HOST and {PREFIX}OPERATIONS_PORT"
        ) from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="operations", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
