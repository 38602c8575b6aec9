"""`python -m ops.prometheus`: writes the rules as the object that the Prometheus operator takes, for ops/kubernetes."""

import sys
from pathlib import Path
from typing import Any

import yaml

_OPS = Path(__file__).resolve().parents[1]
FILE = _OPS / "kubernetes/components/monitoring/rules.yaml"
_HEAD = "# Made of ops/prometheus/rules by `python -m ops.prometheus`: change those.\n"


def build_rules_object() -> str:
    """One PrometheusRule with the groups of every file of rules, as YAML."""
    files = sorted((_OPS / "prometheus/rules").glob("*.yml"))
    groups: list[Any] = [group for file in files for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]]
    content = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "dateline"},
        "spec": {"groups": groups},
    }
    return _HEAD + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=130)


def main() -> None:
    """Write it."""
    FILE.write_text(build_rules_object(), encoding="utf-8")
    sys.stdout.write(f"{FILE.name}\n")


if __name__ == "__main__":
    main()
