"""Elasticsearch is lost with all that it held: it comes back from a snapshot and Kafka's log, or from the log alone, and is equal.

Each step is that of docs/backup.md, done by the accounts that it names, on secured engines.
"""

import uuid

import pytest

from shared.elastic import connect_elastic
from shared.indices import ALIASES, MATCHING
from tests.command import dateline
from tests.secured_engines import ADMIN
from tests.secured_stack import THROUGH_SECONDS, whole_only
from tests.stack import eventually

EVERYTHING = ",".join(f"{alias}-*" for alias in ALIASES)


@pytest.fixture
def administrator(secured):
    """A client that may do everything, for what is an administrator's to do."""
    with connect_elastic(secured.elasticsearch(ADMIN)) as client:
        yield client.options(request_timeout=120)


def published(stack, headline):
    """The id of an article that can be read."""
    article = {"headline": headline, "body": "It opened.", "url": f"https://courier.example/{uuid.uuid4()}"}
    article_id = stack.ingest.post("/v1/articles", json=article).raise_for_status().json()["article_id"]
    eventually(lambda: status_of(stack, article_id), lambda status: status == 200, THROUGH_SECONDS)
    return article_id


def status_of(stack, article_id):
    return stack.search.get(f"/v1/articles/{article_id}").status_code


def operate(stack, *arguments):
    done = dateline(*arguments, **stack.engines.environment("operator"))
    return done.returncode, done.stdout + done.stderr


def lose_everything(stack, administrator):
    stack.services["indexer"].process.stop()
    # Elasticsearch deletes by name only. The indexer's own index is lost too, and made anew by it.
    administrator.indices.delete(index=list(administrator.indices.get(index=[EVERYTHING, f"{MATCHING}-*"], features="settings")))


def set_up(stack):
    done = dateline("setup", DATELINE_TOPICS_PARTITIONS="2", **stack.engines.environment("setup"))
    assert done.returncode == 0, done.stderr


def test_an_index_that_was_lost_comes_back_from_a_snapshot_and_the_log(stack, administrator):
    kept, retracted = published(stack, "Kept"), published(stack, "Retracted")
    stack.ingest.delete(f"/v1/articles/{retracted}").raise_for_status()
    eventually(lambda: status_of(stack, retracted), lambda status: status == 410, THROUGH_SECONDS)
    administrator.snapshot.create_repository(name="backup", repository={"type": "fs", "settings": {"location": "backup"}})
    with connect_elastic(stack.engines.elasticsearch("operator")) as operator:
        taken = operator.options(request_timeout=120).snapshot.create(
            repository="backup", snapshot="daily", indices=EVERYTHING, include_global_state=False, wait_for_completion=True
        )
    assert taken["snapshot"]["state"] == "SUCCESS"
    later = published(stack, "After the snapshot")

    lose_everything(stack, administrator)
    administrator.snapshot.restore(
        repository="backup", snapshot="daily", indices=EVERYTHING, include_aliases=True, wait_for_completion=True
    )
    set_up(stack)
    code, told = operate(stack, "index", "verify")
    assert (code, f"{later} is missing" in told) == (1, True), told
    for alias in ("articles", "comments"):
        assert operate(stack, "index", "rebuild", alias, "--whole-log")[0] == 0
    stack.services["indexer"].start()
    stack.services["indexer"].wait_until_ready(120)

    for alias in ("articles", "comments", "saved-searches"):
        code, told = operate(stack, "index", "verify", alias)
        assert (code, " 0 differ" in told) == (0, True), told
    assert [status_of(stack, each) for each in (kept, later, retracted)] == [200, 200, 410]
    published(stack, "News goes on")


@whole_only
def test_without_a_snapshot_the_log_alone_brings_back_what_it_holds(stack, administrator):
    kept, retracted = published(stack, "Kept"), published(stack, "Retracted")
    stack.ingest.delete(f"/v1/articles/{retracted}").raise_for_status()
    eventually(lambda: status_of(stack, retracted), lambda status: status == 410, THROUGH_SECONDS)

    lose_everything(stack, administrator)
    set_up(stack)
    assert operate(stack, "index", "rebuild", "--whole-log")[0] == 0
    stack.services["indexer"].start()
    stack.services["indexer"].wait_until_ready(120)

    code, told = operate(stack, "index", "verify")
    assert (code, " 0 differ" in told) == (0, True), told
    assert [status_of(stack, each) for each in (kept, retracted)] == [200, 410]
    published(stack, "News goes on")
