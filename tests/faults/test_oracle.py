"""The oracle of the fault programme finds each kind of broken promise, and none where all were kept."""

import pytest

from tests.faults.ledger import Answered, Entry, Ledger
from tests.faults.oracle import (
    Promised,
    State,
    Verdict,
    judge_articles,
    judge_comments,
    judge_dead_letters,
    judge_views,
    sum_up,
)
from tests.faults.plans import SERVICES, Kind, middle, schedule, small

FIRST, SECOND = State(1, ("One", "text")), State(3, ("Three", "text"))
HIDDEN = State(4, None)


def published(state, answered: Answered = "accepted") -> Entry:
    headline, body = state.text
    return {
        "answered": answered,
        "kind": "article",
        "article": "a",
        "revision": state.revision,
        "headline": headline,
        "body": body,
    }


RETRACTED: Entry = {"answered": "accepted", "kind": "retraction", "article": "a", "revision": 4}
VIEW: Entry = {"answered": "accepted", "kind": "view", "article": "a", "minute": 7, "visitor": "v"}


def broken(promised, found):
    verdict = Verdict()
    judge_articles(promised, found, verdict)
    return set(verdict.examples)


@pytest.mark.parametrize(
    ("ledger", "found", "what"),
    [
        ([published(FIRST), published(SECOND)], {"a": SECOND}, set()),
        ([published(SECOND), published(FIRST)], {"a": SECOND}, set()),
        ([published(FIRST)], {}, {"missing"}),
        ([], {"a": FIRST}, {"not_promised"}),
        ([published(FIRST), published(SECOND)], {"a": FIRST}, {"wrong_revision"}),
        ([published(FIRST)], {"a": State(1, ("One", "another text"))}, {"wrong_content"}),
        ([published(FIRST), RETRACTED], {"a": HIDDEN}, set()),
        ([RETRACTED, published(SECOND)], {"a": SECOND}, {"resurrected"}),
        ([published(FIRST), published(SECOND, "unknown")], {"a": FIRST}, set()),
        ([published(FIRST), published(SECOND, "unknown")], {"a": SECOND}, set()),
    ],
)
def test_an_article_is_judged_by_its_newest_accepted_state(ledger, found, what):
    assert broken(sum_up(ledger), found) == what


def test_a_view_that_was_sent_twice_counts_once():
    assert sum_up([VIEW, VIEW]).views == {("a", 7): 1}


@pytest.mark.parametrize(("counted", "error"), [({("a", 7): 1}, 0), ({}, 1), ({("a", 7): 3}, 2), ({("a", 7): 1, ("b", 7): 1}, 1)])
def test_a_count_that_differs_is_an_error_of_so_many_views(counted, error):
    verdict = Verdict()

    judge_views(sum_up([VIEW]), counted, verdict)

    assert verdict.view_error == error


def test_comments_and_dead_letters_are_those_that_were_promised():
    verdict = Verdict()
    promised = Promised(comments={"kept", "lost"})
    promised.poison["topic", "seen"] = promised.poison["topic", "unseen"] = 1

    judge_comments(promised, {"kept", "nobody's"}, verdict)
    judge_dead_letters(promised, [("topic", "seen"), ("topic", "good news")], verdict)

    assert (verdict.comments_missing, verdict.comments_not_promised) == (1, 1)
    assert (verdict.poison_missing, verdict.dead_letters_not_promised) == (1, 1)


def test_a_ledger_keeps_what_was_added(tmp_path):
    with Ledger(tmp_path / "ledger") as ledger:
        ledger.add(published(FIRST), RETRACTED)

    assert list(ledger.read()) == [published(FIRST), RETRACTED]


@pytest.mark.parametrize("plan", [small(1), middle(2)], ids=["small", "middle"])
def test_a_seed_gives_one_schedule_in_which_every_service_is_killed_equally_often(plan):
    strikes = schedule(plan)

    assert strikes == schedule(plan)
    kills = [strike.target for strike in strikes if strike.kind is Kind.KILL]
    assert {kills.count(service) for service in SERVICES} == {plan.kills // len(SERVICES)}
