"""What is sent again, halved, or given up: faults that a real Elasticsearch does not give on demand."""

import json

import pytest
from elasticsearch import Elasticsearch

from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import Action
from shared.failures import Misconfigured, Unavailable
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName, Settled
from tests.doubles import http_double

INDEXED = Settled(OutcomeName.INDEXED)
BUSY = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "queue full"}}


def actions(*ids):
    return [Action(("articles.enriched", 0, number), "articles", own, 1, b"{}") for number, own in enumerate(ids)]


def ids_of(body):
    return [json.loads(line)["index"]["_id"] for line in body.splitlines()[::2]]


def write(answer, *ids, times=1):
    with http_double(answer) as url, Elasticsearch(url, max_retries=0) as client:
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


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_request_that_is_forbidden_is_an_operator_s_error(status):
    with pytest.raises(Misconfigured, match=str(status)):
        write(lambda _path, _body: (status, {"error": {"type": "security_exception"}, "status": status}), "a")


def test_a_full_disk_is_waited_for_though_it_says_forbidden():
    error = {"error": {"type": "cluster_block_exception", "reason": "flood stage"}, "status": 403}

    with pytest.raises(Unavailable):
        write(lambda _path, _body: (403, error), "a")
