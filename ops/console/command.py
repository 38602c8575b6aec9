"""`dateline console`: serves the operators' web page until it is stopped."""

import sys

from ops.cli.settings import CLISettings
from ops.console.app import build_console
from shared.logs import set_up_logs
from shared.service import stop_event
from shared.serving import serve_http
from shared.settings import LogSettings, load_settings


def console() -> None:
    """The operators' web page: status, dead letters to mend and put back, the way of an article. Asks for a token."""
    serve(load_settings(CLISettings))


def serve(settings: CLISettings) -> None:
    """Serve until SIGTERM or SIGINT. Raises Misconfigured when nobody may enter, or the port is taken."""
    app = build_console(settings)
    set_up_logs("console", LogSettings())
    sys.stderr.write(f"http://{settings.console.host}:{settings.console.port}/\n")
    serve_http(app, settings.console.host, settings.console.port, "CONSOLE", stop_event(), believes_proxies=False)
