"""Articles are compared with saved searches, on a real Elasticsearch: what matches is what the search itself would find."""

import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ops.cli.setup import build_template, create_indices
from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import Action, build_action
from services.indexer.core.verifying import for_languages
from services.indexer.late_matching import KNOWN_SECONDS, LateMatches
from services.indexer.matched_writing import MatchedWriter
from services.indexer.matching import Matcher
from services.indexer.standing import StandingArticles
from shared import topics
from shared.failures import Unavailable
from shared.indices import MATCHING
from shared.outcomes import OutcomeName, Published, Settled
from tests.builders import NOON, a_record, a_retraction, an_enriched_article, body_of
from tests.saving import a_saved_record, a_saved_search, knowing

INDEXED, STALE = Settled(OutcomeName.INDEXED), Settled(OutcomeName.STALE)

ARTICLES = {
    "bridge": {},
    "talks": {
        "headline": "Peace talks begin",
        "body": "Negotiators of Iran and Pakistan met. A well-known mediator led the process of peace.",
    },
    "pont": {
        "headline": "Le pont du port rouvre",
        "body": "Les élus ont inauguré le pont à l’été.",
        "language": "fr",
        "section": "Monde",
    },
    "arabic": {"headline": "افتتاح الجسر", "body": "أعيد افتتاح جسر المدينة يوم الاثنين.", "language": "ar"},
    "chinese": {"headline": "港口大桥重新开放", "body": "星期一,港口大桥重新开放交通。", "language": "zh"},
    "cafe": {
        "headline": "Éloïse opens a café",
        "body": "The café of Éloïse is the best of the town.",
        "section": "world",
        "publisher": "Courier",
    },
    "unknown": {"headline": "Мост открыт", "body": "Мост через гавань открыт.", "language": "uk"},
}
QUERIES = (
    "bridge", "bridges", "harbour bridge", '"harbour bridge"', '"bridge harbour"', "the bridge", "the", '"the bridge"',
    "bridge NOT monday", "NOT bridge", "bridge OR talks", "(bridge OR talks) -traffic", "headline:bridge", "headline:monday",
    "body:monday", "section:World", "section:world", "section:WORLD bridge", "well-known", "known well", "iran pakistan",
    '"peace process"', '"process of peace"', "peace process", "pont", "ponts", "elus", "élus", "été", "ete", "cafe", "CAFÉ",
    "Eloise",     "الجسر", "جسر", "大桥", "港口", "桥大", "мост", "publisher:courier", "publisher:Courier cafe", "& bridge", '""',
    "NOT (bridge OR talks)", "language:fr", "date:2026", "bridge date:2026-11-24", "date:1999 OR bridge", "open opens opening",
    "-the -bridge cafe", "entity:Iran", "was", "NOT the", '"reopened on monday"', "a OR the", "headline:the bridge",
)  # fmt: skip


@pytest.fixture(scope="module")
def elastic(engines):
    with Elasticsearch(engines.elasticsearch_url) as client:
        create_indices(client)
        yield client


def an_action(offset=0, accepted=NOON, **fields):
    own = {"article_id": uuid.uuid4().hex} | fields
    record = a_record(an_enriched_article(**own), topic="articles.enriched", offset=offset)
    headers = tuple((n, accepted.isoformat().encode() if n == "ce_acceptedtime" else v) for n, v in record.headers)
    action = build_action(a_record(an_enriched_article(**own), topic="articles.enriched", offset=offset, headers=headers))
    assert isinstance(action, Action)
    return action


def a_writer(elastic, searches, wait=time.sleep):
    late = LateMatches(elastic, searches, wait)
    return MatchedWriter(BulkWriter(elastic).write, searches, Matcher(elastic, searches), late, StandingArticles(elastic))


def matches_of(outcome):
    return [body_of(record) for record in outcome.records] if isinstance(outcome, Published) else []


def found_by(outcome):
    return {match.search_id for match in matches_of(outcome)}


