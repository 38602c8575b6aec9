"""The indexer is killed while several of its batches are in flight, again and again: all is indexed, in its newest state."""

import itertools
import uuid

import pytest

from ops.local.services import RunningService
from shared.events import article_record
from shared.topics import ENRICHED
from tests.builders import an_enriched_article, an_event
from tests.kafka_topics import committed, produce
from tests.stack import eventually, running_stack

ARTICLES, REVISIONS = 400, 3
GROUP = "dateline.indexer"
#: Small batches, so that many are in flight; and a group that soon takes a dead member for dead.
SETTINGS = {"DATELINE_INDEXER_BATCH_RECORDS": "20", "DATELINE_KAFKA_SESSION_TIMEOUT_SECONDS": "6"}


@pytest.fixture(scope="module")
def stack(engines, tmp_path_factory):
    with running_stack(engines, tmp_path_factory.mktemp("killed"), ("indexer",), SETTINGS) as running:
        yield running


def test_a_killed_indexer_loses_nothing_and_keeps_every_older_revision(stack):
    kafka = stack.engines.kafka_bootstrap
    ids = [uuid.uuid4().hex for _ in range(ARTICLES)]
    before = done(kafka)
    produce(
        kafka,
        *[
            article_record(an_event(an_enriched_article(article_id=own_id, revision=revision)), ENRICHED)
            for revision in range(1, REVISIONS + 1)
            for own_id in ids
        ],
    )
    service: RunningService = stack.services["indexer"]

    for share in (0.1, 0.5):
        least = before + share * ARTICLES * REVISIONS
        eventually(lambda: done(kafka), least.__lt__, 60)
        service.process.popen.kill()
        service.process.popen.wait(10)
        service.restart_if_ended()
    eventually(lambda: done(kafka), lambda total: total >= before + ARTICLES * REVISIONS, 90)

    stack.elastic.indices.refresh(index="articles,revisions")
    found = stack.elastic.mget(index="articles", ids=ids, source_includes=["revision"])["docs"]
    assert {doc["_source"]["revision"] for doc in found if doc["found"]} == {REVISIONS}
    assert all(doc["found"] for doc in found)
    kept = itertools.product(ids, range(1, REVISIONS))
    older = stack.elastic.mget(index="revisions", ids=[f"{own_id}.{revision}" for own_id, revision in kept], source=False)["docs"]
    assert all(doc["found"] for doc in older)


def done(kafka):
    return sum(committed(kafka, GROUP, ENRICHED, partition) or 0 for partition in range(4))
