"""Bulk writes on a real Elasticsearch."""

import itertools
import uuid

import pytest
from elasticsearch import Elasticsearch

from ops.cli.setup import create_indices
from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import Action, build_action
from shared.failures import Misconfigured, Unavailable
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName, Settled
from tests.builders import a_record, a_retraction, an_enriched_article, value_of

INDEXED, STALE, RETRACTED = (Settled(name) for name in (OutcomeName.INDEXED, OutcomeName.STALE, OutcomeName.RETRACTED))


@pytest.fixture(scope="module")
def elastic(engines):
    with Elasticsearch(engines.elasticsearch_url) as client:
        create_indices(client)
        yield client


@pytest.fixture
def article_id():
    return uuid.uuid4().hex


def action(body, offset=0, **fields):
    return build_action(a_record(body, topic="articles.enriched", offset=offset, **fields))


def stored(elastic, article_id):
    return elastic.get(index="articles", id=article_id)["_source"]


def test_the_newest_revision_wins_whatever_the_order(elastic):
    revisions = [(1, 0), (2, 0), (2, 1), (3, 0)]
    for order in itertools.permutations(revisions):
        article_id = uuid.uuid4().hex
        for offset, (revision, enrichment) in enumerate(order):
            article = an_enriched_article(article_id=article_id, revision=revision, enrichment=enrichment)
            BulkWriter(elastic).write([action(article, offset)])

        assert (stored(elastic, article_id)["revision"], stored(elastic, article_id)["enrichment"]) == (3, 0), order


def test_the_same_event_again_is_stale_and_no_error(elastic, article_id):
    article = an_enriched_article(article_id=article_id)

    assert BulkWriter(elastic).write([action(article, 0), action(article, 1)]) == [INDEXED, STALE]


def test_a_retracted_article_does_not_come_back_with_an_older_revision(elastic, article_id):
    outcomes = BulkWriter(elastic).write([
        action(a_retraction(article_id=article_id, revision=5), 0),
        action(an_enriched_article(article_id=article_id, revision=4), 1),
        action(an_enriched_article(article_id=article_id, revision=5, enrichment=7), 2),
    ])  # fmt: skip

    assert outcomes == [RETRACTED, STALE, STALE]
    assert stored(elastic, article_id)["status"] == "retracted"


def test_a_document_that_the_mapping_refuses_is_a_dead_letter_and_its_neighbours_are_indexed(elastic, article_id):
    good = an_enriched_article(article_id=article_id)
    value = value_of(a_record(an_enriched_article())).replace(b'"2026-11-24T12:00:00Z"', b'"a while ago"')
    bad = action(an_enriched_article(), 1, value=value)

    indexed, refused = BulkWriter(elastic).write([action(good, 0), bad])

    assert indexed == INDEXED
    assert isinstance(refused, DeadLettered)
    assert refused.code is DeadLetterCode.REFUSED_BY_INDEX
    assert "a while ago" in refused.detail


def test_without_the_alias_nothing_is_written_and_no_index_appears(elastic, article_id):
    client = elastic.options()
    elastic.indices.delete(index="most-popular-000001")
    ranked = build_action(
        a_record(
            topic="popularity.ranked", headers=(("ce_type", b"news.popularity.ranked.v1"),), value=b'{"list_id":"x","revision":1}'
        )
    )
    assert isinstance(ranked, Action)
    try:
        with pytest.raises(Misconfigured, match="dateline setup"):
            BulkWriter(client).write([ranked])
        assert not elastic.indices.exists(index="most-popular")
    finally:
        create_indices(elastic)


def test_elasticsearch_being_away_is_unavailable():
    with pytest.raises(Unavailable, match="does not answer"):
        BulkWriter(Elasticsearch("http://127.0.0.1:9", max_retries=0)).write([action(an_enriched_article())])