@pytest.fixture(scope="module")
def articles(elastic):
    """Each article by its name, written and searchable."""
    actions = {name: an_action(number, **fields) for number, (name, fields) in enumerate(ARTICLES.items())}
    BulkWriter(elastic).write(list(actions.values()))
    elastic.indices.refresh(index="articles")
    return actions


@pytest.mark.parametrize("q", QUERIES)
def test_what_matches_is_what_the_search_itself_would_find(elastic, articles, q):
    saved = a_saved_search(q)
    ids = {action.id: name for name, action in articles.items()}
    fields = sorted({next(iter(action.content()["headline"])) for action in articles.values()})
    condition = json.loads(for_languages(saved.condition, fields))
    query = {"bool": {"filter": [condition, {"terms": {"article_id": list(ids)}}]}}
    searched = {ids[hit["_id"]] for hit in elastic.search(index="articles", query=query, size=100)["hits"]["hits"]}

    found = Matcher(elastic, knowing(saved)).find(list(articles.values()))

    assert {name for name, matched in zip(articles, found, strict=True) if matched} == searched


def test_an_article_that_fits_three_of_five_searches_has_three_matches_with_its_source(elastic):
    fitting = [a_saved_search("harbour bridge"), a_saved_search(section=["World"]), a_saved_search('"over the harbour"')]
    others = [a_saved_search("talks"), a_saved_search("bridge", section=["Sport"])]
    action = an_action(publisher="Courier")

    (outcome,) = a_writer(elastic, knowing(*fitting, *others)).write([action])

    assert outcome.name == OutcomeName.INDEXED
    assert found_by(outcome) == {saved.search_id for saved in fitting}
    match = matches_of(outcome)[0]
    assert (match.article_id, match.publisher, match.headline) == (action.id, "Courier", "Harbour bridge reopens")
    assert (match.url, match.section, match.language) == ("https://courier.example/bridge", "World", "en")


def test_a_match_is_keyed_by_its_search_and_the_same_event_every_time(elastic):
    saved = a_saved_search("bridge")
    action = an_action()

    (outcome,) = a_writer(elastic, knowing(saved)).write([action])

    (record,) = outcome.records
    assert (record.topic, record.key) == (topics.MATCHES, saved.search_id.encode())
    assert dict(record.headers)["ce_id"].decode() == f"{saved.search_id}.{action.id}.1700000000000"


def test_without_saved_searches_nothing_is_compared(elastic):
    assert a_writer(elastic, knowing()).write([an_action()]) == [INDEXED]


def test_a_deleted_search_matches_no_more(elastic):
    saved = a_saved_search("bridge")
    other = a_saved_search("harbour")
    searches = knowing(saved, other)
    writer = a_writer(elastic, searches)
    (before,) = writer.write([an_action()])

    searches.learn([a_saved_record(saved.model_copy(update={"is_deleted": True, "revision": saved.revision + 1}), 7)])

    (after,) = writer.write([an_action()])
    assert found_by(before) == {saved.search_id, other.search_id}
    assert found_by(after) == {other.search_id}


def test_a_search_that_is_saved_later_is_matched_from_then_on(elastic):
    searches = knowing(a_saved_search("harbour"))
    writer = a_writer(elastic, searches)
    writer.write([an_action()])

    late = a_saved_search("bridge")
    searches.learn([a_saved_record(late, 7)])

    (outcome,) = writer.write([an_action()])
    assert late.search_id in found_by(outcome)


def test_what_was_accepted_before_a_search_was_saved_does_not_match(elastic):
    saved = a_saved_search("bridge"), a_saved_search('"harbour bridge"')
    old, new = an_action(0, accepted=NOON - timedelta(seconds=1)), an_action(1, accepted=NOON)

    outcomes = a_writer(elastic, knowing(*saved)).write([old, new])

    assert [len(found_by(outcome)) for outcome in outcomes] == [0, 2]


