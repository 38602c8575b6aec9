"""Servers that speak TLS with a certificate of the tests, for what clients make of certificates."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_server

from tests.certificates import Certificate


@contextmanager
def serving_tls(answer: Callable[[BaseHTTPRequestHandler], None], certificate: Certificate) -> Iterator[str]:
    """As `doubles.serving`, by https; yields its URL."""

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_PUT = do_GET  # noqa: N815 - the names that http.server asks for

        def log_message(self, *_: object) -> None:
            """Not logged."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what is tested."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    server = Server(("127.0.0.1", 0), Request)
    # The handshake is done in the thread of the connection, so that one that fails does not end the server.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def listening(beginnings: list[bytes]) -> Iterator[int]:
    """A port that keeps the first bytes of every connection and hangs up; yields its number."""
    with create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(5)
                        with suppress(OSError):
                            beginnings.append(connection.recv(5))

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(2)
            thread.join()
