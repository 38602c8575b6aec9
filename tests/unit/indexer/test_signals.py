"""What becomes of the counts in documents, given signals in any order, and given faults of Elasticsearch."""

import json
import random

import pytest
from elasticsearch import Elasticsearch
from hypothesis import given
from hypothesis import strategies as st

from services.indexer.core.documents import Action
from services.indexer.core.history import Standing
from services.indexer.core.signals import Signal, count_anew, join_signals, read_record
from services.indexer.counting import CountedWriter, SignalWriter
from services.indexer.early_signals import EarlySignals
from services.indexer.turns import Turns
from shared.events import Record
from shared.failures import Misconfigured, Unavailable
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName, Settled
from shared.popularity import PopularitySignalled
from tests.builders import ARTICLE_ID, a_record, a_retraction, an_enriched_article
from tests.doubles import http_double

INDEXED, STALE, FILTERED = (Settled(name) for name in (OutcomeName.INDEXED, OutcomeName.STALE, OutcomeName.FILTERED))
DOCUMENT = {"article_id": "a", "status": "published", "headline": {"en": "Fjörð"}, "date_indexed": "2026-11-24T12:00:00.000Z"}
STALE_ITEM = {"status": 409, "error": {"type": "version_conflict_engine_exception"}}
BUSY_ITEM = {"status": 429, "error": {"type": "es_rejected_execution_exception"}}


def a_signal(views=8, comments=0, offset=0, own_id="a"):
    return Signal(("popularity.signals", 0, offset), own_id, views, comments)


def a_signal_record(value=None):
    body = PopularitySignalled(article_id=ARTICLE_ID, revision=1, views=41, comments=3)
    made = a_record(body, topic="popularity.signals")
    return made if value is None else Record(made.topic, 0, 7, made.key, value, made.headers, 0)


def counts_after(document, signals):
    """The counts that a document shows once these signals were written one by one."""
    for signal in signals:
        action = count_anew(signal, 1024, document)
        document = document if action is None else action.content()
    return document.get("views", 0), document.get("comments", 0)


def test_a_record_of_counts_is_read_as_a_signal_and_others_as_documents():
    assert read_record(a_signal_record()) == Signal(("popularity.signals", 0, 7), ARTICLE_ID, 41, 3)
    assert isinstance(read_record(a_record(an_enriched_article(), topic="articles.enriched")), Action)


@pytest.mark.parametrize("value", [b"{", b"{}", b'{"article_id":"x","revision":1,"views":1,"comments":0}', b"null", b""])
def test_a_signal_that_says_nothing_is_a_dead_letter(value):
    assert isinstance(read_record(a_signal_record(value)), DeadLettered)


def test_counts_change_and_everything_else_stays_as_it_is():
    action = count_anew(a_signal(41, 3), 2048, DOCUMENT)

    assert action is not None
    assert action.content() == {**DOCUMENT, "views": 41, "comments": 3}
    assert (action.id, action.version) == ("a", 2048)


def test_counts_that_stand_there_are_not_written_again():
    assert count_anew(a_signal(8, 1), 1024, {**DOCUMENT, "views": 9, "comments": 1}) is None


SIGNALS = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 9)), max_size=8)


