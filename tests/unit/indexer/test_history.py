"""Which older revisions are kept, and which are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indexer.core.documents import Action
from services.indexer.core.history import Standing, build_revision, find_superseded, find_unexpected, revision_id
from shared.articles import HIGHEST_ENRICHMENT, index_version
from shared.outcomes import OutcomeName

TOMBSTONE = HIGHEST_ENRICHMENT


def an_action(revision, enrichment=0, own_id="a"):
    outcome = OutcomeName.RETRACTED if enrichment == TOMBSTONE else OutcomeName.INDEXED
    return Action(("articles.enriched", 0, revision), "articles", own_id, index_version(revision, enrichment), b"{}", outcome)


def standing(revision, enrichment=0):
    return {"a": Standing("articles-000001", index_version(revision, enrichment))}


def superseded(actions, there):
    """The ids that are fetched, and the revisions of the actions that are kept themselves."""
    found = find_superseded(actions, there)
    return found.fetched, [action.revision for action in found.own]


def test_a_new_article_supersedes_nothing():
    assert superseded([an_action(1)], {}) == ([], [])


def test_the_revision_that_stands_is_kept_when_a_newer_one_comes():
    assert superseded([an_action(2)], standing(1)) == (["a"], [])


def test_a_new_enrichment_of_a_revision_is_no_new_revision():
    assert superseded([an_action(1, 1)], standing(1)) == ([], [])


def test_a_revision_that_comes_too_late_is_kept_itself():
    assert superseded([an_action(1)], standing(2)) == ([], [1])


def test_an_older_enrichment_of_what_stands_is_not_kept():
    assert superseded([an_action(2, 0)], standing(2, 1)) == ([], [])


def test_of_several_revisions_in_one_batch_all_but_the_newest_are_kept():
    assert superseded([an_action(2), an_action(3)], standing(1)) == (["a"], [2])


def test_a_retraction_keeps_nothing_and_nothing_older_is_kept_after_it():
    assert superseded([an_action(2, TOMBSTONE)], standing(1)) == ([], [])
    assert superseded([an_action(1)], standing(2, TOMBSTONE)) == ([], [])
    assert superseded([an_action(3)], standing(2, TOMBSTONE)) == ([], [])


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 2)), min_size=1, max_size=8), st.integers(1, 5) | st.none())
def test_every_revision_but_the_newest_is_kept_whatever_the_order(order, there):
    actions = [an_action(revision, enrichment) for revision, enrichment in order]

    fetched, own = superseded(actions, standing(there) if there else {})

    kept = set(own) | ({there} if fetched else set())
    everything = {revision for revision, _ in order} | ({there} if there else set())
    assert kept == everything - {max(everything)}


def test_stale_is_unexpected_where_nothing_newer_was_known():
    older, newer = an_action(1), an_action(3)

    assert find_unexpected([older, newer], standing(2), [True, False]) == []
    assert find_unexpected([older, newer], standing(2), [True, True]) == [newer]
    assert find_unexpected([newer, newer], {}, [False, True]) == []


@pytest.mark.parametrize("left_out", ["folded", "completions", "entity_names", "date_indexed"])
def test_what_can_be_made_from_the_rest_is_not_kept(left_out):
    source = {"headline": {"en": "Bridge opens"}, left_out: "x"}

    document = build_revision("a", index_version(5, 2), source, "2026-11-24T12:00:00.000Z")

    assert document == (
        b'{"article_id":"a","revision":5,"enrichment":2,"date_superseded":"2026-11-24T12:00:00.000Z",'
        b'"content":{"headline":{"en":"Bridge opens"}}}'
    )


def test_a_revision_has_one_document_whatever_its_enrichment():
    assert revision_id("a", index_version(5, 2)) == revision_id("a", index_version(5, 0)) == "a.5"
