"""What a bulk item means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KINDS = st.sampled_from(
    [
        *(
            "version_conflict_engine_exception",
            "cluster_block_exception",
            "es_rejected_execution_exception",
            "index_closed_exception",
        ),
        *("document_parsing_exception", "mapper_parsing_exception", "illegal_argument_exception", "index_not_found_exception"),
        *("security_exception", "unavailable_shards_exception", "circuit_breaking_exception"),
    ]
)
STATUSES = st.sampled_from([-1, 0, 100, 199, 200, 201, 299, 300, 302, 399, 400, 404, 409, 413, 429, 500, 503, 700])
ERRORS = st.fixed_dictionaries({}, optional={"type": KINDS | st.text(max_size=8), "reason": JSON, "caused_by": JSON})
RESULTS = st.fixed_dictionaries({}, optional={"status": STATUSES | JSON, "error": ERRORS | JSON, "_version": JSON})
ITEMS = st.fixed_dictionaries({}, optional={"index": RESULTS | JSON, "create": RESULTS}) | st.dictionaries(
    st.text(), JSON, max_size=2
)


@given(ITEMS)
def test_whatever_is_answered_there_is_one_verdict_and_nothing_unknown_is_success(answer):
    verdict = judge_item(ACTION, answer)

    assert isinstance(verdict, Settled | DeadLettered | Retry | Stop)
    result = answer.get("index")
    status = result.get("status") if isinstance(result, dict) else None
    if verdict == Settled(OutcomeName.INDEXED):
        assert type(status) is int
        assert 200 <= status < 300
    if verdict == Settled(OutcomeName.STALE):
        assert status == 409


@pytest.mark.parametrize("status", [-1, 0, 100, 199, 300, 302, 399, 418, 700])
def test_a_status_that_nobody_foresaw_is_tried_again(status):
    assert isinstance(judge_item(ACTION, item(status)), Retry)


@given(st.sampled_from([400, 403, 404, 429, 500, 503]), KINDS)
def test_only_what_is_wrong_with_a_document_costs_it(status, kind):
    verdict = judge_item(ACTION, item(status, kind))

    of_the_document = status == 400 and kind in (
        "document_parsing_exception",
        "mapper_parsing_exception",
        "illegal_argument_exception",
    )
    assert isinstance(verdict, DeadLettered) == of_the_document
