"""`dateline index` on the running whole."""

import uuid

import pytest

from shared.events import article_record
from shared.popularity import PopularitySignalled
from shared.topics import SIGNALS
from tests.builders import an_event
from tests.command import dateline
from tests.kafka_topics import produce
from tests.stack import eventually


@pytest.fixture
def index(stack):
    """Runs `dateline index …`; answers its exit code and what it printed."""

    def run(*arguments):
        reached = {
            "DATELINE_KAFKA_BOOTSTRAP_SERVERS": stack.engines.kafka_bootstrap,
            "DATELINE_ELASTICSEARCH_URL": stack.engines.elasticsearch_url,
        }
        done = dateline("index", *arguments, **reached)
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def article_id(stack):
    """An article that can be found."""
    url = f"https://a.example/{uuid.uuid4()}"
    published = stack.ingest.post("/v1/articles", json={"headline": "A bridge opens", "body": "It opened.", "url": url})
    article_id = published.raise_for_status().json()["article_id"]
    eventually(lambda: stack.search.get(f"/v1/articles/{article_id}").status_code, lambda status: status == 200)
    return article_id


def serving(stack):
    return list(stack.elastic.indices.get_alias(name="articles"))


def counts(stack, article_id):
    source = stack.elastic.get(index="articles", id=article_id)["_source"]
    return source.get("views"), source.get("comments")


def test_what_is_missing_is_named_and_the_whole_log_brings_it_back(stack, index, article_id):
    (name,) = serving(stack)
    counted = PopularitySignalled(article_id=article_id, revision=1, views=8, comments=1)
    produce(stack.engines.kafka_bootstrap, article_record(an_event(counted), SIGNALS))
    eventually(lambda: counts(stack, article_id), lambda found: found == (8, 1))
    stack.elastic.delete(index=name, id=article_id, refresh=True)

    code, told = index("verify")
    assert (code, f"{article_id} is missing" in told) == (1, True), told

    code, told = index("rebuild", "--whole-log")
    assert (code, f"serves in the place of {name}" in told) == (0, True), told
    assert index("verify")[0] == 0
    assert stack.search.get(f"/v1/articles/{article_id}").status_code == 200
    assert counts(stack, article_id) == (8, 1)


def test_a_rebuild_can_be_taken_back_and_its_index_dropped(stack, index, article_id):
    (old,) = serving(stack)
    index("rebuild")
    (new,) = serving(stack)
    assert new != old

    assert index("drop", new) == (78, f"dateline: {new} serves: it is not deleted\n")
    assert index("rollback", old)[0] == 0
    assert serving(stack) == [old]
    assert index("drop", new) == (0, f"{new} deleted.\n")
    assert stack.search.get(f"/v1/articles/{article_id}").status_code == 200


def test_an_interrupted_rebuild_is_removed_only_when_that_is_asked_for(stack, index):
    (old,) = serving(stack)
    left = f"articles-{int(old[-6:]) + 50:06d}"
    stack.elastic.indices.create(index=left, mappings={"_meta": {"dateline": {"building": True}}})

    code, told = index("rebuild")
    assert (code, f"{left} is being built" in told) == (78, True), told

    assert index("rebuild", "--restart")[0] == 0
    assert not stack.elastic.indices.exists(index=left)


def test_an_index_that_is_small_is_not_rolled_over(stack, index):
    (name,) = serving(stack)

    assert index("rollover", "--size-gb", "40") == (0, f"{name} is not large enough yet.\n")


def test_an_alias_that_there_is_not_is_refused(index):
    code, told = index("rebuild", "articels")

    assert (code, "articels is none of articles, comments" in told) == (78, True), told
