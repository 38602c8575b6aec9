"""Ports of this machine: free ones for tests, and an error before the start when a wanted one is taken."""

import socket
from collections.abc import Mapping
from contextlib import ExitStack

from shared.failures import Misconfigured

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Different ports of the loopback address that nobody listens on now; another process may still come first."""
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]


def free_port() -> int:
    """One port, as `free_ports` finds them."""
    return free_ports(1)[0]


def check_free(ports: Mapping[str, int]) -> None:
    """Raises Misconfigured that names every port that cannot be had, and the setting that changes it.

    Args:
        ports: name of the setting to the port that it asks for.
    """
    wrong = []
    for setting, port in ports.items():
        same = [other for other in ports if other != setting and ports[other] == port]
        reason = f"is also that of {' and '.join(same)}" if same else _obstacle(port)
        if reason is not None:
            wrong.append(f"port {port} ({setting}) {reason}")
    if wrong:
        raise Misconfigured(f"{'; '.join(wrong)}: end what uses them or set other ports.")


def _obstacle(port: int) -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the engines do it: a connection that closed a moment ago is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return "is taken" if _answers(port) else f"cannot be used ({error.strerror})"
    # Where one process listens on every address, macOS still lets another bind to the loopback.
    return "is taken" if _answers(port) else None


def _answers(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
