"""Runs the commands that stand in a document, in its order, on the stack of the tests."""

import os
import re
import subprocess
from functools import partial
from pathlib import Path

from tests.stack import Stack, eventually

ROOT = Path(__file__).parents[2]


def commands_of(document: Path) -> list[str]:
    """What stands in its blocks of `sh`."""
    return re.findall(r"^```sh\n(.*?)^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run_in_order(stack: Stack, commands: list[str]) -> dict[str, str]:
    """What each command printed. One that searches is tried until what was published before it can be found."""
    return {command: eventually(partial(_run, stack, command), _works).stdout for command in commands}


def _run(stack: Stack, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command against the stack of the tests instead of that of `make run`."""
    places = {
        "http://127.0.0.1:8000": str(stack.search.base_url).rstrip("/"),
        "http://127.0.0.1:8001": str(stack.ingest.base_url).rstrip("/"),
        "http://127.0.0.1:9200": stack.engines.elasticsearch_url,
        "127.0.0.1:9092": stack.engines.kafka_bootstrap,
        ".dateline/": f"{stack.home}/",
    }
    for place, here in places.items():
        command = command.replace(place, here)
    environment = os.environ | {
        "DATELINE_CLI_INGEST_URL": str(stack.ingest.base_url),
        "DATELINE_CLI_TOKEN": stack.token,
        "DATELINE_CLI_OPERATIONS": " ".join(
            f"{name}=http://127.0.0.1:{service.plan.operations_port}" for name, service in stack.services.items()
        ),
        "DATELINE_KAFKA_BOOTSTRAP_SERVERS": stack.engines.kafka_bootstrap,
        "DATELINE_ELASTICSEARCH_URL": stack.engines.elasticsearch_url,
    }
    shell = ["bash", "-o", "pipefail", "-c", command]
    return subprocess.run(shell, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def _works(done: subprocess.CompletedProcess[str]) -> bool:
    problem = '"status":4' in done.stdout or '"status":5' in done.stdout  # problem+json, which curl takes for an answer
    return done.returncode == 0 and not problem and '"total":0' not in done.stdout
