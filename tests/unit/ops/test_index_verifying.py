"""The log and the index compared."""

from hypothesis import given
from hypothesis import strategies as st

from ops.cli.index_copying import versions_of
from ops.cli.index_verifying import Newest, collect_newest, find_differences
from services.indexer.core.documents import Action, build_action
from tests.builders import a_record, a_retraction, an_enriched_article

AN_ID = "0b1f6c9b3d5e4f708192a3b4c5d6e7f8"


def in_index(version, index="articles-000001", status="published"):
    return {"_id": AN_ID, "_index": index, "_version": version, "_source": {"status": status}}


def differences(newest, *documents):
    return [each.detail for each in find_differences({AN_ID: newest}, {AN_ID: list(documents)} if documents else {})]


def test_what_stands_there_in_that_version_or_a_newer_one_does_not_differ():
    assert differences(Newest(5, is_retracted=False), in_index(5)) == []
    assert differences(Newest(5, is_retracted=True), in_index(6)) == []


def test_what_is_not_there_is_missing():
    assert differences(Newest(5, is_retracted=False)) == ["is missing: the log has version 5"]


def test_what_is_there_in_an_older_version_is_old():
    assert differences(Newest(5, is_retracted=False), in_index(4)) == ["is old: version 4 in articles-000001, 5 in the log"]


def test_what_the_indexer_dead_lettered_is_told_as_such():
    newest = {AN_ID: Newest(5, is_retracted=False, place="articles.enriched-0-7")}

    (told,) = find_differences(newest, {}, {"articles.enriched-0-7"})

    assert told.detail == "is missing: the log has version 5; that is dead letter articles.enriched-0-7"


def test_what_stands_in_two_indices_is_told():
    (told,) = differences(Newest(5, is_retracted=False), in_index(5), in_index(3, "articles-000002"))

    assert told == "stands in 2 indices: articles-000001, articles-000002"


def test_what_was_retracted_and_is_shown_is_told():
    assert differences(Newest(5, is_retracted=True), in_index(5)) == ["is shown in articles-000001 although it was retracted"]
    assert differences(Newest(5, is_retracted=True), in_index(5, status="retracted")) == []


def test_of_several_records_of_an_article_the_newest_counts_whatever_the_order():
    article, retraction = an_enriched_article(article_id=AN_ID, revision=3), a_retraction(article_id=AN_ID, revision=2)
    actions = [build_action(a_record(article)), build_action(a_record(retraction))]
    for order in (actions, actions[::-1]):
        newest = collect_newest(action for action in order if isinstance(action, Action))

        assert newest[AN_ID].is_retracted is False
        assert newest[AN_ID].version == 3 * 1024


VERSIONS = st.dictionaries(st.text(min_size=1, max_size=8), st.integers(1, 2**62), max_size=20)


@given(VERSIONS, VERSIONS)
def test_sets_of_documents_have_equal_sums_when_they_are_equal_in_whatever_order(some, others):
    backwards = versions_of(reversed(some.items()))

    assert versions_of(some.items()) == backwards
    assert (versions_of(some.items()) == versions_of(others.items())) == (some == others)
