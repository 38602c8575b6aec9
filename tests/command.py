"""Runs the command `dateline` as a user would."""

import os
import subprocess
import sys
from pathlib import Path

DATELINE = Path(sys.executable).with_name("dateline")


def dateline(*arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """What the command answers; `settings` are environment variables, and no others of Dateline's are set."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")} | settings
    return subprocess.run([DATELINE, *arguments], env=environment, capture_output=True, text=True, check=False)
