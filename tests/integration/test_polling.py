"""The feed poller: feeds on local servers, a real Kafka behind the door."""

import threading
import time
from contextlib import ExitStack

import pytest

from services.ingest.core.feed_records import feed_id
from services.ingest.core.source_watch import Condition, judge_condition
from services.ingest.door import now_utc
from tests.doubles import serving
from tests.pollers import (
    PARTITIONS,
    Answer,
    FeedServer,
    defined_feeds,
    forget,
    headlines,
    killed_after,
    rss,
    running_poller,
    stored_state,
)
from tests.stack import eventually


@pytest.fixture
def server():
    return FeedServer()


@pytest.fixture
def mark():
    """Tells this test's articles from all others."""
    return f"m{time.monotonic_ns()}"


@pytest.fixture
def home(server):
    with serving(server.serve) as url:
        yield url


def test_entries_are_published_once_a_changed_one_again_and_an_unchanged_feed_is_not_sent_again(
    engines, server, home, mark, tmp_path
):
    server.answers["/feed"] = Answer(rss(("One", f"{mark}-1"), ("Two", f"{mark}-2")))
    with defined_feeds(engines.kafka_bootstrap, f"{home}/feed"), running_poller(engines.kafka_bootstrap, tmp_path):
        eventually(lambda: headlines(engines.kafka_bootstrap, mark), lambda seen: sorted(seen) == ["One", "Two"])
        eventually(lambda: server.statuses["/feed"], lambda statuses: 304 in statuses)

        server.answers["/feed"] = Answer(rss(("One", f"{mark}-1"), ("Two, corrected", f"{mark}-2")))

        seen = eventually(lambda: headlines(engines.kafka_bootstrap, mark), lambda seen: len(seen) > 2)
    assert (sorted(seen[:2]), seen[2:]) == (["One", "Two"], ["Two, corrected"])
    assert server.agents == {"Test/1 (me@a.example)"}


def test_a_new_poller_knows_from_the_topic_what_was_published(engines, server, home, mark, tmp_path):
    server.answers["/feed"] = Answer(rss(("One", f"{mark}-1")))
    with defined_feeds(engines.kafka_bootstrap, f"{home}/feed"):
        with running_poller(engines.kafka_bootstrap, tmp_path) as first:
            eventually(lambda: first.state(f"{home}/feed"), lambda state: state is not None and state.seen)
        server.answers["/feed"] = Answer(rss(("Two", f"{mark}-2"), ("One", f"{mark}-1")))

        with running_poller(engines.kafka_bootstrap, tmp_path):  # its memory of articles is empty
            seen = eventually(lambda: headlines(engines.kafka_bootstrap, mark), lambda seen: "Two" in seen)

    assert seen == ["One", "Two"]


def test_two_pollers_share_the_feeds_and_none_is_polled_by_both(engines, server, tmp_path):
    hosts = [f"127.0.3.{number}" for number in range(1, 9)]
    asked: dict[str, list[str]] = {}

    def serve(request):
        asked.setdefault(request.headers["Host"], []).append(request.headers["User-Agent"])
        server.serve(request)

    server.answers["/feed"] = Answer(rss(("One", f"shared-{time.monotonic_ns()}")))
    with ExitStack() as stack:
        homes = [stack.enter_context(serving(serve, host)) for host in hosts]
        stack.enter_context(defined_feeds(engines.kafka_bootstrap, *(f"{home}/feed" for home in homes)))
        one = stack.enter_context(running_poller(engines.kafka_bootstrap, tmp_path, user_agent="one/1"))
        eventually(one.owned, lambda owned: len(owned) == PARTITIONS)
        two = stack.enter_context(running_poller(engines.kafka_bootstrap, tmp_path, user_agent="two/1"))
        eventually(lambda: (one.owned(), two.owned()), lambda owned: all(owned) and len(owned[0] | owned[1]) == PARTITIONS)
        assert not one.owned() & two.owned()

        for _ in range(2):  # the first time, polls that were under way before may be among them
            asked.clear()
            eventually(lambda: [len(agents) for agents in asked.values()], lambda counts: len(counts) == 8 and min(counts) >= 2)

        assert {len(set(agents)) for agents in asked.values()} == {1}
        assert {agent for agents in asked.values() for agent in agents} == {"one/1", "two/1"}


