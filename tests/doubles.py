"""Stand-ins that give the faults which the real things do not give on demand."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: (path, body) -> status and JSON.
Answer = Callable[[str, bytes], tuple[int, Any]]


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None], host: str = "127.0.0.1") -> Iterator[str]:
    """A web server on a loopback address that lets `answer` deal with every request; yields its URL."""

    class Request(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self)

        do_GET = do_PUT = do_POST  # noqa: N815 - the names that http.server asks for

        def log_message(self, *_: object) -> None:
            """Not logged."""

    server = ThreadingHTTPServer((host, 0), Request)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(request: BaseHTTPRequestHandler, status: int, content: bytes, **headers: str) -> None:
    """Answer a request; `_` in the name of a header stands for `-`."""
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


@contextmanager
def http_double(answer: Answer) -> Iterator[str]:
    """A server that answers as told, and names itself Elasticsearch; yields its URL."""

    def answer_json(request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        status, content = answer(request.path, body)
        encoded = content if isinstance(content, bytes) else json.dumps(content).encode()
        send(request, status, encoded, Content_Type="application/json", X_Elastic_Product="Elasticsearch")

    with serving(answer_json) as url:
        yield url
