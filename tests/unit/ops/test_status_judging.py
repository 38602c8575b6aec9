"""What of the facts asks for attention, with what to do and which page says more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ops.schemas import ROOT
from ops.status.facts import Disk, Failure, FeedsFacts, GroupFacts, LettersFacts, ListsFacts, ServiceFacts, TopicFacts
from ops.status.judging import ExitCode, Severity, exit_code, judge
from tests.builders import NOON
from tests.unit.ops.status_facts import elastic_facts, kafka_facts, well

LONG_AGO = NOON - timedelta(days=1)


def with_group(facts, **fields):
    groups = [replace(group, **fields) if group.name == "dateline.enrich" else group for group in facts.groups]
    return replace(facts, groups=groups)


def with_newest(topic, time):
    facts = kafka_facts()
    return replace(facts, topics=[replace(each, newest=time) if each.name == topic else each for each in facts.topics])


def a_service(**fields):
    return [ServiceFacts("indexer", "http://127.0.0.1:9104", **fields)]


def test_where_all_is_well_nothing_asks_for_attention():
    assert judge(well()) == []
    assert exit_code(well(), []) is ExitCode.WELL


@pytest.mark.parametrize(
    ("facts", "severity", "runbook", "told"),
    [
        (well(kafka=Failure("no broker")), "critical", "EngineAway", "Kafka: no broker"),
        (well(elasticsearch=Failure("no node")), "critical", "EngineAway", "Elasticsearch: no node"),
        (well(elasticsearch=elastic_facts(health="red")), "critical", "EngineAway", "is red"),
        (well(elasticsearch=elastic_facts(health="yellow", nodes=3)), "warning", "EngineAway", "is yellow"),
        (well(elasticsearch=elastic_facts(missing=["articles"])), "critical", None, "aliases are missing: articles"),
        (well(kafka=kafka_facts(missing=["comments.posted"])), "critical", None, "topics are missing: comments.posted"),
        (well(kafka=kafka_facts(disk=Disk(10, 100))), "warning", "EngineAway", "disk of Kafka is 90% full"),
        (well(elasticsearch=elastic_facts(disk=Disk(3, 100))), "critical", "EngineAway", "may refuse to write"),
        (well(kafka=with_group(kafka_facts(), lag={"articles.published": 1001})), "warning", "LagGrows", "1,001 records wait"),
        (
            well(kafka=with_group(kafka_facts(), lag={"articles.published": 1}, members=0, state="Empty")),
            "critical",
            "ConsumerStuck",
            "nobody reads for enrich",
        ),
        (well(kafka=kafka_facts(groups=[])), "warning", "ServiceMissing", "has never read"),
        (well(kafka=kafka_facts(topics=[TopicFacts("a", 4, 0, leaderless=1)])), "critical", "EngineAway", "no leader"),
        (well(kafka=kafka_facts(topics=[TopicFacts("a", 4, 0, under_replicated=2)])), "warning", "EngineAway", "fewer copies"),
        (well(services=a_service(failure="refused")), "critical", "ServiceDown", "does not answer at http://127.0.0.1:9104"),
        (well(services=a_service(is_alive=False, reasons=["loop"])), "critical", "ConsumerStuck", "is stuck: loop"),
        (well(services=a_service(is_ready=False, reasons=["kafka: away"])), "warning", "ServiceNotReady", "kafka: away"),
        (well(services=a_service(notes=["no model"])), "info", "ServiceDegraded", "no model"),
        (well(letters=LettersFacts({("a", "enrich", "bug"): 2, ("b", "indexer", "bug"): 1})), "warning", "DeadLetters", "3 bug"),
        (well(letters=Failure("away")), "warning", None, "could not be counted"),
        (well(feeds=FeedsFacts({"failing": 2, "ok": 8})), "warning", "FeedsFailing", "2 of 10 feeds"),
        (well(feeds=FeedsFacts({"failing": 1, "ok": 99})), "info", "FeedsFailing", "1 of 100 feeds"),
        (well(feeds=FeedsFacts({"silent": 1, "ok": 9})), "info", "FeedsSilent", "nothing new"),
        (well(feeds=Failure("no token")), "info", None, "no token"),
        (well(kafka=with_newest("articles.published", LONG_AGO)), "warning", "NoNews", "no article has come in for 1 day"),
        (
            well(elasticsearch=elastic_facts(lists=ListsFacts(9, LONG_AGO))),
            "warning",
            "ListsStale",
            "are as of 2026-11-23 12:00 UTC",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_page(facts, severity, runbook, told):
    found = [finding for finding in judge(facts) if told in finding.what]

    assert {(finding.severity, finding.runbook) for finding in found} == {(severity, runbook)}
    assert all(finding.do for finding in found)
    assert runbook is None or (ROOT / f"ops/runbooks/{runbook}.md").exists()


def test_articles_that_were_accepted_and_wait_while_none_becomes_searchable_are_critical():
    waiting = with_group(kafka_facts(), lag={"articles.published": 3})
    facts = well(kafka=waiting, elasticsearch=elastic_facts(newest=LONG_AGO))

    assert [finding.runbook for finding in judge(facts)] == ["ArticlesNotSearchable"]


def test_lists_are_not_stale_while_nobody_reads():
    facts = well(kafka=with_newest("engagement.recorded", LONG_AGO), elasticsearch=elastic_facts(lists=ListsFacts(9, LONG_AGO)))

    assert judge(facts) == []


def test_a_single_node_that_is_yellow_is_well():
    assert judge(well(elasticsearch=elastic_facts(health="yellow"))) == []


def test_feeds_that_are_paused_do_not_count():
    (finding,) = judge(well(feeds=FeedsFacts({"failing": 1, "ok": 1, "paused": 98})))

    assert "1 of 2 feeds" in finding.what


def test_a_group_without_members_for_which_nothing_waits_is_no_trouble():
    assert judge(well(kafka=kafka_facts(groups=[*kafka_facts().groups, GroupFacts("dateline.feeds", "Empty", 0)]))) == []


def test_the_gravest_stands_first():
    facts = well(elasticsearch=Failure("away"), feeds=FeedsFacts({"silent": 1}), letters=LettersFacts({("a", "b", "c"): 1}))

    assert [finding.severity for finding in judge(facts)] == [Severity.CRITICAL, Severity.WARNING, Severity.INFO]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (well(feeds=FeedsFacts({"silent": 1})), ExitCode.WELL),
        (well(letters=LettersFacts({("a", "b", "c"): 1})), ExitCode.ATTENTION),
        (well(kafka=Failure("x"), elasticsearch=Failure("y")), ExitCode.ATTENTION),
        (well(kafka=Failure("x"), elasticsearch=Failure("y"), services=a_service(failure="z")), ExitCode.BLIND),
    ],
)
def test_the_exit_code_tells_whether_somebody_must_look(facts, code):
    assert exit_code(facts, judge(facts)) is code
