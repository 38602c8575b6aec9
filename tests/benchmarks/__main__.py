"""`make bench`: runs one benchmark or all, prints tables, and as its last line one JSON object with every figure."""

import argparse
import importlib
import json
import os
import platform
import sys

#: The benchmarks, in the order in which they run. Each is a module here with `run(quick) -> figures`.
NAMES = (
    "latency",
    "publish",
    "feeds",
    "extraction",
    "recognition",
    "stories",
    "views",
    "popularity",
    "indexing",
    "saved_searches",
    "searching",
    "pages",
)


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("name", choices=("all", *NAMES))
    parser.add_argument("--quick", action="store_true", help="in under a minute, with wider error")
    asked = parser.parse_args()
    figures: dict[str, object] = {"machine": describe_machine()}
    for name in NAMES if asked.name == "all" else (asked.name,):
        sys.stdout.write(f"\n== {name} ==\n")
        figures |= importlib.import_module(f"tests.benchmarks.{name}").run(quick=asked.quick)
    sys.stdout.write(json.dumps(figures) + "\n")


def describe_machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
