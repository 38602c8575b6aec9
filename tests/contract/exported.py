"""What the services export: every series with its labels, the values of labels; and what of a question does not exist."""

import json
import re
from dataclasses import dataclass, field
from functools import cache

from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from ops.local.services import NAMES
from ops.schemas import ROOT
from services.ingest.core.source_watch import Condition
from services.ingest.core.views import ViewReason
from services.popularity.core.fairness import Reason
from services.webhooks.core.deliveries import Failed, name_result
from shared import metrics
from shared.outcomes import DeadLetterCode, OutcomeName
from shared.topics import all_topics

DECLARED = {name: value for name, value in vars(metrics).items() if isinstance(value, MetricWrapperBase)}
#: What Prometheus adds to every series.
LABELS_OF_SCRAPES = frozenset({"service", "job", "instance"})
#: What Prometheus makes itself, and the process metrics that its client library adds.
OF_PROMETHEUS = {"up": LABELS_OF_SCRAPES, "ALERTS": LABELS_OF_SCRAPES | {"alertname", "alertstate", "severity"}}
_OF_PROCESS = {
    sample.name: LABELS_OF_SCRAPES
    for family in REGISTRY.collect()
    for sample in family.samples
    if sample.name.startswith("process_")
}


@dataclass
class Asked:
    """What an expression asks for."""

    #: Of every selector: the name of its series, and the values that each label is compared with.
    selectors: list[tuple[str, dict[str, set[str]]]] = field(default_factory=list)
    #: Labels by which it groups or joins.
    grouped: set[str] = field(default_factory=set)

    @property
    def names(self) -> set[str]:
        """The series."""
        return {name for name, _ in self.selectors}


def full_name(metric: MetricWrapperBase) -> str:
    """As it stands in `/metrics`."""
    (family,) = metric.describe()
    return family.name + ("_total" if isinstance(metric, Counter) else "")


def _series_of(metric: MetricWrapperBase) -> dict[str, frozenset[str]]:
    name = full_name(metric)
    labels = LABELS_OF_SCRAPES.union(metric._labelnames)  # noqa: SLF001 - the client tells them in no other way before there is a sample
    if isinstance(metric, Histogram):
        return {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
    return {name: labels}


#: Every series that can be asked for, with its labels.
SERIES: dict[str, frozenset[str]] = (
    {series: labels for metric in DECLARED.values() for series, labels in _series_of(metric).items()} | OF_PROMETHEUS | _OF_PROCESS
)


def labels_of_record(name: str) -> frozenset[str]:
    """Of a recorded series; its name begins with them: `service_topic:dateline_lag_records:sum`."""
    level = name.partition(":")[0]
    return frozenset() if level == "dateline" else frozenset(level.split("_"))


@cache
def _routes() -> frozenset[str]:
    files = (ROOT / f"schemas/openapi-{service}.json" for service in ("ingest", "search"))
    return frozenset(route for file in files for route in json.loads(file.read_text(encoding="utf-8"))["paths"])


@cache
def _words_of_ingest() -> frozenset[str]:
    """Every text in quotes: kinds and results of submissions and polls are written where they are counted."""
    modules = sorted((ROOT / "services/ingest").glob("*.py"))
    return frozenset(word for module in modules for word in re.findall(r'"(\w+)"', module.read_text(encoding="utf-8")))


@cache
def _results_of_webhooks() -> frozenset[str]:
    failures = (None, Failed("", is_final=True), Failed("", is_unreachable=True), Failed(""))
    return frozenset({"put-off", *map(name_result, failures)})


@cache
def _values() -> dict[str, frozenset[str]]:
    return {
        "job": frozenset({"dateline"}),
        "service": frozenset(NAMES),
        "topic": frozenset(topic.name for topic in all_topics()),
        "outcome": frozenset(OutcomeName),
        "code": frozenset(DeadLetterCode),
        "condition": frozenset(Condition),
        "reason": frozenset(ViewReason) | frozenset(Reason),
        "status": frozenset(f"{number}xx" for number in range(6)),
        "route": _routes(),
        "kind": _words_of_ingest(),
        "result": _words_of_ingest() | _results_of_webhooks(),
        "severity": frozenset({"critical", "warning", "info"}),
        "alertstate": frozenset({"firing", "pending"}),
    }


def values_of(label: str) -> frozenset[str]:
    """The values that a label can have; none of labels whose values are not a closed set."""
    return _values().get(label, frozenset())


def complaints(asked: Asked, records: frozenset[str]) -> list[str]:
    """What does not exist of what is asked for; `records` are the names of the recording rules."""
    found: list[str] = []
    known: set[str] = set()
    for name, matchers in asked.selectors:
        if name not in SERIES and name not in records:
            found.append(f"there is no series {name}")
            continue
        labels = SERIES[name] if name in SERIES else labels_of_record(name)
        known |= labels
        for label, values in matchers.items():
            if label not in labels:
                found.append(f"{name} has no label {label}")
            elif strange := values - _values().get(label, values):
                found.append(f"{label} of {name} is never {', '.join(sorted(strange))}")
    return found + [f"none of its series has the label {label}" for label in sorted(asked.grouped - known)]
