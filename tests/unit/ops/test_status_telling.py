"""What was seen, as a screen and as JSON; and how answers of operations ports are read."""

import io
import json
from datetime import timedelta

import orjson
import pytest
from rich.console import Console

from ops.cli.settings import CLIGroup
from ops.local.settings import LocalGroup
from ops.status.facts import Failure, FeedFacts, FeedsFacts, LettersFacts, TopicFacts
from ops.status.judging import judge
from ops.status.report import build_report
from ops.status.screen import build_screen, tell_age, tell_bytes
from ops.status.service_facts import parse_answers, service_addresses
from shared.failures import Misconfigured
from tests.builders import NOON
from tests.unit.ops.status_facts import kafka_facts, well

READY = (200, '{"status": "ready", "checks": {"kafka": "ok"}}')
ALIVE = (200, '{"status": "alive", "seconds_since_last_round": 0.1}')


def screen(facts, **options):
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(build_screen(facts, judge(facts), **options))
    return console.export_text()


def test_the_screen_shows_the_whole():
    shown = screen(well())

    for told in ("All is well.", "Kafka", "green", "searchable since 50 seconds ago", "webhooks", "dateline.enrich", "30 days"):
        assert told in shown


def test_what_did_not_answer_is_a_row():
    facts = well(kafka=Failure("no broker"), elasticsearch=Failure("no node"), letters=Failure("nobody"), feeds=Failure("no token"))

    shown = screen(facts)

    assert all(told in shown for told in ("no broker", "no node", "nobody", "no token", "EngineAway.md"))


def test_what_others_wrote_cannot_steer_the_terminal():
    feed = FeedFacts("a", "https://a.example/\x1b[2J", "failing", "bad \x1b]0;title\x07 [bold]not markup[/bold]")

    shown = screen(well(feeds=FeedsFacts({"failing": 1}, [feed])))

    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "[bold]not markup[/bold]" in shown


def test_topics_that_hold_nothing_are_shown_when_the_whole_is_asked_for():
    facts = well(kafka=kafka_facts(topics=[TopicFacts("comments.posted", 4, 0)]))

    assert "comments.posted" not in screen(facts)
    assert "comments.posted" in screen(facts, whole=True)


def test_the_report_is_json_with_ages_and_findings():
    facts = well(letters=LettersFacts({("articles.published", "enrich", "bug"): 2}, NOON))

    report = orjson.loads(orjson.dumps(build_report(facts, judge(facts))))

    assert report["state"] == "attention"
    assert report["newest_searchable_article_age_seconds"] == 50
    assert report["dead_letters"]["by"] == [{"topic": "articles.published", "service": "enrich", "code": "bug", "count": 2}]
    assert report["findings"][0]["runbook"] == "ops/runbooks/DeadLetters.md"
    assert report["kafka"]["groups"][0]["lag"] == {"articles.inbound": 0}


def test_what_did_not_answer_has_only_its_failure_in_the_report():
    facts = well(kafka=Failure("no broker"))

    assert build_report(facts, judge(facts))["kafka"] == {"failure": "no broker"}


@pytest.mark.parametrize(
    ("alive", "ready", "state"),
    [
        (ALIVE, READY, (True, True, [])),
        (ALIVE, (503, '{"status": "not ready", "checks": {"kafka": "away", "x": "ok"}}'), (True, False, ["kafka: away"])),
        (
            (503, '{"status": "stuck", "seconds_since_last_round": 130.4}'),
            READY,
            (False, True, ["its loop has not come round for 130 s"]),
        ),
    ],
)
def test_answers_of_an_operations_port_are_read(alive, ready, state):
    facts = parse_answers("enrich", "http://x", alive, ready)

    assert (facts.is_alive, facts.is_ready, list(facts.reasons)) == state
    assert facts.failure is None


def test_notes_are_told():
    facts = parse_answers("webhooks", "http://x", ALIVE, (200, json.dumps({"checks": {}, "notes": {"webhooks": "off"}})))

    assert facts.notes == ["webhooks: off"]


@pytest.mark.parametrize("text", ["<html>", "[]", '"x"', '{"checks": 1}', ""])
def test_something_else_at_that_port_is_named(text):
    assert parse_answers("enrich", "http://x", ALIVE, (200, text)).failure == "what answers there is no service of Dateline"


def test_services_are_looked_for_where_make_run_has_them(monkeypatch):
    monkeypatch.delenv("DATELINE_LOCAL_ENRICH_OPERATIONS_PORT", raising=False)

    addresses = dict(service_addresses(CLIGroup()))

    assert addresses["enrich"] == f"http://127.0.0.1:{LocalGroup().enrich_operations_port}"


def test_services_are_looked_for_where_the_settings_say_and_one_may_have_several():
    settings = CLIGroup(operations=("enrich=http://a:9100/", "enrich=http://b:9100"))

    assert service_addresses(settings) == [("enrich", "http://a:9100"), ("enrich", "http://b:9100")]


@pytest.mark.parametrize("wrong", ["enrich", "enricher=http://a:9100", "enrich=a:9100"])
def test_an_address_that_is_none_is_named(wrong):
    with pytest.raises(Misconfigured, match=r"DATELINE_CLI_OPERATIONS: .* is not like enrich=http"):
        service_addresses(CLIGroup(operations=(wrong,)))


def test_ages_and_sizes_are_told_as_people_say_them():
    assert tell_age(NOON - timedelta(hours=3), NOON) == "3 hours ago"
    assert tell_age(None, NOON) == "never"
    assert (tell_bytes(1_500_000_000), tell_bytes(12_000)) == ("1.5 GB", "12.0 kB")
