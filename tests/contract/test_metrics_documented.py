"""Every metric is named as Prometheus wants it and says what it is; dashboards and scrapes use nothing that does not exist."""

import json
import re

import pytest
import yaml
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from ops.local.services import NAMES
from ops.schemas import ROOT
from shared import metrics
from shared.settings import OperationsSettings

DECLARED = {name: value for name, value in vars(metrics).items() if isinstance(value, MetricWrapperBase)}
DASHBOARDS = sorted((ROOT / "ops/grafana/dashboards").glob("*.json"))
PROMETHEUS = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text(encoding="utf-8"))
#: What Prometheus adds to every series, and what histograms have.
LABELS_OF_SCRAPES = {"service", "job", "instance", "le"}

every_metric = pytest.mark.parametrize("metric", DECLARED.values(), ids=DECLARED)


def full_name(metric):
    (family,) = metric.describe()
    return family.name + ("_total" if isinstance(metric, Counter) else "")


def series_of(metric):
    """The names under which a metric can be asked for."""
    name = full_name(metric)
    return {name + suffix for suffix in ("_bucket", "_sum", "_count")} if isinstance(metric, Histogram) else {name}


def labels_of(metric):
    return set(metric._labelnames)  # noqa: SLF001 - the client tells them in no other way before there is a sample


SERIES = {series: metric for metric in DECLARED.values() for series in series_of(metric)}


def expressions():
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                yield pytest.param(target["expr"], id=f"{path.stem}-{panel['title']}")


@every_metric
def test_a_metric_is_named_for_dateline_and_its_unit(metric):
    name = full_name(metric)

    assert re.fullmatch(r"dateline_[a-z]+(_[a-z]+)*", name)
    assert name.endswith("_total") == isinstance(metric, Counter)
    if isinstance(metric, Histogram):
        assert name.endswith(("_seconds", "_bytes")), "a histogram measures in base units"
    assert not re.search(r"_(ms|millis|milliseconds|minutes|kb|mb)(_|$)", name)


@every_metric
def test_a_metric_says_what_it_is(metric):
    (family,) = metric.describe()

    assert len(family.documentation) >= 10


def test_no_metric_is_declared_elsewhere():
    folders = [ROOT / "shared", ROOT / "services", ROOT / "ops"]
    makers = re.compile(r"\b(Counter|Gauge|Histogram|Summary)\(\s*[\"']")

    found = [p for folder in folders for p in folder.rglob("*.py") if makers.search(p.read_text(encoding="utf-8"))]

    assert found == [ROOT / "shared/metrics.py"]


@pytest.mark.parametrize("expression", list(expressions()))
def test_a_dashboard_asks_for_series_and_labels_that_exist(expression):
    asked = re.findall(r"\b(?:dateline_\w+|up)\b", expression)
    assert asked
    assert set(asked) <= set(SERIES) | {"up"}

    known = LABELS_OF_SCRAPES.union(*(labels_of(SERIES[name]) for name in asked if name in SERIES))
    grouped = {label.strip() for labels in re.findall(r"\bby \(([^)]*)\)", expression) for label in labels.split(",")}
    matched = set(re.findall(r"[{,]\s*(\w+)\s*[=!]~?", expression))
    assert grouped | matched <= known


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_can_be_provisioned(path):
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    source = yaml.safe_load((ROOT / "ops/grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))
    panels = dashboard["panels"]

    assert dashboard["title"].startswith("Dateline: ")
    assert dashboard["uid"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {panel["datasource"]["uid"] for panel in panels} == {source["datasources"][0]["uid"]}
    assert all(panel["description"] for panel in panels)


def test_prometheus_scrapes_every_service_at_its_operations_port():
    (job,) = PROMETHEUS["scrape_configs"]
    port = OperationsSettings().port

    scraped = {config["labels"]["service"]: config["targets"] for config in job["static_configs"]}

    assert scraped == {name: [f"{name}:{port}"] for name in NAMES}
    assert "metrics_path" not in job, "the operations port answers /metrics, which is what Prometheus asks for"
