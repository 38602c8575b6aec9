"""What an operator does on a running stack: look, follow an article, mend a dead letter, by the command and by the page."""

import json
import threading
import uuid

import pytest
from fastapi.testclient import TestClient

from ops.cli.dead_letters import read_dead_letters
from ops.cli.editing import set_values
from ops.cli.replaying import edited, put_back
from ops.cli.settings import CLIGroup, CLISettings, ConsoleGroup
from ops.cli.tokens import hash_token
from ops.console.app import build_console
from ops.status.facts import ElasticFacts, FeedsFacts, KafkaFacts
from ops.status.judging import judge
from ops.status.looking import look
from ops.trace.journey import State, judge_where
from ops.trace.log_search import Bounds
from ops.trace.naming import parse_name
from ops.trace.tracing import trace_article
from shared.dead_letters import Replay
from shared.failures import Unavailable
from shared.outcomes import NewRecord
from shared.settings import ElasticsearchSettings, KafkaSettings
from tests.builders import NOON, a_record, an_article, value_of
from tests.command import dateline
from tests.kafka_topics import produce, read_all
from tests.stack import eventually

ANA = Replay("ana@newsroom", NOON, is_edited=True)


@pytest.fixture
def settings(stack):
    """Those of the command, for the stack of the tests."""
    operations = tuple(f"{name}=http://127.0.0.1:{each.plan.operations_port}" for name, each in stack.services.items())
    return CLISettings(
        kafka=KafkaSettings(bootstrap_servers=stack.engines.kafka_bootstrap),
        elasticsearch=ElasticsearchSettings(url=stack.engines.elasticsearch_url),
        cli=CLIGroup(
            ingest_url=str(stack.ingest.base_url).rstrip("/"), token=stack.token, operations=operations, patience_seconds=30
        ),
        console=ConsoleGroup(token_hashes=(hash_token(stack.token),)),
    )


def publish(stack, **fields):
    submission = {"headline": "Harbour bridge reopens", "url": f"https://courier.example/{uuid.uuid4()}", **fields}
    return stack.ingest.post("/v1/articles", json=submission).raise_for_status().json()


def put_poison(stack):
    """Write an article without a headline to Kafka; its id, and its dead letter once enrich has put it aside."""
    own = uuid.uuid4().hex
    good = a_record(an_article(article_id=own))
    produce(
        stack.engines.kafka_bootstrap,
        NewRecord("articles.published", own.encode(), set_values(value_of(good), ['headline=""']), good.headers),
    )
    settings = KafkaSettings(bootstrap_servers=stack.engines.kafka_bootstrap)
    letters = eventually(
        lambda: [each for each in read_dead_letters(settings, ("articles.published",)) if each.record.key == own.encode()], bool
    )
    return own, letters[0]


def records_of(stack, article_id):
    return [each for each in read_all(stack.engines.kafka_bootstrap, "articles.published") if each.key == article_id.encode()]


def verdict_of(settings, name):
    return judge_where(trace_article(settings, parse_name(name, None), Bounds()))


def test_the_whole_is_seen_with_every_engine_service_group_and_topic(stack, settings):
    publish(stack)

    def seen():
        facts = look(settings)
        assert isinstance(facts.kafka, KafkaFacts), facts.kafka
        assert isinstance(facts.elasticsearch, ElasticFacts), facts.elasticsearch
        return facts, facts.kafka, facts.elasticsearch

    facts, kafka, elastic = eventually(seen, lambda told: told[2].newest is not None)

    assert kafka.missing == []
    assert {group.name for group in kafka.groups} >= {"dateline.enrich", "dateline.indexer", "dateline.popularity"}
    assert elastic.missing == []
    assert elastic.disk is not None
    assert {service.name for service in facts.services if service.is_ready} == set(stack.services)
    published = next(topic for topic in kafka.topics if topic.name == "articles.published")
    assert (published.partitions, published.retention_ms) == (4, 30 * 86_400_000)
    assert published.records > 0
    assert isinstance(facts.feeds, FeedsFacts)


def test_a_group_that_has_read_everything_has_nothing_before_it_though_transactions_end_with_markers(stack, settings):
    article_id = publish(stack)["article_id"]
    stack.ingest.post("/v1/views", json={"article_id": article_id, "visitor": "reader"}).raise_for_status()

    def waiting():
        kafka = look(settings).kafka
        assert isinstance(kafka, KafkaFacts), kafka
        groups = {group.name: group.lag for group in kafka.groups}
        return groups["dateline.indexer"]

    seen = eventually(waiting, lambda lag: "popularity.ranked" in lag and not any(lag.values()), 60)
    assert seen["popularity.ranked"] == 0


def test_an_article_is_followed_from_its_address_to_the_index(stack, settings):
    sent = publish(stack)
    stack.ingest.post("/v1/comments", json={"article_id": sent["article_id"], "author": "Bo", "text": "At last"}).raise_for_status()
    eventually(lambda: verdict_of(settings, sent["url"]).state, lambda state: state is State.SEARCHABLE)

    journey = eventually(
        lambda: trace_article(settings, parse_name(sent["url"] + "?utm_source=x", None), Bounds()),
        lambda seen: {"accepted", "enriched", "comment"} <= {step.stage for step in seen.steps},
    )

    assert journey.article_id == sent["article_id"]
    assert journey.index.document is not None
    assert journey.index.document["revision"] == sent["revision"]
    assert all(looked.is_whole for looked in journey.log.looked)


