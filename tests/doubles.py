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
def http_double(answer: Answer) -> Iterator[str]:
    """A server on the loopback address that answers as told, and names itself Elasticsearch; yields its URL."""

    class DoubleRequest(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, content = answer(self.path, body)
            encoded = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        do_PUT = do_POST  # noqa: N815 - the name that http.server asks for

        def log_message(self, *_: object) -> None:
            """Not logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), DoubleRequest)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
