import socket
from collections.abc import Iterator

import pytest

from ops.local.ports import check_free, free_port, free_ports
from shared.failures import Misconfigured


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20


def test_a_free_port_passes() -> None:
    check_free({"DATELINE_LOCAL_KAFKA_PORT": free_port()})


def test_a_taken_port_is_named_with_its_setting(taken: int) -> None:
    with pytest.raises(Misconfigured, match=rf"port {taken} \(DATELINE_LOCAL_KAFKA_PORT\) is taken"):
        check_free({"DATELINE_LOCAL_KAFKA_PORT": taken})


def test_every_taken_port_is_named_at_once(taken: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        other = server.getsockname()[1]
        with pytest.raises(Misconfigured) as caught:
            check_free({"A": taken, "B": free_port(), "C": other})

    assert str(caught.value) == f"port {taken} (A) is taken; port {other} (C) is taken: end what uses them or set other ports."


def test_a_port_taken_on_every_address_is_taken() -> None:
    with socket.create_server(("", 0)) as server, pytest.raises(Misconfigured, match="is taken"):
        check_free({"A": server.getsockname()[1]})


def test_two_settings_with_one_port_are_an_error() -> None:
    port = free_port()

    with pytest.raises(Misconfigured, match=rf"port {port} \(A\) is also that of B"):
        check_free({"A": port, "B": port})