def test_a_retracted_article_is_told_as_such(stack, settings):
    article_id = publish(stack)["article_id"]

    stack.ingest.delete(f"/v1/articles/{article_id}").raise_for_status()

    eventually(lambda: verdict_of(settings, article_id).state, lambda state: state is State.RETRACTED)


def test_an_article_that_was_refused_says_why_and_is_searchable_once_it_is_mended(stack, settings):
    article_id, letter = put_poison(stack)
    place = letter.record.place
    reached = {"DATELINE_KAFKA_BOOTSTRAP_SERVERS": stack.engines.kafka_bootstrap}
    assert verdict_of(settings, article_id).state is State.REFUSED

    wrong = dateline("dead-letters", "edit", place, "--set", "section=Sport", HOME=str(stack.home), **reached)
    right = dateline("dead-letters", "edit", place, "--set", "headline=Mended", **reached)

    assert wrong.returncode == 78
    assert "headline: " in wrong.stderr
    assert (right.returncode, right.stdout) == (0, "1 put back.\n")
    verdict = eventually(lambda: verdict_of(settings, article_id), lambda seen: seen.state is State.SEARCHABLE)
    assert verdict.state is State.SEARCHABLE
    _, again = records_of(stack, article_id)
    headers = dict(again.headers)
    assert (headers["replay_count"], headers["replay_from"]) == (b"1", place.encode())
    assert headers["replay_edited"] == b"1"


def test_a_letter_is_put_back_once_however_many_ask_at_once(stack, settings):
    article_id, letter = put_poison(stack)
    mended = edited(letter, set_values(letter.record.value, ["headline=Mended"]), letter.record.headers)
    done = []

    def ask():
        try:
            done.append(put_back(settings.kafka, [mended], ANA).put_back)
        except Unavailable:  # another began after us
            done.append(0)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert put_back(settings.kafka, [mended], ANA).put_back + sum(done) == 1
    assert put_back(settings.kafka, [mended], ANA).gone == (letter.record.place,)
    assert len(records_of(stack, article_id)) == 2


def test_the_page_shows_mends_and_follows_without_any_script(stack, settings):
    article_id, letter = put_poison(stack)
    place = letter.record.place
    with TestClient(build_console(settings)) as operator:
        operator.post("/login", data={"token": stack.token})
        status = operator.get("/").text
        listed = operator.get("/dead-letters", params={"code": "invalid"}).text
        shown = operator.get(f"/dead-letters/{place}").text
        key = shown.split('name="form_key" value="')[1].split('"')[0]
        typed = json.dumps({**json.loads(letter.record.value), "headline": "<b>Mended</b>"})
        form = {"form_key": key, "value": typed}
        still_wrong = operator.post(f"/dead-letters/{place}", data={**form, "value": "{}", "action": "edit"})
        checked = operator.post(f"/dead-letters/{place}", data={**form, "action": "check"})
        back = operator.post(f"/dead-letters/{place}", data={**form, "action": "edit"})
        eventually(lambda: verdict_of(settings, article_id).state, lambda state: state is State.SEARCHABLE)
        traced = operator.get("/trace", params={"article": article_id}).text

    assert "Consumer groups" in status
    assert place in listed
    assert "headline: " in shown
    assert (still_wrong.status_code, "article_id: " in still_wrong.text) == (422, True)
    assert "It would be taken." in checked.text
    assert "1 put back" in back.text
    assert "&lt;b&gt;Mended&lt;/b&gt;" in traced
    assert "put back by console/" in traced
    assert len(records_of(stack, article_id)) == 2


def test_the_page_puts_back_what_is_ticked(stack, settings):
    article_id, letter = put_poison(stack)
    with TestClient(build_console(settings)) as operator:
        operator.post("/login", data={"token": stack.token})
        key = operator.get("/dead-letters").text.split('name="form_key" value="')[1].split('"')[0]
        answer = operator.post(
            "/dead-letters", data={"form_key": key, "place": [letter.record.place, "articles.published-0-999999"]}
        )

    assert "1 put back; 1 had been put back before" in answer.text
    assert len(records_of(stack, article_id)) == 2


def test_the_command_tells_programs_the_same_and_its_exit_code_that_something_asks_for_attention(stack, settings):
    put_poison(stack)
    told = {
        "DATELINE_KAFKA_BOOTSTRAP_SERVERS": stack.engines.kafka_bootstrap,
        "DATELINE_ELASTICSEARCH_URL": stack.engines.elasticsearch_url,
        "DATELINE_CLI_OPERATIONS": " ".join(settings.cli.operations),
        "DATELINE_CLI_INGEST_URL": settings.cli.ingest_url,
        "DATELINE_CLI_TOKEN": stack.token,
        "DATELINE_CLI_PATIENCE_SECONDS": "30",
    }

    done = dateline("status", "--json", **told)

    report = json.loads(done.stdout)
    assert (done.returncode, report["state"]) == (1, "attention")
    assert any(finding["runbook"] == "ops/runbooks/DeadLetters.md" for finding in report["findings"])
    assert any(finding.runbook == "DeadLetters" for finding in judge(look(settings)))


def test_where_nobody_answers_the_command_says_so_without_a_traceback():
    nowhere = {
        "DATELINE_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        "DATELINE_ELASTICSEARCH_URL": "http://127.0.0.1:9",
        "DATELINE_CLI_OPERATIONS": "enrich=http://127.0.0.1:9",
        "DATELINE_CLI_INGEST_URL": "http://127.0.0.1:9",
        "DATELINE_CLI_TOKEN": "x",
        "DATELINE_CLI_PATIENCE_SECONDS": "1",
    }

    done = dateline("status", **nowhere)

    assert done.returncode == 2
    assert "Nobody answers" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
