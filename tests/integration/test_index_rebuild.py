"""An index built anew on a real Elasticsearch, while it is written and searched."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from operator import lt

import pytest
from elasticsearch import Elasticsearch

from ops.cli.index_copying import copy_documents, fetch_checkpoint, fetch_versions, versions_of
from ops.cli.index_family import block_writes, fetch_family, mark_building
from ops.cli.index_log import add_counts, add_log
from ops.cli.index_rebuilding import rebuild_index, roll_back
from ops.cli.setup import build_template
from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import Action, build_action
from services.indexer.core.signals import Signal
from shared.failures import Misconfigured, Unavailable
from shared.indices import ARTICLES
from tests.builders import a_record, a_retraction, an_enriched_article
from tests.stack import eventually


@pytest.fixture(scope="module")
def elastic(engines):
    with Elasticsearch(engines.elasticsearch_url) as client:
        yield client


@pytest.fixture
def alias(elastic):
    """An alias of its own with one index, mapped as the articles are."""
    name = f"rebuilt-{uuid.uuid4().hex[:8]}"
    template = build_template(ARTICLES, "standard", 1, 0)
    elastic.indices.put_index_template(name=name, **{**template, "index_patterns": [f"{name}-0*"]})
    elastic.indices.create(index=f"{name}-000001", aliases={name: {"is_write_index": True}})
    yield name
    elastic.indices.delete(index=list(elastic.indices.get(index=f"{name}-0*")))
    elastic.indices.delete_index_template(name=name)


@pytest.fixture
def write(elastic, alias):
    """Writes articles and retractions through the indexer's own way."""
    writer = BulkWriter(elastic)
    offsets = iter(range(1_000_000))

    def write(*bodies):
        return writer.write([replace(action_of(body, next(offsets)), alias=alias) for body in bodies])

    return write


def action_of(body, offset=0):
    action = build_action(a_record(body, topic="articles.enriched", offset=offset))
    assert isinstance(action, Action)
    return action


def articles(count, **fields):
    return [an_enriched_article(article_id=uuid.uuid4().hex, **fields) for _ in range(count)]


def ignore(_doing, _count):
    """Nobody watches."""


def as_it_is(document):
    return document


def rebuild(elastic, alias, shape=as_it_is, add_log=None):
    family = fetch_family(elastic, alias)
    return rebuild_index(elastic, family, family.written.name, shape, add_log, ignore)


def stored(elastic, alias, article_id):
    return elastic.get(index=alias, id=article_id)


def test_the_new_index_serves_with_the_same_documents_in_the_same_versions(elastic, alias, write):
    kept, gone = articles(2, revision=7)
    write(kept, gone, *articles(20))
    write(a_retraction(article_id=gone.article_id, revision=8))
    before = fetch_versions(elastic, f"{alias}-000001")

    done = rebuild(elastic, alias)

    assert (done.old, done.new, done.documents) == (f"{alias}-000001", f"{alias}-000002", 22)
    assert fetch_versions(elastic, alias) == before
    assert stored(elastic, alias, gone.article_id)["_source"]["status"] == "retracted"
    assert list(elastic.indices.get_alias(name=alias)) == [f"{alias}-000002"]


def test_an_older_revision_does_not_come_back_through_a_rebuild(elastic, alias, write):
    article_id = uuid.uuid4().hex
    write(a_retraction(article_id=article_id, revision=5))
    rebuild(elastic, alias)

    write(an_enriched_article(article_id=article_id, revision=4))

    assert stored(elastic, alias, article_id)["_source"]["status"] == "retracted"


@contextmanager
def going_on(*steps):
    """Repeats each step in a thread of its own until the body ends."""
    stop = threading.Event()

    def repeat(step):
        while not stop.is_set():
            step()

    with ThreadPoolExecutor(len(steps)) as pool:
        running = [pool.submit(repeat, step) for step in steps]
        try:
            yield
        finally:
            stop.set()
    for each in running:
        each.result()


def test_while_it_is_built_no_write_is_lost_and_no_search_fails_or_is_short(elastic, alias, write):
    write(*articles(3000))
    elastic.indices.refresh(index=alias)
    written, totals = [], []
    unwritten = articles(1)

    def write_one():
        try:
            write(*unwritten)
        except Unavailable:
            return  # as the indexer waits, and tries the same again
        written.append(unwritten[0].article_id)
        unwritten[:] = articles(1)

    def search():
        answer = elastic.search(index=alias, size=0, track_total_hits=True, allow_partial_search_results=False)
        totals.append(answer["hits"]["total"]["value"])

    with going_on(write_one, search):
        for _ in range(3):
            so_far = len(written)
            eventually(lambda: len(written), partial(lt, so_far + 5))
            rebuild(elastic, alias)

    elastic.indices.refresh(index=alias)
    assert elastic.count(index=alias)["count"] == 3000 + len(written)
    assert min(totals) >= 3000


def test_fields_are_derived_anew(elastic, alias, write):
    write(*articles(3))

    rebuild(elastic, alias, shape=lambda document: {**document, "section": "Elsewhere"})

    elastic.indices.refresh(index=alias)
    assert elastic.count(index=alias, query={"term": {"section": "Elsewhere"}})["count"] == 3


