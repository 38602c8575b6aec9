"""The whole of Dateline on secured engines, each service with its own account and with the rights of the table only."""

import json
import re
import uuid
from dataclasses import replace

import httpx2
import pytest
from pydantic import SecretStr

from ops.local.services import RunningService, stop_services
from shared import topics
from shared.failures import Unavailable
from shared.kafka_connection import connect_admin
from shared.outcomes import NewRecord
from shared.producing import Producer
from tests.command import dateline
from tests.secured_engines import USERS, password_of
from tests.secured_stack import THROUGH_SECONDS, plans_for, whole_only
from tests.stack import eventually

WRONG_PASSWORD = (
    r"does not let dateline-{0} in by SCRAM-SHA-512|for dateline-{0}: wrong DATELINE_KAFKA_USERNAME or DATELINE_KAFKA_PASSWORD\?"
)


@pytest.fixture(scope="module")
def article_id(stack):
    """An article that came all the way."""
    word = f"zubringer{uuid.uuid4().hex[:8]}"

    answer = eventually(
        lambda: stack.search.post("/v1/saved-searches", json={"q": word}), lambda answer: answer.status_code == 201, THROUGH_SECONDS
    )
    saved = answer.json()
    eventually(lambda: stack.search.get(f"/v1/saved-searches/{saved['search_id']}").status_code, lambda status: status == 200)
    url = f"https://courier.example/{uuid.uuid4()}"
    answer = stack.ingest.post("/v1/articles", json={"headline": f"A bridge of {word}", "body": "It opened.", "url": url})
    article_id = answer.raise_for_status().json()["article_id"]
    eventually(
        lambda: stack.search.get("/v1/search", params={"q": word}).json()["total"], lambda total: total == 1, THROUGH_SECONDS
    )
    matches = f"/v1/saved-searches/{saved['search_id']}/matches"
    eventually(lambda: stack.search.get(matches).json()["matches"], lambda found: len(found) == 1, THROUGH_SECONDS)
    return article_id


def test_an_article_is_accepted_enriched_indexed_and_matched(stack, article_id):
    assert stack.search.get(f"/v1/articles/{article_id}").status_code == 200


def test_views_are_counted_and_comments_shown(stack, article_id):
    views = [{"article_id": article_id, "visitor": f"v{number}"} for number in range(5)]
    stack.ingest.post("/v1/views", json={"views": views}).raise_for_status()
    comment = {"article_id": article_id, "author": "Ana", "text": "At last."}
    stack.ingest.post("/v1/comments", json=comment).raise_for_status()

    listed = eventually(
        lambda: stack.search.get("/v1/most-popular").json()["entries"],
        lambda entries: article_id in json.dumps(entries),
        THROUGH_SECONDS,
    )
    assert listed
    eventually(
        lambda: stack.search.get(f"/v1/articles/{article_id}/comments").json()["comments"],
        lambda comments: len(comments) == 1,
        THROUGH_SECONDS,
    )


def test_what_cannot_be_processed_is_a_dead_letter_that_the_operator_sees_and_puts_back(stack):
    with Producer(stack.engines.kafka("operator"), "test") as producer:
        producer.send_all([NewRecord(topic, b"x", b"{", (), 0) for topic in (topics.INBOUND, topics.PUBLISHED, topics.COMMENTS)])

    def listed():
        done = dateline("dead-letters", "list", **stack.engines.environment("operator"))
        assert done.returncode == 0, done.stderr
        return done.stdout

    text = eventually(
        listed, lambda text: all(f"{name}-0-" in text for name in (topics.INBOUND, topics.PUBLISHED, topics.COMMENTS))
    )
    place = next(line.split("\t")[0] for line in text.splitlines() if line.startswith(f"{topics.INBOUND}-0-"))
    done = dateline("dead-letters", "replay", place, **stack.engines.environment("operator"))
    assert (done.returncode, done.stdout) == (0, "1 put back.\n"), done.stderr


@whole_only
def test_the_operator_verifies_and_rebuilds(stack, article_id):
    for arguments in (("index", "verify"), ("index", "rebuild", "--whole-log"), ("index", "verify"), ("index", "list")):
        done = dateline(*arguments, **stack.engines.environment("operator"))
        assert done.returncode == 0, done.stdout + done.stderr


@whole_only
def test_setup_is_done_again_by_the_account_for_it(stack):
    done = dateline("setup", DATELINE_TOPICS_PARTITIONS="2", **stack.engines.environment("setup"))

    assert (done.returncode, "none, all were there" in done.stdout) == (0, True), done.stderr


def test_no_password_is_in_a_log_a_metric_or_an_answer(stack, article_id):
    told = [service.plan.log.read_text(encoding="utf-8") for service in stack.services.values()]
    told += [
        httpx2.get(f"http://127.0.0.1:{service.plan.operations_port}{path}", trust_env=False).text
        for service in stack.services.values()
        for path in ("/metrics", "/readyz", "/healthz")
    ]

    assert all(told)
    for user in USERS:
        assert not any(password_of(user) in text for text in told)


def readyz(service):
    try:
        return httpx2.get(f"http://127.0.0.1:{service.plan.operations_port}/readyz", trust_env=False).text
    except httpx2.TransportError as error:
        return str(error)


@pytest.mark.parametrize("name", ["webhooks", "popularity"])
def test_a_wrong_password_is_told_from_a_broker_that_is_away(secured, name):
    wrong = secured.kafka(name).model_copy(update={"password": SecretStr("wrong")})

    # Whether kafka-python reads the refusal, before the broker hangs up, is chance.
    with pytest.raises(Unavailable, match=WRONG_PASSWORD.format(name)):
        connect_admin(wrong, bootstrap_timeout_ms=3000)


@whole_only
@pytest.mark.parametrize("name", ["webhooks", "popularity"])
def test_a_service_with_a_wrong_password_says_so_and_is_let_in_when_it_is_mended(secured, tmp_path, name):
    _, _, plans = plans_for(secured, tmp_path / "home")
    file = tmp_path / "password"
    file.write_text("wrong\n")
    environment = {**plans[name].environment, "DATELINE_KAFKA_PASSWORD_FILE": str(file), "DATELINE_LOG_LEVEL": "debug"}
    environment.pop("DATELINE_KAFKA_PASSWORD")
    service = RunningService(replace(plans[name], environment=environment))
    try:
        service.start()
        eventually(lambda: readyz(service), lambda text: re.search(WRONG_PASSWORD.format(name), text), 120)
        assert service.process.exit_code() is None
        file.write_text(password_of(name) + "\n")
        service.wait_until_ready(120)
    finally:
        stop_services([service])
    assert password_of(name) not in service.plan.log.read_text(encoding="utf-8"), "not even when everything is logged"


def test_search_with_a_wrong_password_says_so_and_stays(secured, tmp_path):
    _, _, plans = plans_for(secured, tmp_path / "home")
    wrong = {**plans["search"].environment, "DATELINE_ELASTICSEARCH_PASSWORD": "wrong"}
    service = RunningService(replace(plans["search"], environment=wrong))
    try:
        service.start()
        eventually(lambda: readyz(service), lambda text: "Elasticsearch answered 401" in text, 60)
        assert service.process.exit_code() is None
    finally:
        stop_services([service])