@given(SIGNALS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_signals_matters(counts, order: random.Random):
    signals = [a_signal(*each) for each in counts]
    again = [*signals, *signals]
    order.shuffle(again)

    expected = max((views for views, _ in counts), default=0), max((comments for _, comments in counts), default=0)
    assert counts_after(DOCUMENT, signals) == expected
    assert counts_after(DOCUMENT, again) == expected
    assert counts_after(DOCUMENT, join_signals(again).values()) == expected


def test_the_next_document_of_an_article_takes_its_counts_over_and_a_tombstone_does_not():
    standing = Standing("articles-000001", 1024, views=41, comments=3)
    article = read_record(a_record(an_enriched_article(), topic="articles.enriched"))
    tombstone = read_record(a_record(a_retraction(), topic="articles.enriched"))
    assert isinstance(article, Action)
    assert isinstance(tombstone, Action)

    _, *document = article.lines("2026-11-24T12:00:00.000Z", counts=standing.counts_for(article))

    written = json.loads(b"".join(document))
    assert (written["views"], written["comments"]) == (41, 3)
    assert standing.counts_for(tombstone) == b""
    assert Standing("articles-000001", 1024).counts_for(article) == b""


class Index:
    """An index of one article; answers bulks with the statuses given, in turn, and then with success."""

    def __init__(self, *answers, document=None, version=1024):
        self.document = DOCUMENT if document is None else document
        self.version = version
        self.answers = list(answers)
        self.written: list[tuple[dict, dict]] = []
        self.reads = 0

    def answer(self, path, body):
        if "_mget" in path:
            self.reads += 1
            found = {"_index": "articles-000001", "_version": self.version, "found": True, "_source": self.document}
            asked = json.loads(body)
            ids = asked.get("ids") or [doc["_id"] for doc in asked["docs"]]
            return 200, {"docs": [{"_id": own, **(found if self.document else {"found": False})} for own in ids]}
        lines = [json.loads(line) for line in body.splitlines()]
        pairs = [(meta["index"], document) for meta, document in zip(lines[::2], lines[1::2], strict=True)]
        item = self.answers.pop(0) if self.answers else {"status": 200}
        if isinstance(item, int):
            return item, {"error": {"type": "x"}, "status": item}
        if item["status"] == 200:
            self.written += pairs
        elif item["status"] == 409:
            self.version += 1024
            self.document = {**self.document, "headline": {"en": "Newer"}}
        return 200, {"items": [{"index": item} for _ in pairs]}

    def write(self, *signals):
        with http_double(self.answer) as url, Elasticsearch(url) as client:
            return SignalWriter(client, Turns()).write(signals)


def test_a_document_is_written_where_it_stands_at_the_version_and_with_the_stamp_that_it_has():
    index = Index(version=2048)

    assert index.write(a_signal(41, 3)) == [INDEXED]

    ((meta, document),) = index.written
    assert (meta["_index"], meta["version"], meta["version_type"]) == ("articles-000001", 2048, "external_gte")
    assert document == {**DOCUMENT, "views": 41, "comments": 3}


def test_a_newer_document_that_came_in_between_is_read_and_gets_the_counts():
    index = Index(STALE_ITEM)

    assert index.write(a_signal(41)) == [INDEXED]

    ((meta, document),) = index.written
    assert (meta["version"], document["headline"], document["views"]) == (2048, {"en": "Newer"}, 41)


def test_a_document_that_changes_all_the_time_is_left_alone_for_a_while():
    index = Index(*[STALE_ITEM] * 100)

    with pytest.raises(Unavailable, match="change too often"):
        index.write(a_signal())
    assert index.reads < 20


@pytest.mark.parametrize("document", [{}, {"article_id": "a", "status": "retracted"}])
def test_for_an_article_that_is_not_there_there_is_nothing_to_do(document):
    index = Index(document=document)

    assert index.write(a_signal()) == [FILTERED]
    assert index.written == []


def test_several_signals_of_an_article_write_it_once():
    index = Index()

    assert index.write(a_signal(16, 0, 1), a_signal(8, 2, 2)) == [STALE, INDEXED]

    ((_, document),) = index.written
    assert (document["views"], document["comments"]) == (16, 2)


@pytest.mark.parametrize("fault", [BUSY_ITEM, 429, 503, {"status": 403, "error": {"type": "cluster_block_exception"}}])
def test_elasticsearch_being_busy_is_waited_for(fault):
    index = Index(fault)

    with pytest.raises(Unavailable):
        index.write(a_signal())
    assert index.write(a_signal()) == [INDEXED]


@pytest.mark.parametrize("fault", [403, {"status": 404, "error": {"type": "index_not_found_exception"}}])
def test_elasticsearch_refusing_is_an_operator_s_error(fault):
    with pytest.raises(Misconfigured):
        Index(fault).write(a_signal())


def test_a_bulk_that_is_too_large_is_halved():
    index = Index(413)

    assert index.write(a_signal(), a_signal(own_id="b")) == [INDEXED] * 2
    assert [meta["_id"] for meta, _ in index.written] == ["a", "b"]


def test_a_document_that_is_too_large_alone_is_a_dead_letter():
    (outcome,) = Index(413).write(a_signal())

    assert isinstance(outcome, DeadLettered)
    assert outcome.code is DeadLetterCode.TOO_LARGE


def an_action(offset):
    return Action(("articles.enriched", 0, offset), "articles", "a", 1024, b"{}")


def test_outcomes_stand_in_the_order_of_the_records():
    writer = CountedWriter(lambda actions: [INDEXED for _ in actions], lambda signals: [FILTERED for _ in signals])

    assert writer.write([a_signal(), an_action(1), a_signal(), an_action(2)]) == [FILTERED, INDEXED, FILTERED, INDEXED]
    assert writer.write([a_signal()]) == [FILTERED]
    assert writer.write([]) == []


def test_documents_that_are_written_are_not_written_again_while_signals_wait():
    written, waits = [], [True, True]

    def write_signals(signals):
        if signals and waits:
            waits.pop()
            raise Unavailable("busy")
        return [INDEXED for _ in signals]

    def write_documents(actions):
        written.extend(actions)
        return [STALE for _ in actions]

    writer = CountedWriter(write_documents, write_signals)
    batch = [an_action(1), a_signal()]
    for _ in range(2):
        with pytest.raises(Unavailable):
            writer.write(batch)
    writer.write([an_action(2)])

    assert writer.write(batch) == [STALE, INDEXED]
    assert [action.place[2] for action in written] == [1, 2]


def test_another_batch_that_begins_with_the_same_record_is_written_whole():
    """Batches are cut anew when partitions moved."""
    written: list[int] = []
    waits = [True]

    def write_signals(_signals):
        if waits:
            waits.pop()
            raise Unavailable("busy")
        return []

    def write_documents(actions):
        written.extend(action.place[2] for action in actions)
        return [INDEXED for _ in actions]

    writer = CountedWriter(write_documents, write_signals)
    with pytest.raises(Unavailable):
        writer.write([an_action(1), an_action(2)])

    assert writer.write([an_action(1), an_action(3)]) == [INDEXED, INDEXED]
    assert written == [1, 2, 1, 3]


class Articles:
    """An index that has the articles that were written, and what they were counted."""

    def __init__(self):
        self.there, self.counts, self.is_busy = set(), {}, False

    def write(self, actions):
        self.there |= {action.id for action in actions}
        return [INDEXED for _ in actions]

    def count(self, signals):
        if self.is_busy:
            raise Unavailable("busy")
        self.counts |= {signal.id: signal.views for signal in signals if signal.id in self.there}
        return [INDEXED if signal.id in self.there else FILTERED for signal in signals]


def test_a_signal_of_an_article_that_is_not_written_yet_is_written_with_it():
    index = Articles()
    writer = CountedWriter(index.write, index.count)
    writer.write([a_signal(views=16), a_signal(views=8), a_signal(own_id="b")])

    assert writer.write([an_action(1)]) == [INDEXED]
    assert index.counts == {"a": 16}


def test_a_signal_that_came_before_its_article_is_written_though_elasticsearch_was_busy():
    index = Articles()
    writer = CountedWriter(index.write, index.count)
    writer.write([a_signal(views=16)])
    index.is_busy = True
    with pytest.raises(Unavailable):
        writer.write([an_action(1)])
    index.is_busy = False

    assert writer.write([an_action(1)]) == [INDEXED]
    assert index.counts == {"a": 16}


def test_what_was_written_is_not_written_again_with_the_next_revision():
    index = Articles()
    writer = CountedWriter(index.write, index.count)
    writer.write([a_signal(), an_action(1)])
    index.counts.clear()

    writer.write([an_action(2)])

    assert index.counts == {}


def test_of_early_signals_the_newest_are_kept():
    early = EarlySignals(most=2)
    early.keep([a_signal(own_id="a"), a_signal(own_id="b"), a_signal(own_id="a", views=4), a_signal(own_id="c")])

    assert {signal.id: signal.views for signal in early.of(("a", "b", "c"))} == {"a": 8, "c": 8}


def test_a_higher_signal_that_came_meanwhile_is_not_dropped_with_the_one_that_was_written():
    early = EarlySignals()
    early.keep([a_signal(views=8), a_signal(views=16)])

    early.drop([a_signal(views=8)])

    assert [signal.views for signal in early.of(("a",))] == [16]
