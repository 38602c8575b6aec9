"""Bulk writes on a real Elasticsearch."""

import itertools
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from elastic_transport import ConnectionError  # noqa: A004 - the client's own
from elasticsearch import Elasticsearch
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.cli.index_family import fetch_family
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


def test_what_stands_there_but_was_not_seen_to_be_written_gets_a_new_time(elastic, article_id):
    """Its indexer may have ended before the answer came, and whoever follows changes may be past the time that it says."""
    first = action(an_enriched_article(article_id=article_id), 0)
    BulkWriter(elastic).write([first])
    sent = stored(elastic, article_id)["date_indexed"]

    assert BulkWriter(elastic).write([first]) == [INDEXED]

    assert stored(elastic, article_id)["date_indexed"] > sent


def test_what_was_written_days_ago_keeps_its_time_when_the_log_is_read_again(elastic, article_id):
    first = action(an_enriched_article(article_id=article_id), 0)
    long_ago = "2020-01-01T00:00:00.000Z"
    elastic.index(
        index="articles",
        id=article_id,
        document={**first.content(), "date_indexed": long_ago},
        version=first.version,
        version_type="external",
    )

    assert BulkWriter(elastic).write([first]) == [STALE]

    assert stored(elastic, article_id)["date_indexed"] == long_ago


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


def kept(elastic, article_id):
    """The revisions that are kept of an article, newest first: revision, enrichment, headline."""
    elastic.indices.refresh(index="revisions")
    found = elastic.search(index="revisions", query={"term": {"article_id": article_id}}, sort=[{"revision": "desc"}], size=100)
    return [
        (hit["_source"]["revision"], hit["_source"]["enrichment"], hit["_source"]["content"]["headline"]["en"])
        for hit in found["hits"]["hits"]
    ]


def an_edit(article_id, revision, enrichment=0):
    return an_enriched_article(article_id=article_id, revision=revision, enrichment=enrichment, headline=f"{revision}.{enrichment}")


def write(elastic, *bodies, **options):
    """One batch after the other, each of one event, by one writer."""
    writer = BulkWriter(elastic, **options)
    for offset, body in enumerate(bodies):
        writer.write([action(body, offset)])


def test_older_revisions_are_kept_with_their_newest_enrichment_whatever_the_order(elastic):
    edits = [(1, 0), (1, 1), (2, 0), (3, 0)]
    for order in itertools.permutations(edits):
        article_id = uuid.uuid4().hex

        write(elastic, *[an_edit(article_id, *edit) for edit in order])

        assert [revision for revision, _, _ in kept(elastic, article_id)] == [2, 1], order
        newest_of_1 = kept(elastic, article_id)[1]
        assert newest_of_1 == (1, newest_of_1[1], f"1.{newest_of_1[1]}")


def test_revisions_that_come_in_one_batch_are_kept_all_the_same(elastic, article_id):
    BulkWriter(elastic).write([action(an_edit(article_id, revision), revision) for revision in (2, 1, 4, 3)])

    assert [revision for revision, _, _ in kept(elastic, article_id)] == [3, 2, 1]
    assert stored(elastic, article_id)["revision"] == 4


def test_a_retraction_leaves_no_older_revision_and_none_comes_back(elastic, article_id):
    bodies = [
        an_edit(article_id, 1),
        an_edit(article_id, 2),
        a_retraction(article_id=article_id, revision=3),
        an_edit(article_id, 1),
    ]

    write(elastic, *bodies)

    assert kept(elastic, article_id) == []


def test_a_retraction_and_what_it_retracts_in_one_batch_leave_nothing(elastic, article_id):
    bodies = [an_edit(article_id, 1), an_edit(article_id, 2), a_retraction(article_id=article_id, revision=3)]

    BulkWriter(elastic).write([action(body, offset) for offset, body in enumerate(bodies)])

    assert kept(elastic, article_id) == []


def test_so_many_revisions_are_kept_as_are_set(elastic, article_id):
    edits = [an_edit(article_id, revision) for revision in range(1, 8)]

    for offset, body in enumerate(edits):
        BulkWriter(elastic, kept_revisions=3).write([action(body, offset)])
        elastic.indices.refresh(index="revisions")

    assert [revision for revision, _, _ in kept(elastic, article_id)][:3] == [6, 5, 4]
    assert len(kept(elastic, article_id)) <= 4  # what a refresh had not shown yet goes with the next change


def test_none_are_kept_when_none_are_wanted(elastic, article_id):
    write(elastic, an_edit(article_id, 1), an_edit(article_id, 2), kept_revisions=0)

    assert kept(elastic, article_id) == []


@pytest.fixture
def rolled(elastic):
    """The alias `articles` stands for two indices, of which the second takes new documents."""
    family = fetch_family(elastic, "articles")
    first, second = family.written.name, family.next_name
    elastic.indices.create(index=second)
    elastic.indices.update_aliases(
        actions=[
            {"add": {"index": first, "alias": "articles", "is_write_index": False}},
            {"add": {"index": second, "alias": "articles", "is_write_index": True}},
        ]
    )
    yield first, second
    elastic.indices.update_aliases(
        actions=[
            {"remove_index": {"index": second}},
            {"add": {"index": first, "alias": "articles", "is_write_index": True}},
        ]
    )