def test_a_document_that_the_new_mapping_refuses_ends_the_rebuild_and_the_old_index_serves_on(elastic, alias, write):
    (article,) = articles(1)
    write(article)

    with pytest.raises(Misconfigured, match=article.article_id):
        rebuild(elastic, alias, shape=lambda document: {**document, "nobody_knows_this": 1})

    assert list(elastic.indices.get_alias(name=alias)) == [f"{alias}-000001"]
    write(*articles(1))
    assert fetch_family(elastic, alias).named(f"{alias}-000002").is_building


def test_what_fails_after_writes_were_stopped_lets_them_go_on(elastic, alias, write, monkeypatch):
    write(*articles(1))

    def fail(*_arguments):
        raise Unavailable("the alias cannot be swapped")

    monkeypatch.setattr("ops.cli.index_rebuilding.swap", fail)
    with pytest.raises(Unavailable):
        rebuild(elastic, alias)

    assert not fetch_family(elastic, alias).written.is_blocked
    write(*articles(1))


def test_what_the_log_holds_is_added(elastic, alias, write):
    write(*articles(2))
    (lost,) = articles(1)

    def add(target):
        action = action_of(lost)
        elastic.index(index=target, id=action.id, document=action.source, version=action.version, version_type="external")

    assert rebuild(elastic, alias, add_log=add).documents == 3


def test_the_counts_of_an_article_outlive_the_log_being_added(elastic, alias, write):
    """A newer revision in the log takes over what the old index counted; what that never had, popularity told."""
    counted, told, untold = articles(3, revision=1)
    write(counted, told, untold)
    elastic.update(index=f"{alias}-000001", id=counted.article_id, doc={"views": 64, "comments": 3})
    (lost,) = articles(1)
    newer = an_enriched_article(article_id=counted.article_id, revision=2)

    def add(target):
        add_log(elastic, iter([action_of(newer), action_of(lost)]), target, frozenset, ignore)
        told_of = [(counted.article_id, 32, 1), (told.article_id, 8, 0), (lost.article_id, 16, 2), (uuid.uuid4().hex, 4, 0)]
        add_counts(elastic, [Signal(("", 0, 0), own_id, views, comments) for own_id, views, comments in told_of], target, ignore)

    rebuild(elastic, alias, add_log=add)

    found = {own.article_id: stored(elastic, alias, own.article_id)["_source"] for own in (counted, told, untold, lost)}
    counts = {own_id: (source.get("views"), source.get("comments")) for own_id, source in found.items()}
    assert counts == {
        counted.article_id: (64, 3),
        told.article_id: (8, 0),
        untold.article_id: (None, None),
        lost.article_id: (16, 2),
    }
    assert found[counted.article_id]["revision"] == 2


def test_the_old_index_is_put_back_with_what_was_written_since(elastic, alias, write):
    (early,) = articles(1, revision=1)
    write(early, *articles(2))
    rebuild(elastic, alias, shape=lambda document: {**document, "section": "Elsewhere"})
    (later,) = articles(1)
    write(later, an_enriched_article(article_id=early.article_id, revision=2))

    done = roll_back(elastic, fetch_family(elastic, alias), f"{alias}-000001", ignore)

    assert (done.new, done.documents) == (f"{alias}-000001", 4)
    assert stored(elastic, alias, later.article_id)["found"]
    assert stored(elastic, alias, early.article_id)["_source"]["revision"] == 2
    assert write(*articles(1))


def test_an_index_that_nothing_took_the_place_of_cannot_be_put_back(elastic, alias):
    with pytest.raises(Misconfigured, match="was not replaced"):
        roll_back(elastic, fetch_family(elastic, alias), f"{alias}-000001", ignore)


def test_the_family_says_what_each_index_is_for(elastic, alias, write):
    write(*articles(1))
    rebuild(elastic, alias)
    elastic.indices.create(index=f"{alias}-000003")
    mark_building(elastic, f"{alias}-000003")

    family = fetch_family(elastic, alias)

    assert [index.name for index in family.read] == [f"{alias}-000002"]
    assert family.written.name == f"{alias}-000002"
    assert family.named(f"{alias}-000001").replaced_by == f"{alias}-000002"
    assert family.named(f"{alias}-000001").is_blocked
    assert family.named(f"{alias}-000003").is_building
    assert family.next_name == f"{alias}-000004"


def test_only_what_was_written_above_a_sequence_number_is_copied(elastic, alias, write):
    write(*articles(5))
    checkpoint = fetch_checkpoint(elastic, f"{alias}-000001")
    late = articles(2)
    write(*late)
    elastic.indices.create(index=f"{alias}-000002")
    seen: list[tuple[str, int]] = []

    copy_documents(elastic, f"{alias}-000001", f"{alias}-000002", checkpoint, as_it_is, seen.extend)

    assert {own_id for own_id, _ in seen} == {article.article_id for article in late}
    assert fetch_versions(elastic, f"{alias}-000002") == versions_of(seen)


def test_writes_to_an_index_that_takes_none_wait_and_are_no_dead_letters(elastic, alias, write):
    block_writes(elastic, f"{alias}-000001")

    with pytest.raises(Unavailable, match="cluster_block_exception"):
        write(*articles(1))
