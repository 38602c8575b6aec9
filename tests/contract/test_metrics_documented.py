"""Every metric is named as Prometheus wants it and says what it is; Prometheus scrapes every service."""

import re

import pytest
import yaml
from prometheus_client import Counter, Histogram

from ops.local.services import NAMES
from ops.schemas import ROOT
from shared.settings import OperationsSettings
from tests.contract.exported import DECLARED, full_name

PROMETHEUS = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text(encoding="utf-8"))

every_metric = pytest.mark.parametrize("metric", DECLARED.values(), ids=DECLARED)


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


def test_prometheus_scrapes_every_service_at_its_operations_port():
    (job,) = PROMETHEUS["scrape_configs"]
    port = OperationsSettings().port

    scraped = {config["labels"]["service"]: config["targets"] for config in job["static_configs"]}

    assert scraped == {name: [f"{name}:{port}"] for name in NAMES}
    assert "metrics_path" not in job, "the operations port answers /metrics, which is what Prometheus asks for"
