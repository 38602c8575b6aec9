"""What a bulk item means."""

import pytest

from services.indexer.core.documents import Action
from services.indexer.core.verdicts import Retry, Stop, judge_item
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName, Settled

ACTION = Action(("articles.enriched", 0, 1), "articles", "a", 1024, b"{}")
TOMBSTONE = Action(("articles.enriched", 0, 2), "articles", "a", 2047, b"{}", OutcomeName.RETRACTED)


def item(status, kind=None, **more):
    error = {"error": {"type": kind, "reason": "because", **more}} if kind else {}
    return {"index": {"status": status, **error}}


@pytest.mark.parametrize("status", [200, 201])
def test_written_is_indexed(status):
    assert judge_item(ACTION, item(status)) == Settled(OutcomeName.INDEXED)


def test_a_written_tombstone_is_retracted():
    assert judge_item(TOMBSTONE, item(201)) == Settled(OutcomeName.RETRACTED)


def test_a_stale_revision_is_not_an_error():
    assert judge_item(ACTION, item(409, "version_conflict_engine_exception")) == Settled(OutcomeName.STALE)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, "es_rejected_execution_exception"),
        (429, "circuit_breaking_exception"),
        (429, "cluster_block_exception"),
        (403, "cluster_block_exception"),
        (500, "internal_error"),
        (503, "unavailable_shards_exception"),
        (408, "timeout"),
    ],
)
def test_what_passes_by_itself_is_tried_again(status, kind):
    assert isinstance(judge_item(ACTION, item(status, kind)), Retry)


@pytest.mark.parametrize("kind", ["index_closed_exception", "cluster_block_exception"])
def test_what_an_operator_did_to_the_index_never_costs_a_document(kind):
    assert isinstance(judge_item(ACTION, item(400, kind)), Retry)


def test_an_unknown_refusal_stops_rather_than_cost_a_document():
    assert isinstance(judge_item(ACTION, item(400, "brand_new_exception")), Stop)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "index_not_found_exception"), (401, "security_exception"), (403, "security_exception")]
)
def test_what_an_operator_must_mend_stops(status, kind):
    assert isinstance(judge_item(ACTION, item(status, kind)), Stop)


@pytest.mark.parametrize("kind", ["document_parsing_exception", "strict_dynamic_mapping_exception", "illegal_argument_exception"])
def test_a_document_that_the_mapping_refuses_is_a_dead_letter(kind):
    verdict = judge_item(ACTION, item(400, kind, caused_by={"type": "x", "reason": "failed to parse date"}))

    assert verdict == DeadLettered(DeadLetterCode.REFUSED_BY_INDEX, f"400 {kind}: because (failed to parse date)")


def test_a_document_that_is_too_large_is_a_dead_letter():
    assert judge_item(ACTION, item(413, "too_large")) == DeadLettered(DeadLetterCode.TOO_LARGE, "413 too_large: because")


@pytest.mark.parametrize(
    "nonsense", [{}, {"index": None}, {"index": {}}, {"index": {"status": "201"}}, {"create": {"status": 201}}]
)
def test_an_answer_that_says_nothing_is_tried_again(nonsense):
    assert isinstance(judge_item(ACTION, nonsense), Retry)
