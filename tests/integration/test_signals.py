"""Counts of articles in a real Elasticsearch: they change without the article, and stay when it changes."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.cli.index_family import fetch_family
from ops.cli.setup import create_indices
from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import Action, build_action
from services.indexer.core.signals import Signal
from services.indexer.counting import CountedWriter, SignalWriter
from shared.events import Body
from shared.failures import Unavailable
from shared.outcomes import Outcome, OutcomeName, Settled
from tests.builders import a_record, a_retraction, an_enriched_article
from tests.engines import Engines

INDEXED, STALE, FILTERED = (Settled(name) for name in (OutcomeName.INDEXED, OutcomeName.STALE, OutcomeName.FILTERED))


@pytest.fixture(scope="module")
def elastic(engines: Engines) -> Iterator[Elasticsearch]:
    with Elasticsearch(engines.elasticsearch_url) as client:
        create_indices(client)
        yield client


@pytest.fixture
def article_id() -> str:
    return uuid.uuid4().hex


def a_writer(elastic: Elasticsearch) -> CountedWriter:
    bulk = BulkWriter(elastic)
    return CountedWriter(bulk.write, SignalWriter(elastic, bulk.turns).write)


def an_action(body: Body, offset: int = 0) -> Action:
    action = build_action(a_record(body, topic="articles.enriched", offset=offset))
    assert isinstance(action, Action)
    return action


def an_edit(article_id: str, revision: int, enrichment: int = 0) -> Action:
    own = {"article_id": article_id, "revision": revision, "enrichment": enrichment}
    return an_action(an_enriched_article(**own, headline=f"Edit {revision}"), 100 * revision + enrichment)


def a_signal(article_id: str, views: int, comments: int = 0) -> Signal:
    return Signal(("popularity.signals", 0, 100 * views + comments), article_id, views, comments)


def stands(elastic: Elasticsearch, article_id: str) -> dict[str, Any]:
    """The document with its version."""
    found = elastic.get(index="articles", id=article_id)
    return {**found["_source"], "version": found["_version"]}


def counts(elastic: Elasticsearch, article_id: str) -> tuple[int, int]:
    document = stands(elastic, article_id)
    return document.get("views", 0), document.get("comments", 0)


def test_counts_change_and_neither_the_article_nor_its_version_nor_its_stamp_does(elastic: Elasticsearch, article_id: str) -> None:
    writer = a_writer(elastic)
    writer.write([an_edit(article_id, 1)])
    before = stands(elastic, article_id)

    assert writer.write([a_signal(article_id, 9, 2)]) == [INDEXED]

    assert stands(elastic, article_id) == {**before, "views": 9, "comments": 2}


def test_a_correction_and_a_new_enrichment_keep_the_counts(elastic: Elasticsearch, article_id: str) -> None:
    writer = a_writer(elastic)
    for record in (an_edit(article_id, 1), a_signal(article_id, 9, 2), an_edit(article_id, 2), an_edit(article_id, 2, 1)):
        assert writer.write([record]) == [INDEXED]

    assert counts(elastic, article_id) == (9, 2)
    assert stands(elastic, article_id)["headline"] == {"en": "Edit 2"}


def test_an_article_and_its_signal_in_one_batch_need_no_order(elastic: Elasticsearch, article_id: str) -> None:
    assert a_writer(elastic).write([a_signal(article_id, 9), an_edit(article_id, 1)]) == [INDEXED, INDEXED]

    assert counts(elastic, article_id) == (9, 0)


def test_an_article_that_is_not_there_does_not_come_to_be(elastic: Elasticsearch, article_id: str) -> None:
    assert a_writer(elastic).write([a_signal(article_id, 9)]) == [FILTERED]

    assert not elastic.exists(index="articles", id=article_id)


def test_counts_that_came_before_their_article_are_written_with_it(elastic: Elasticsearch, article_id: str) -> None:
    writer = a_writer(elastic)
    assert writer.write([a_signal(article_id, 9)]) == [FILTERED]

    assert writer.write([an_edit(article_id, 1)]) == [INDEXED]

    assert counts(elastic, article_id) == (9, 0)


def test_a_retracted_article_has_no_counts_and_gets_none(elastic: Elasticsearch, article_id: str) -> None:
    writer = a_writer(elastic)
    retraction = an_action(a_retraction(article_id=article_id, revision=2))
    writer.write([an_edit(article_id, 1), a_signal(article_id, 9)])
    writer.write([retraction])

    assert writer.write([a_signal(article_id, 16)]) == [FILTERED]

    assert counts(elastic, article_id) == (0, 0)


def test_older_revisions_are_kept_without_counts(elastic: Elasticsearch, article_id: str) -> None:
    writer = a_writer(elastic)
    for record in (an_edit(article_id, 1), a_signal(article_id, 9), an_edit(article_id, 2)):
        writer.write([record])

    kept = elastic.get(index="revisions", id=f"{article_id}.1")["_source"]["content"]
    assert kept["headline"] == {"en": "Edit 1"}
    assert "views" not in kept


def test_after_a_rollover_counts_are_written_where_the_article_lives(elastic: Elasticsearch, article_id: str) -> None:
    writer = a_writer(elastic)
    writer.write([an_edit(article_id, 1)])
    family = fetch_family(elastic, "articles")
    first, second = family.written.name, family.next_name
    elastic.indices.create(index=second)
    roll = [{"add": {"index": name, "alias": "articles", "is_write_index": name == second}} for name in (first, second)]
    elastic.indices.update_aliases(actions=roll)
    try:
        assert writer.write([a_signal(article_id, 9)]) == [INDEXED]

        assert elastic.get(index=first, id=article_id)["_source"]["views"] == 9
        assert not elastic.exists(index=second, id=article_id)
    finally:
        back = {"add": {"index": first, "alias": "articles", "is_write_index": True}}
        elastic.indices.update_aliases(actions=[{"remove_index": {"index": second}}, back])


def test_an_index_that_takes_no_writes_for_now_is_waited_for(elastic: Elasticsearch, article_id: str) -> None:
    writer = a_writer(elastic)
    writer.write([an_edit(article_id, 1)])
    elastic.indices.put_settings(index="articles", settings={"index.blocks.write": True})
    try:
        with pytest.raises(Unavailable, match="cluster_block_exception"):
            writer.write([a_signal(article_id, 9)])
    finally:
        elastic.indices.put_settings(index="articles", settings={"index.blocks.write": None})

    assert writer.write([a_signal(article_id, 9)]) == [INDEXED]


RECORDS = st.tuples(st.integers(0, 1), st.integers(1, 4), st.none() | st.integers(1, 99))
BATCHES = st.lists(st.lists(RECORDS, min_size=1, max_size=4), min_size=1, max_size=8)


@settings(max_examples=25)
@given(BATCHES)
def test_the_newest_revision_and_the_highest_counts_win_whatever_is_written_at_the_same_time(
    elastic: Elasticsearch, batches: list[list[tuple[int, int, int | None]]]
) -> None:
    """Batches of edits and signals of two articles that stand, by three threads."""
    ids = [uuid.uuid4().hex for _ in range(2)]
    writer = a_writer(elastic)
    writer.write([an_edit(own_id, 1) for own_id in ids])
    built: list[Sequence[Action | Signal]] = [
        [an_edit(ids[article], edit) if views is None else a_signal(ids[article], views) for article, edit, views in batch]
        for batch in batches
    ]

    with ThreadPoolExecutor(3) as pool:
        outcomes: list[list[Outcome]] = list(pool.map(writer.write, built))

    assert Counter(map(len, outcomes)) == Counter(map(len, batches))
    for number, own_id in enumerate(ids):
        own = [(edit, views) for batch in batches for article, edit, views in batch if article == number]
        revisions, views_told = [edit for edit, views in own if views is None], [views for _, views in own if views is not None]
        assert stands(elastic, own_id)["revision"] == max(revisions, default=1)
        assert counts(elastic, own_id)[0] == max(views_told, default=0)