def test_after_a_rollover_an_article_stays_in_its_index_and_a_new_one_goes_to_the_newest(elastic, article_id, request):
    new_id = uuid.uuid4().hex
    writer = BulkWriter(elastic)
    writer.write([action(an_edit(article_id, 1))])

    first, second = request.getfixturevalue("rolled")
    writer.write([action(an_edit(article_id, 2), 1), action(an_edit(new_id, 1), 2)])
    writer.write([action(a_retraction(article_id=new_id, revision=2), 3), action(an_edit(article_id, 1), 4)])

    elastic.indices.refresh(index="articles")
    found = elastic.search(index="articles", query={"terms": {"article_id": [article_id, new_id]}})["hits"]["hits"]
    assert {(hit["_id"], hit["_index"], hit["_source"]["revision"]) for hit in found} == {
        (article_id, first, 2),
        (new_id, second, 2),
    }
    assert [revision for revision, _, _ in kept(elastic, article_id)] == [1]


def test_a_writer_that_was_there_before_a_rollover_is_undone_goes_on(elastic, article_id, request):
    writer = BulkWriter(elastic)
    first, second = request.getfixturevalue("rolled")
    writer.write([action(an_edit(uuid.uuid4().hex, 1))])
    elastic.indices.update_aliases(actions=[{"remove": {"index": first, "alias": "articles"}}])

    assert writer.write([action(an_edit(article_id, 1), 1)]) == [INDEXED]

    assert elastic.get(index=second, id=article_id)["_source"]["revision"] == 1


def test_an_index_that_takes_no_writes_for_now_is_waited_for_and_nothing_is_lost(elastic, article_id):
    """As the flood stage of a full disk does, and a rebuild at its end."""
    writer = BulkWriter(elastic)
    batch = [action(an_edit(article_id, 1), 0), action(an_edit(article_id, 2), 1)]
    elastic.indices.put_settings(index="articles", settings={"index.blocks.write": True})
    try:
        for _ in range(2):
            with pytest.raises(Unavailable, match="cluster_block_exception"):
                writer.write(batch)
    finally:
        elastic.indices.put_settings(index="articles", settings={"index.blocks.write": None})

    assert writer.write(batch) == [INDEXED, INDEXED]
    assert stored(elastic, article_id)["revision"] == 2


EDITS = st.tuples(st.integers(1, 4), st.sampled_from([0, 1, 1023]))
BATCHES = st.lists(st.lists(st.tuples(st.integers(0, 1), EDITS), min_size=1, max_size=4), min_size=1, max_size=6)


@settings(max_examples=25)
@given(BATCHES, st.lists(st.booleans(), max_size=12))
def test_the_newest_wins_whatever_is_in_flight_together_and_cut_off(elastic, batches, cuts):
    """Batches with revisions, enrichments and retractions of two articles, by three threads; requests are cut before or after."""
    ids = [uuid.uuid4().hex for _ in range(2)]
    offsets = itertools.count()
    built = [[edited(ids[article], edit, next(offsets)) for article, edit in batch] for batch in batches]
    writer = BulkWriter(Cut(elastic, cuts))  # type: ignore[arg-type]  # of the client, it has what the writer uses

    def persist(batch):
        while True:
            try:
                return writer.write(batch)
            except Unavailable:
                continue

    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(persist, built))

    assert [len(each) for each in outcomes] == [len(batch) for batch in built]
    for article_id in ids:
        versions = [each.version for batch in built for each in batch if each.id == article_id]
        if versions:
            assert elastic.get(index="articles", id=article_id)["_version"] == max(versions)
            retracted = max((version // 1024 for version in versions if version % 1024 == 1023), default=0)
            if retracted == max(versions) // 1024:
                assert kept(elastic, article_id) == []


def edited(article_id, edit, offset):
    revision, enrichment = edit
    if enrichment == 1023:
        return action(a_retraction(article_id=article_id, revision=revision), offset)
    return action(an_edit(article_id, revision, enrichment), offset)


class Cut:
    """A client whose bulk requests fail as told: True is cut before it is sent, False after it was answered; then all succeed."""

    def __init__(self, client, cuts):
        self._client = client
        self._cuts = [cut for each in cuts for cut in (each, None)]
        self._lock = threading.Lock()

    def options(self, **_options):
        return self

    def bulk(self, **arguments):
        with self._lock:
            cut = self._cuts.pop() if self._cuts else None
        if cut is True:
            raise ConnectionError("cut before")
        answer = self._client.bulk(**arguments)
        if cut is False:
            raise ConnectionError("cut after")
        return answer

    def __getattr__(self, name):
        return getattr(self._client, name)
