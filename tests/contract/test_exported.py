"""What watches over rules and dashboards sees what is wrong in an expression."""

import pytest

from tests.contract.exported import complaints
from tests.contract.promql import parse_promql

RECORDS = frozenset({"service_topic:dateline_lag_records:sum"})


@pytest.mark.parametrize(
    "expression",
    [
        'rate(dateline_outcomes_total{topic="articles.enriched", outcome=~"indexed|stale"}[5m])',
        "histogram_quantile(0.9, sum by (service, le) (rate(dateline_batch_seconds_bucket[5m])))",
        'sum by (topic) (service_topic:dateline_lag_records:sum{service="indexer"})',
        'up{job="dateline"} == 0 or process_open_fds > 1000',
        "dateline_records_consumed_total unless on (topic) dateline_outcomes_total offset 5m",
    ],
)
def test_what_exists_is_not_complained_of(expression):
    assert complaints(parse_promql(expression), RECORDS) == []


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("dateline_outcome_total", "there is no series dateline_outcome_total"),
        ("rate(dateline_batch_seconds[5m])", "there is no series dateline_batch_seconds"),
        ("service_topic:dateline_lag:sum", "there is no series service_topic:dateline_lag:sum"),
        ('dateline_lag_records{code="invalid"}', "dateline_lag_records has no label code"),
        ('service_topic:dateline_lag_records:sum{partition="0"}', "service_topic:dateline_lag_records:sum has no label partition"),
        ('dateline_outcomes_total{outcome="index"}', "outcome of dateline_outcomes_total is never index"),
        ('rate(dateline_retries_total{service=~"indexer|enricher"}[5m])', "service of dateline_retries_total is never enricher"),
        ('dateline_http_requests_total{status!="500"}', "status of dateline_http_requests_total is never 500"),
        ("sum by (feed) (dateline_feeds)", "none of its series has the label feed"),
        ("dateline_feeds / on (partition) dateline_degraded", "none of its series has the label partition"),
    ],
)
def test_what_does_not_exist_is_named(expression, complaint):
    assert complaints(parse_promql(expression), RECORDS) == [complaint]


@pytest.mark.parametrize("expression", ["sum by (topic (up)", "rate(up)", "up{job=dateline}", "", "up >"])
def test_what_is_no_promql_is_refused(expression):
    with pytest.raises(ValueError, match=r"."):
        parse_promql(expression)