def test_what_was_written_before_a_crash_and_not_told_is_told_when_it_is_read_again(elastic):
    saved = a_saved_search("bridge")
    action = an_action()
    BulkWriter(elastic).write([action])

    (outcome,) = a_writer(elastic, knowing(saved)).write([action])

    assert outcome.name == OutcomeName.INDEXED
    assert found_by(outcome) == {saved.search_id}


def test_an_older_revision_than_the_index_has_does_not_match(elastic):
    action = an_action(revision=5)
    BulkWriter(elastic).write([action])

    assert a_writer(elastic, knowing(a_saved_search("bridge"))).write([an_action(article_id=action.id, revision=4)]) == [STALE]


def test_of_two_revisions_in_a_batch_the_newer_one_matches(elastic):
    saved = a_saved_search("bridge")
    first = an_action(0, revision=1)
    second = an_action(1, revision=2, article_id=first.id)

    outcomes = a_writer(elastic, knowing(saved)).write([first, second])

    assert [[match.revision for match in matches_of(outcome)] for outcome in outcomes] == [[], [2]]


def test_a_retraction_and_a_comment_match_nothing(elastic):
    action = an_action()
    retraction = build_action(a_record(a_retraction(article_id=action.id), topic="articles.enriched", offset=1))

    outcomes = a_writer(elastic, knowing(a_saved_search("bridge"), a_saved_search("NOT talks"))).write([retraction])

    assert outcomes == [Settled(OutcomeName.RETRACTED)]


def test_a_condition_that_elasticsearch_refuses_is_dropped_and_the_others_are_matched(elastic):
    wrong = a_saved_search("bridge").model_copy(update={"condition": '{"no_such_query":{"field":1}}'})
    good = a_saved_search('"harbour bridge"'), a_saved_search("bridge")
    searches = knowing(good[0], wrong, good[1])

    (outcome,) = a_writer(elastic, searches).write([an_action()])

    assert found_by(outcome) == {saved.search_id for saved in good}
    assert searches.get(wrong.search_id) is None


def test_what_is_compared_is_not_kept(elastic):
    a_writer(elastic, knowing(a_saved_search('"harbour bridge"'))).write([an_action()])

    elastic.indices.refresh(index=f"{MATCHING}-*")
    assert elastic.count(index=f"{MATCHING}-*")["count"] == 0


def test_an_index_for_comparing_that_is_gone_is_made_again(elastic):
    writer = a_writer(elastic, knowing(a_saved_search('"harbour bridge"')))
    writer.write([an_action()])
    elastic.indices.delete(index=list(elastic.indices.get(index=f"{MATCHING}-*")))
    action = an_action()

    with pytest.raises(Unavailable):
        writer.write([action])

    (outcome,) = writer.write([action])
    assert (outcome.name, len(found_by(outcome))) == (OutcomeName.INDEXED, 1)


def test_articles_of_several_languages_are_compared_with_two_hundred_searches_at_once(elastic):
    words = ["bridge", "pont", '"harbour bridge"', '"le pont"']
    searches = [a_saved_search(words[number % 4] if number < 100 else f"nothing{number}") for number in range(200)]
    english, french = an_action(0), an_action(1, **ARTICLES["pont"])

    outcomes = a_writer(elastic, knowing(*searches)).write([english, french])

    assert [len(found_by(outcome)) for outcome in outcomes] == [50, 50]


@pytest.fixture
def late(elastic):
    """Makes a search that was saved a moment ago, and a writer that has not learnt of it yet; waiting teaches it."""

    def make(q, **fields):
        saved = a_saved_search(q, created=datetime.now(UTC) - timedelta(seconds=0.5), **fields)
        searches = knowing()

        def wait(seconds):
            assert seconds <= KNOWN_SECONDS
            searches.learn([a_saved_record(saved)])

        return saved, searches, a_writer(elastic, searches, wait)

    return make


def an_action_of_now(offset=0, **fields):
    now = datetime.now(UTC)
    return an_action(offset, accepted=now, date_retrieved=now, **fields)


