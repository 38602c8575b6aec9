"""Every panel shows something when the services run: Prometheus' own engine evaluates each query over series of all metrics."""

from itertools import product

import yaml
from prometheus_client import Histogram

from tests.contract.exported import DECLARED, full_name, values_of
from tests.contract.test_alerts import FILES as RULES
from tests.contract.test_alerts import needs_promtool, run_promtool
from tests.contract.test_dashboards import BOARDS

#: Of labels that could have many values, those that the queries and alerts speak of are enough.
FEW = {
    "route": ["/v1/pages", "/v1/search"],
    "kind": ["article", "page", "view"],
    "result": ["accepted", "refused", "changed", "failed", "taken"],
    "method": ["GET"],
    "partition": ["0", "1"],
    "status": ["2xx", "5xx"],
    "topic": ["articles.published", "articles.enriched", "engagement.recorded", "popularity.ranked"],
    "code": ["invalid"],
    "reason": ["repeat", "robot"],
}
BUCKETS = ("1", "60", "+Inf")
#: Rises by one a minute, for forty minutes; a gauge may as well.
RISING = "1+1x40"


def series_of(metric):
    """Input series of promtool, one for each service and each combination of the labels' values."""
    labels = metric._labelnames  # noqa: SLF001 - the client tells them in no other way before there is a sample
    choices = [FEW.get(label) or sorted(values_of(label)) for label in labels]
    kinds = [("_bucket", {"le": le}) for le in BUCKETS] if isinstance(metric, Histogram) else [("", {})]
    for service, *values in product(sorted(values_of("service")), *choices):
        for suffix, more in kinds:
            told = {"job": "dateline", "instance": f"{service}:9100", "service": service, **dict(zip(labels, values, strict=True))}
            yield full_name(metric) + suffix, told | more


def written(name, labels):
    return name + "{" + ", ".join(f'{label}="{value}"' for label, value in labels.items()) + "}"


def every_series():
    declared = [each for metric in DECLARED.values() for each in series_of(metric)]
    of_process = [
        (name, {"job": "dateline", "instance": f"{service}:9100", "service": service})
        for name in ("up", "process_start_time_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total")
        for service in sorted(values_of("service"))
    ]
    return [{"series": written(name, labels), "values": RISING} for name, labels in declared + of_process]


@needs_promtool
def test_every_query_of_every_panel_gives_a_value(tmp_path):
    queries = [target["expr"] for board in BOARDS.values() for panel in board["panels"] for target in panel.get("targets", ())]
    shown = [
        {"expr": f"count({query}) > bool 0", "eval_time": "35m", "exp_samples": [{"labels": "{}", "value": 1}]} for query in queries
    ]
    file = tmp_path / "panels.yml"
    tests = [{"interval": "1m", "input_series": every_series(), "promql_expr_test": shown}]
    content = {"rule_files": [str(rules) for rules in RULES], "evaluation_interval": "1m", "tests": tests}
    file.write_text(yaml.safe_dump(content), encoding="utf-8")

    run_promtool("test", "rules", file)
