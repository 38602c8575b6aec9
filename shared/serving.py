"""Runs an HTTP app under uvicorn until the service is told to stop; requests under way are answered first."""

import socket
import threading
from contextlib import AbstractContextManager, nullcontext

import uvicorn
from fastapi import FastAPI

from shared.failures import Misconfigured
from shared.settings import PREFIX

_GRACE_SECONDS = 8


def serve_http(app: FastAPI, host: str, port: int, group: str, stop: threading.Event, *, believes_proxies: bool = True) -> None:
    """Serve `app` until `stop` is set. `believes_proxies`: what a proxy on this machine says about where requests come from is so.

    Misconfigured, naming the settings of `group`, when the port is taken.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
        proxy_headers=believes_proxies,
        lifespan="on",
    )
    server = _Server(config)
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
    except OSError as error:
        raise Misconfigured(
            f"cannot listen on {host}:{port} ({error.strerror}); set {PREFIX}{group}_HOST and {PREFIX}{group}_PORT"
        ) from error
    watcher = threading.Thread(target=_stop_with, args=(server, stop), name="stop-http", daemon=True)
    watcher.start()
    # asyncio sets this only on sockets that say they are TCP, as these do not; without it an answer waits 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # ours answers the same kind of thing
        """Signals are the business of `shared.service`, whose clock for a hard stop starts with them."""
        return nullcontext()


def _stop_with(server: uvicorn.Server, stop: threading.Event) -> None:
    stop.wait()
    server.should_exit = True
