"""What every service promises as a process: health, metrics, settings, signals, dead letters."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from ops.local.services import NAMES
from shared.outcomes import NewRecord
from shared.producing import partition_of
from tests.builders import a_record, a_retraction, an_article, value_of
from tests.command import dateline
from tests.kafka_topics import produce
from tests.stack import eventually

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("service", NAMES)
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_every_service_answers_on_its_operations_port_without_a_redirect(stack, service, path):
    answer = stack.operations(service, path)

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("service", NAMES)
def test_every_line_that_a_service_logs_is_a_json_object_that_names_it(stack, service):
    lines = stack.services[service].plan.log.read_text(encoding="utf-8").splitlines()

    assert lines
    for entry in map(json.loads, lines):
        assert {"@timestamp", "log.level", "message"} <= set(entry)
        assert entry["service.name"] == service


@pytest.mark.parametrize("service", ["enrich", "indexer", "popularity"])
def test_every_consumer_exports_throughput_outcomes_lag_and_age(stack, service):
    stack.ingest.post("/v1/articles", json={"headline": "Counted", "url": f"https://a.example/{uuid.uuid4()}"})
    stack.ingest.post("/v1/views", json={"article_id": uuid.uuid4().hex, "visitor": "reader"})
    names = (
        "dateline_records_consumed_total",
        "dateline_outcomes_total",
        "dateline_lag_records",
        "dateline_event_age_seconds_count",
    )

    metrics = eventually(
        lambda: stack.operations(service, "/metrics").text, lambda text: all(f"\n{name}{{" in text for name in names)
    )

    assert metrics


@pytest.mark.parametrize("service", NAMES)
def test_wrong_settings_end_a_service_with_exit_78_and_are_all_named(service):
    environment = {"PATH": os.environ["PATH"], "DATELINE_LOG_LEVEL": "loud", "DATELINE_OPERATIONS_PRT": "1"}

    done = subprocess.run(
        [sys.executable, "-m", f"services.{service}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.returncode == 78, done.stderr
    assert "DATELINE_LOG_LEVEL: " in done.stderr
    assert "DATELINE_OPERATIONS_PRT: " in done.stderr


def test_a_retraction_that_comes_before_its_article_holds(stack):
    url = f"https://a.example/{uuid.uuid4()}"
    article = {"headline": "Too late", "url": url, "revision": 5}
    article_id = stack.ingest.post("/v1/articles", json={**article, "url": f"{url}/probe"}).json()["article_id"]
    unknown = stack.ingest.post("/v1/articles", json={**article, "revision": 1}).json()["article_id"]

    stack.ingest.delete(f"/v1/articles/{unknown}", params={"revision": 6}).raise_for_status()
    stack.ingest.post("/v1/articles", json=article).raise_for_status()
    eventually(lambda: stack.search.get(f"/v1/articles/{unknown}").status_code, lambda status: status == 410)
    eventually(lambda: stack.search.get(f"/v1/articles/{article_id}").status_code, lambda status: status == 200)
    _wait_for_all_before(stack, unknown)
    assert stack.search.get(f"/v1/articles/{unknown}").status_code == 410


def test_a_retraction_without_a_revision_holds_when_the_article_comes_for_the_first_time_or_again(stack):
    url = f"https://a.example/{uuid.uuid4()}"
    article = {"headline": "Comes too late", "url": url}
    article_id = stack.ingest.post("/v1/articles", json=article).json()["article_id"]

    stack.ingest.delete(f"/v1/articles/{article_id}").raise_for_status()
    stack.ingest.post("/v1/articles", json=article).raise_for_status()

    _wait_for_all_before(stack, article_id)
    assert stack.search.get(f"/v1/articles/{article_id}").status_code == 410


def test_a_record_that_does_not_decode_is_kept_shown_and_put_back_and_its_neighbours_pass(stack):
    kafka = stack.engines.kafka_bootstrap
    own, poison = uuid.uuid4().hex, f"not json {uuid.uuid4()}".encode()
    good = a_record(an_article(article_id=own))
    records = [NewRecord("articles.published", own.encode(), value, good.headers, 0) for value in (poison, value_of(good))]

    produce(kafka, *records)

    eventually(lambda: stack.search.get(f"/v1/articles/{own}").status_code, lambda status: status == 200)
    listed = dateline("dead-letters", "list", DATELINE_KAFKA_BOOTSTRAP_SERVERS=kafka).stdout
    (line,) = [line for line in listed.splitlines() if line.startswith("articles.published-0-")]
    place, service, code, _ = line.split("\t")
    assert (service, code) == ("enrich", "not_json")
    shown = json.loads(dateline("dead-letters", "show", place, DATELINE_KAFKA_BOOTSTRAP_SERVERS=kafka).stdout)
    assert shown["value"] == poison.decode()
    assert shown["headers"]["ce_type"] == "news.article.published.v1"
    assert dateline("dead-letters", "show", place, "--raw", DATELINE_KAFKA_BOOTSTRAP_SERVERS=kafka).stdout == poison.decode()
    assert dateline("dead-letters", "replay", place, DATELINE_KAFKA_BOOTSTRAP_SERVERS=kafka).stdout == "1 put back.\n"
    again = eventually(
        lambda: dateline("dead-letters", "list", DATELINE_KAFKA_BOOTSTRAP_SERVERS=kafka).stdout,
        lambda text: "articles.published-0-" in text,
    )
    assert place not in again


def _wait_for_all_before(stack, article_id):
    """Returns when everything that was published before in the partition of an article has reached the index."""
    partition = partition_of(article_id, 4)
    marker = next(own for own in (uuid.uuid4().hex for _ in range(1000)) if partition_of(own, 4) == partition)
    record = a_record(an_article(article_id=marker))
    produce(stack.engines.kafka_bootstrap, NewRecord("articles.published", marker.encode(), value_of(record), record.headers))
    eventually(lambda: stack.search.get(f"/v1/articles/{marker}").status_code, lambda status: status == 200)


def test_an_article_of_an_upstream_topic_is_found_and_a_wrong_one_is_a_dead_letter(stack):
    kafka, mark = stack.engines.kafka_bootstrap, uuid.uuid4().hex
    good = {"headline": f"From Kafka {mark}", "url": f"https://a.example/{mark}"}
    wrong = {"headline": "", "url": f"https://a.example/{mark}/wrong"}

    produce(kafka, *[NewRecord("articles.inbound", None, json.dumps(value).encode(), (), 1) for value in (wrong, good)])

    eventually(lambda: stack.search.get("/v1/search", params={"q": mark}).json()["total"], lambda total: total == 1)
    listed = dateline("dead-letters", "list", DATELINE_KAFKA_BOOTSTRAP_SERVERS=kafka).stdout
    (line,) = [line for line in listed.splitlines() if line.startswith("articles.inbound-1-")]
    assert line.split("\t")[1:3] == ["ingest", "invalid"]
    assert "headline: " in line


def test_a_dead_letter_that_is_not_there_is_named(stack):
    done = dateline(
        "dead-letters", "show", "articles.published-0-999999", DATELINE_KAFKA_BOOTSTRAP_SERVERS=stack.engines.kafka_bootstrap
    )

    assert done.returncode == 78
    assert "no dead letter articles.published-0-999999" in done.stderr


def test_retracted_stays_retracted_when_an_old_revision_is_read_again(stack):
    own = uuid.uuid4().hex
    article, retraction = a_record(an_article(article_id=own)), a_record(a_retraction(article_id=own))
    for record in (article, retraction, article):
        produce(stack.engines.kafka_bootstrap, NewRecord("articles.published", own.encode(), value_of(record), record.headers))

    _wait_for_all_before(stack, own)
    assert stack.search.get(f"/v1/articles/{own}").status_code == 410


@pytest.mark.parametrize("service", NAMES)
def test_sigterm_ends_a_service_in_order_and_it_goes_on_when_started_again(stack, service):
    running = stack.services[service]

    running.process.stop()

    assert running.process.exit_code() == 0
    running.start()
    running.wait_until_ready(60)


def test_publishing_goes_on_after_every_service_was_stopped(stack):
    answer = stack.ingest.post("/v1/articles", json={"headline": "Still here", "url": f"https://a.example/{uuid.uuid4()}"})

    article_id = answer.raise_for_status().json()["article_id"]
    eventually(lambda: stack.search.get(f"/v1/articles/{article_id}").status_code, lambda status: status == 200)
