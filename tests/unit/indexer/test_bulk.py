"""What is sent again, halved, or given up: faults that a real Elasticsearch does not give on demand."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from elasticsearch import Elasticsearch
from hypothesis import given, settings
from hypothesis import strategies as st

from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import Action
from shared.failures import Misconfigured, NotLetIn, Unavailable
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName, Settled
from tests.doubles import http_double

INDEXED = Settled(OutcomeName.INDEXED)
BUSY = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "queue full"}}
WRITTEN = {"status": 201}


def actions(*ids, first=0):
    return [Action(("articles.enriched", 0, number), "articles", own, 1024, b'{"a":1}') for number, own in enumerate(ids, first)]


def metas(body):
    return [json.loads(line)["index"] for line in body.splitlines()[::2]]


def ids_of(body):
    return [meta["_id"] for meta in metas(body)]


def of_an_empty_index(answer):
    """Answers look-ups as an index without articles does, and leaves everything else to `answer`."""

    def answer_all(path, body):
        if "_mget" in path:
            return 200, {"docs": [{"_id": own_id, "found": False} for own_id in json.loads(body)["ids"]]}
        return answer(path, body)

    return answer_all


def written(body):
    return 200, {"items": [{"index": WRITTEN} for _ in ids_of(body)]}


def write(answer, *ids, times=1):
    with http_double(of_an_empty_index(answer)) as url, Elasticsearch(url, max_retries=0) as client:
        writer = BulkWriter(client)
        for _ in range(times - 1):
            with pytest.raises(Unavailable):
                writer.write(actions(*ids))
        return writer.write(actions(*ids))


def test_only_what_was_not_taken_is_sent_again():
    sent = []

    def answer(_path, body):
        sent.append(ids_of(body))
        items = [{"index": BUSY if own == "b" and len(sent) < 3 else {"status": 201}} for own in sent[-1]]
        return 200, {"errors": True, "items": items}

    assert write(answer, "a", "b", "c", times=3) == [INDEXED] * 3
    assert sent == [["a", "b", "c"], ["b"], ["b"]]


def test_a_request_that_is_too_large_is_halved_down_to_the_one_document_that_is():
    def answer(_path, body):
        ids = ids_of(body)
        if "huge" in ids:
            return 413, {"error": "too large"}
        return 200, {"errors": False, "items": [{"index": {"status": 201}} for _ in ids]}

    outcomes = write(answer, "a", "b", "huge", "c")

    assert outcomes[0] == outcomes[1] == outcomes[3] == INDEXED
    assert isinstance(outcomes[2], DeadLettered)
    assert outcomes[2].code is DeadLetterCode.TOO_LARGE


@pytest.mark.parametrize(
    "wrong", [{"items": []}, {"items": [{"index": {"status": 201}}] * 3}, {}, {"items": "two"}, {"items": [{}, {}]}]
)
def test_an_answer_of_another_shape_settles_nothing(wrong):
    with pytest.raises(Unavailable):
        write(lambda _path, _body: (200, wrong), "a", "b")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_request_that_is_refused_for_now_settles_nothing(status):
    with pytest.raises(Unavailable, match=str(status)):
        write(lambda _path, _body: (status, {"error": {"type": "x", "reason": "y"}, "status": status}), "a")


@pytest.mark.parametrize("status", [403, 404])
def test_a_request_that_is_forbidden_is_an_operator_s_error(status):
    with pytest.raises(Misconfigured, match=str(status)):
        write(lambda _path, _body: (status, {"error": {"type": "security_exception"}, "status": status}), "a")


def test_credentials_that_are_not_taken_are_waited_for():
    with pytest.raises(NotLetIn, match="401"):
        write(lambda _path, _body: (401, {"error": {"type": "security_exception"}, "status": 401}), "a")


def test_a_full_disk_is_waited_for_though_it_says_forbidden():
    error = {"error": {"type": "cluster_block_exception", "reason": "flood stage"}, "status": 403}

    with pytest.raises(Unavailable):
        write(lambda _path, _body: (403, error), "a")


def test_what_may_have_been_written_is_written_over_and_what_was_not_sent_is_not():
    sent: list[tuple[str, str]] = []

    def answer(_path, body):
        sent.extend((meta["_id"], meta["version_type"]) for meta in metas(body))
        return (503, {}) if len(sent) == 1 else written(body)

    with http_double(of_an_empty_index(answer)) as url, Elasticsearch(url) as client:
        writer = BulkWriter(client)
        with pytest.raises(Unavailable):
            writer.write(actions("a"))
        writer.write(actions("a"))
        writer.write(actions("b", first=1))

    assert sent == [("a", "external"), ("a", "external_gte"), ("b", "external")]


def test_every_attempt_says_anew_when_it_was_sent():
    stamps = []

    def answer(_path, body):
        stamps.append(json.loads(body.splitlines()[1])["date_indexed"])
        return (503, {}) if len(stamps) == 1 else written(body)

    assert write(answer, "a", times=2) == [INDEXED]
    assert stamps[0] < stamps[1]


def test_what_took_longer_than_is_late_is_written_again_in_smaller_bulks_down_to_single_ones():
    sent = []

    def answer(_path, body):
        sent.append(ids_of(body))
        return written(body)

    with http_double(of_an_empty_index(answer)) as url, Elasticsearch(url) as client:
        writer = BulkWriter(client, late_seconds=0.0)
        large = [Action(each.place, each.alias, each.id, 1024, b'{"a":"' + b"x" * 40_000 + b'"}') for each in actions(*"abcd")]
        with pytest.raises(Unavailable, match="took"):
            writer.write(large)
        while True:
            try:
                assert writer.write(large) == [INDEXED] * 4
                break
            except Unavailable:
                continue

    assert sent[0] == ["a", "b", "c", "d"]
    assert sent[-1] == ["d"]
    assert len(sent) < 20


def test_what_one_batch_settled_is_not_forgotten_when_another_is_written_meanwhile():
    sent = []

    def answer(_path, body):
        sent.append(ids_of(body))
        return 200, {"items": [{"index": BUSY if own == "busy" and len(sent) == 1 else WRITTEN} for own in sent[-1]]}

    with http_double(of_an_empty_index(answer)) as url, Elasticsearch(url) as client:
        writer = BulkWriter(client)
        with pytest.raises(Unavailable):
            writer.write(actions("a", "busy"))
        writer.write(actions("b", first=2))
        writer.write(actions("a", "busy"))

    assert sent == [["a", "busy"], ["b"], ["busy"]]


def test_batches_with_different_articles_are_written_at_the_same_time():
    both = threading.Barrier(2, timeout=20)

    def answer(_path, body):
        both.wait()
        return written(body)

    with http_double(of_an_empty_index(answer)) as url, Elasticsearch(url) as client, ThreadPoolExecutor(2) as pool:
        writer = BulkWriter(client)
        futures = [pool.submit(writer.write, actions(own, first=number)) for number, own in enumerate("ab")]

        assert [future.result() for future in futures] == [[INDEXED]] * 2


def test_batches_with_the_same_article_are_written_one_after_the_other():
    company, met = threading.Barrier(2), []

    def answer(_path, body):
        try:
            company.wait(0.1)
            met.append(ids_of(body))
        except threading.BrokenBarrierError:
            company.reset()
        return written(body)

    with http_double(of_an_empty_index(answer)) as url, Elasticsearch(url) as client, ThreadPoolExecutor(4) as pool:
        writer = BulkWriter(client)
        outcomes = list(pool.map(writer.write, [actions("same", str(number), first=2 * number) for number in range(4)]))

    assert outcomes == [[INDEXED] * 2] * 4
    assert met == []


@pytest.mark.parametrize("wrong", [{"docs": []}, {"docs": [{"_id": "a"}]}, {"docs": [{"_id": "a", "error": {"type": "x"}}]}])
def test_a_look_up_that_says_nothing_writes_nothing(wrong):
    def answer(path, _body):
        assert "_mget" in path
        return 200, wrong

    with http_double(answer) as url, Elasticsearch(url) as client, pytest.raises(Unavailable):
        BulkWriter(client).write(actions("a"))


FATES = st.sampled_from(["written", "stale", "busy", "blocked", "refused", "nonsense"])
ANSWERED = {
    "written": {"index": WRITTEN},
    "stale": {"index": {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "newer"}}},
    "busy": {"index": BUSY},
    "blocked": {"index": {"status": 403, "error": {"type": "cluster_block_exception", "reason": "flood stage"}}},
    "refused": {"index": {"status": 400, "error": {"type": "document_parsing_exception", "reason": "no date"}}},
    "nonsense": {"delete": {}},
}
FINAL = {"written": OutcomeName.INDEXED, "stale": OutcomeName.STALE, "refused": OutcomeName.DEAD_LETTERED}


@settings(max_examples=30)
@given(st.lists(st.lists(FATES, max_size=4), min_size=1, max_size=6))
def test_whatever_happens_on_the_way_every_action_ends_as_its_last_answer_says(fates):
    """Each action meets its fates one after the other, and is written at last."""
    ids = [f"id{number}" for number in range(len(fates))]
    left = {own: [*on_the_way, "written"] for own, on_the_way in zip(ids, fates, strict=True)}
    last = {}

    def answer(_path, body):
        items = []
        for own in ids_of(body):
            last[own] = left[own].pop(0)
            items.append(ANSWERED[last[own]])
        return 200, {"errors": True, "items": items}

    with http_double(of_an_empty_index(answer)) as url, Elasticsearch(url) as client:
        writer = BulkWriter(client)
        outcomes = None
        while outcomes is None:
            try:
                outcomes = writer.write(actions(*ids))
            except Unavailable:
                continue

    assert [outcome.name for outcome in outcomes] == [FINAL[last[own]] for own in ids]