def as_saved(saved, offset=9):
    record = a_saved_record(saved, offset)
    action = build_action(record)
    assert isinstance(action, Action)
    return action


def test_what_was_indexed_before_an_indexer_knew_a_search_is_told_with_the_record_of_the_search(elastic, late):
    mark = uuid.uuid4().hex
    saved, _, writer = late(f'bridge "harbour bridge" section:"{mark}"')
    fitting, other = an_action_of_now(0, section=mark), an_action_of_now(1, section=mark, headline="Talks", body="They talk.")
    old = an_action(2, section=mark, date_retrieved=NOON - timedelta(days=1))
    french = an_action_of_now(3, **ARTICLES["pont"] | {"section": mark})
    assert [found_by(outcome) for outcome in writer.write([fitting, other, old, french])] == [set()] * 4

    (outcome,) = writer.write([as_saved(saved)])

    assert outcome.name == OutcomeName.INDEXED
    assert [(match.search_id, match.article_id, match.headline) for match in matches_of(outcome)] == [
        (saved.search_id, fitting.id, "Harbour bridge reopens")
    ]


def test_what_was_told_as_it_was_indexed_is_not_told_again_with_the_search(elastic, late):
    mark = uuid.uuid4().hex
    saved, searches, writer = late(f"bridge section:{mark}")
    missed = an_action_of_now(0, section=mark)
    writer.write([missed])
    searches.learn([a_saved_record(saved)])
    (told,) = writer.write([an_action_of_now(1, section=mark)])

    (outcome,) = writer.write([as_saved(saved)])

    assert [len(matches_of(each)) for each in (told, outcome)] == [1, 1]
    assert matches_of(outcome)[0].article_id == missed.id


def test_a_search_that_was_saved_long_ago_or_is_deleted_is_not_looked_up(elastic):
    def wait(_seconds):
        raise AssertionError("nothing is waited for")

    writer = a_writer(elastic, knowing(), wait)

    assert writer.write([as_saved(a_saved_search("bridge", created=NOON - timedelta(days=1)))]) == [INDEXED]


def test_when_articles_are_analysed_in_another_way_searches_are_filed_anew(elastic, monkeypatch):
    """As after a rebuild: behind the alias is another index, with other analyzers."""
    alias = f"like-articles-{uuid.uuid4().hex[:8]}"
    monkeypatch.setattr("services.indexer.matching_index.ARTICLES", alias)
    unstemmed = build_template("articles", "standard", 1, 0)["template"]
    stemmed = max(elastic.indices.get_alias(name="articles"))
    matcher = Matcher(elastic, knowing(a_saved_search("bridges"), a_saved_search('"over the harbours"')), look_seconds=0.0)
    elastic.indices.create(index=f"{alias}-1", aliases={alias: {}}, **unstemmed)
    try:
        before = matcher.find([an_action()])
        elastic.indices.update_aliases(
            actions=[{"remove_index": {"index": f"{alias}-1"}}, {"add": {"index": stemmed, "alias": alias}}]
        )
        after = matcher.find([an_action()])
    finally:
        elastic.options(ignore_status=404).indices.delete_alias(index="*", name=alias)
        elastic.indices.delete(index=f"{alias}-1", ignore_unavailable=True)

    assert [len(found[0]) for found in (before, after)] == [0, 2]


def test_a_match_that_is_told_again_is_in_the_index_once(elastic):
    saved = a_saved_search("bridge")
    (outcome,) = a_writer(elastic, knowing(saved)).write([an_action()])

    (match,) = matches_of(outcome)
    (record,) = outcome.records
    told: list[Any] = [
        build_action(a_record(topic=topics.MATCHES, value=record.value, headers=record.headers, offset=n)) for n in (1, 2)
    ]
    assert [(action.alias, action.id) for action in told] == [("matches", match.match_id)] * 2
    assert BulkWriter(elastic).write(told) == [INDEXED, STALE]