def test_when_a_poller_is_killed_another_takes_over_and_nothing_is_published_twice(engines, server, home, mark, tmp_path):
    server.answers["/feed"] = Answer(rss(("One", f"{mark}-1")))
    with defined_feeds(engines.kafka_bootstrap, f"{home}/feed"):
        with killed_after(engines, tmp_path, lambda: "kill/1" in server.agents and headlines(engines.kafka_bootstrap, mark)):
            state = eventually(lambda: stored_state(engines.kafka_bootstrap, f"{home}/feed"), lambda state: state and state.seen)
        server.answers["/feed"] = Answer(rss(("Two", f"{mark}-2"), ("One", f"{mark}-1")))

        with running_poller(engines.kafka_bootstrap, tmp_path) as other:
            seen = eventually(lambda: headlines(engines.kafka_bootstrap, mark), lambda seen: "Two" in seen, 60)
            taken_over = eventually(lambda: other.state(f"{home}/feed"), lambda known: known.last_poll > state.last_poll)

    assert seen == ["One", "Two"]
    assert state.seen in taken_over.seen


def test_feeds_of_one_host_are_asked_one_after_the_other_while_other_hosts_are_polled(engines, server, home, tmp_path):
    elsewhere = FeedServer()
    elsewhere.answers["/feed"] = Answer(rss(("Elsewhere", f"e{time.monotonic_ns()}")))
    server.hold = threading.Event()
    urls = [f"{home}/{number}" for number in range(3)]
    with (
        serving(elsewhere.serve, "127.0.0.2") as other,
        defined_feeds(engines.kafka_bootstrap, *urls, f"{other}/feed"),
        running_poller(engines.kafka_bootstrap, tmp_path) as poller,
    ):
        eventually(lambda: server.asking, lambda asking: asking == 1)
        eventually(lambda: elsewhere.statuses.get("/feed", []), lambda statuses: len(statuses) >= 2)
        server.hold.set()
        eventually(lambda: [poller.state(url) for url in urls], all)
    assert server.most_at_once == 1


def test_a_server_that_asks_to_be_left_alone_is(engines, server, home, tmp_path):
    server.answers["/feed"] = Answer(status=503, headers={"Retry_After": "7200"})
    with defined_feeds(engines.kafka_bootstrap, f"{home}/feed"), running_poller(engines.kafka_bootstrap, tmp_path) as poller:
        state = eventually(lambda: poller.state(f"{home}/feed"), bool)

    assert 7199 < (state.next_poll - state.last_poll).total_seconds() < 7200 * 1.1 + 1
    assert state.error == "the server answered 503"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(status=500), "the server answered 500"),
        (Answer(status=404), "the server answered 404"),
        (Answer(b"<html>no feed</html>"), "web page"),
    ],
)
def test_a_feed_that_fails_has_a_reason_and_recovers(engines, server, home, mark, tmp_path, answer, reason):
    url = f"{home}/feed"
    server.answers["/feed"] = answer
    with defined_feeds(engines.kafka_bootstrap, url), running_poller(engines.kafka_bootstrap, tmp_path) as poller:
        eventually(lambda: poller.state(url), lambda state: state is not None and state.failures >= 1)
        condition, told = judge_condition(poller.feed(url).definition, poller.state(url), now_utc())
        assert condition is Condition.FAILING
        assert reason in told

        server.answers["/feed"] = Answer(rss(("Recovered", mark)))

        assert eventually(lambda: headlines(engines.kafka_bootstrap, mark), bool) == ["Recovered"]
        eventually(lambda: poller.state(url), lambda state: state.error is None and state.failures == 0)


