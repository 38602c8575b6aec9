"""`python -m ops.console`: what `dateline run` starts."""

import sys

from ops.cli.settings import CLISettings
from ops.console.command import serve
from shared.failures import Misconfigured
from shared.service import EXIT_CONFIG
from shared.settings import load_settings

if __name__ == "__main__":
    try:
        serve(load_settings(CLISettings))
    except Misconfigured as error:
        sys.stderr.write(f"console: {error}\n")
        sys.exit(EXIT_CONFIG)