def test_a_feed_that_is_gone_is_left_alone_for_a_day(engines, server, home, tmp_path):
    server.answers["/feed"] = Answer(status=410)
    with defined_feeds(engines.kafka_bootstrap, f"{home}/feed"), running_poller(engines.kafka_bootstrap, tmp_path) as poller:
        state = eventually(lambda: poller.state(f"{home}/feed"), bool)

    assert state.error == "the feed is gone (410)"
    assert (state.next_poll - state.last_poll).total_seconds() > 86_000


def test_a_paused_feed_is_not_polled_and_a_removed_one_no_longer(engines, server, home, tmp_path):
    for path in ("/paused", "/removed", "/stays"):
        server.answers[path] = Answer(rss(("One", f"p{time.monotonic_ns()}")))
    bootstrap = engines.kafka_bootstrap
    with (
        defined_feeds(bootstrap, f"{home}/paused", paused=True),
        defined_feeds(bootstrap, f"{home}/stays"),
        running_poller(bootstrap, tmp_path) as poller,
    ):
        with defined_feeds(bootstrap, f"{home}/removed"):
            eventually(lambda: server.statuses.get("/removed", []), lambda statuses: len(statuses) >= 2)
        eventually(lambda: poller.table.get(feed_id(f"{home}/removed")), lambda feed: feed is None)
        for _ in range(2):  # the first time, a poll that was under way before may be among them
            del server.statuses["/removed"], server.statuses["/stays"]
            eventually(lambda: server.statuses.get("/stays", []), lambda statuses: len(statuses) >= 2)
            server.statuses.setdefault("/removed", [])
        assert server.statuses["/removed"] == []

    assert "/paused" not in server.statuses
    assert stored_state(bootstrap, f"{home}/removed") is None


def test_feeds_of_the_settings_are_added_where_they_are_missing(engines, server, home, mark, tmp_path):
    server.answers["/known"] = server.answers["/missing"] = Answer(rss(("One", mark)))
    urls = (f"{home}/known", f"{home}/missing")
    with (
        defined_feeds(engines.kafka_bootstrap, f"{home}/known", section="World"),
        running_poller(engines.kafka_bootstrap, tmp_path, feeds=urls) as poller,
    ):
        eventually(lambda: poller.table.get(feed_id(f"{home}/missing")), bool)
        known = poller.feed(f"{home}/known").definition
        forget(engines.kafka_bootstrap, poller.table, f"{home}/missing")

    assert known.section == "World", "what somebody set stays"


def test_a_poller_stops_in_time_though_a_server_hangs(engines, server, home, tmp_path):
    server.hold = threading.Event()
    with defined_feeds(engines.kafka_bootstrap, f"{home}/feed"), running_poller(engines.kafka_bootstrap, tmp_path) as poller:
        eventually(lambda: server.asking, bool)
        began = time.monotonic()
        poller.stop.set()
        for thread in poller.threads:
            thread.join(10)
        took = time.monotonic() - began
        server.hold.set()

    assert took < 5


def test_a_feed_that_cannot_be_published_is_read_again_when_kafka_is_back(engines, server, home, mark, tmp_path):
    """What the broker being away is to the door; the real one is taken away in `test_broker_away`."""
    server.answers["/feed"] = Answer(rss(("One", mark)))
    url = f"{home}/feed"
    with defined_feeds(engines.kafka_bootstrap, url), running_poller(engines.kafka_bootstrap, tmp_path, failing=1) as poller:
        eventually(lambda: headlines(engines.kafka_bootstrap, mark), lambda seen: seen == ["One"])
        state = eventually(lambda: poller.state(url), lambda state: state.error is None)

    assert state.seen
    assert server.statuses["/feed"][:2] == [200, 200], "its ETag was not kept"
