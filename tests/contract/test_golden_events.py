"""Every event that was ever released can be read by every reader of its topic, for ever."""

import json
from dataclasses import fields, replace

import pytest

from services.enrich.core.recognisers import Recognisers
from services.enrich.events import enrich_events
from services.indexer.core.documents import Action, build_action
from services.indexer.core.signals import Signal, read_record
from services.popularity.core.reports import ReportTally
from services.popularity.core.tallying import CommentTally, ViewTally, tally_record
from shared.articles import ArticleEnriched, index_version
from shared.events import EVENT_TYPES, Event, decode_event, encode_event, event_type, parse_time
from shared.outcomes import Published
from shared.topics import COMMENTS, ENGAGEMENT, ENRICHED, MATCHES, PUBLISHED, RANKED, READING, SEARCHES, SIGNALS
from tests.builders import NOON, value_of
from tests.contract.golden import FOLDER, GOLDEN, OF_TYPE


def golden_of(*topics):
    """A test for each golden record that readers of these topics meet; retractions pass through enrich unchanged."""
    met = [g for g in GOLDEN if g.topic in topics or (ENRICHED in topics and g.type == "news.article.retracted.v1")]
    return pytest.mark.parametrize("golden", met, ids=lambda golden: golden.type)


every_golden = pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.type)


class NoPlaces:
    """A gazetteer that knows no place: what enrich finds is not what is asked here."""

    def find(self, _text):
        return ()

    def meanings(self, _number):
        return ()

    def exists(self, _name):
        return False


def decoded(golden):
    event = decode_event(golden.record())
    assert isinstance(event, Event), event
    return event


def test_every_event_type_has_a_golden_record():
    assert set(OF_TYPE) >= set(EVENT_TYPES), "add one under schemas/golden"


@every_golden
def test_a_golden_file_is_named_for_its_type(golden):
    assert (FOLDER / f"{golden.type}.json").exists()


@every_golden
def test_it_is_decoded_with_all_its_fields(golden):
    event = decoded(golden)

    body = json.loads(event.body.model_dump_json(exclude_none=True))
    assert event_type(type(event.body)) == golden.type
    assert golden.value.items() <= body.items()
    assert (event.id, event.source) == (golden.headers["ce_id"], golden.headers["ce_source"])
    assert event.traceparent == golden.headers.get("traceparent")


@every_golden
def test_what_this_version_writes_holds_all_that_it_holds(golden):
    written = encode_event(decoded(golden), golden.topic, golden.key)

    assert golden.headers.items() <= {name: value.decode() for name, value in written.headers}.items()
    assert golden.value.items() <= json.loads(value_of(written)).items()
    assert written.key == golden.record().key


@every_golden
def test_a_field_that_a_newer_version_added_is_ignored(golden):
    newer = replace(golden, value={**golden.value, "added_later": {"any": "thing"}})

    assert decoded(newer) == decoded(golden)


@golden_of(PUBLISHED)
def test_enrich_reads_what_ingest_published(golden):
    recognisers = Recognisers(identify_language=(), gazetteer=NoPlaces(), versions="none")

    (outcome,) = enrich_events([decoded(golden)], recognisers, lambda articles: [article.article_id for article in articles], NOON)

    assert isinstance(outcome, Published)
    (record,) = outcome.records
    assert (record.topic, record.key) == (ENRICHED, golden.record().key)


@golden_of(ENRICHED, COMMENTS, RANKED, SEARCHES, MATCHES)
def test_the_indexer_makes_a_document_of_it(golden):
    action = build_action(golden.record())

    assert isinstance(action, Action), action
    assert action.id in (golden.key, golden.value.get("comment_id"), golden.headers["ce_id"])
    newest = golden.value["revision"]
    articles = (
        (index_version(newest, golden.value.get("enrichment", 1023)),) if golden.topic in (PUBLISHED, ENRICHED) else (newest,)
    )
    assert (action.version,) == articles


@golden_of(SIGNALS)
def test_the_indexer_reads_counts_of_an_article_in_it(golden):
    signal = read_record(golden.record())

    assert isinstance(signal, Signal), signal
    assert (signal.id, signal.views, signal.comments) == (golden.key, golden.value["views"], golden.value["comments"])


@golden_of(ENGAGEMENT)
def test_popularity_counts_its_views(golden):
    tally = tally_record(golden.record())

    assert isinstance(tally, ViewTally), tally
    assert len(tally) == len(golden.value["views"])
    thorough = tally_record(golden.record(indent=1))
    assert isinstance(thorough, ViewTally), thorough
    for column in fields(tally.views):
        quickly, thoroughly = (getattr(each.views, column.name).tolist() for each in (tally, thorough))
        assert quickly == thoroughly, f"the quick way to read {column.name} and the thorough one differ"


@golden_of(READING)
def test_popularity_counts_its_readings_or_shares(golden):
    stored = parse_time(golden.headers["ce_time"])
    assert stored is not None
    tally = tally_record(replace(golden.record(), timestamp_ms=int(stored.timestamp() * 1000)))

    assert isinstance(tally, ReportTally), tally
    rows = golden.value.get("readings") or golden.value.get("shares") or [golden.value]
    assert tally.numbers.tolist() == [row.get("engaged_seconds", 1) for row in rows]
    assert [article.decode() for article in tally.reports.articles.tolist()] == [row["article_id"] for row in rows]
    assert [f"{network:016x}" for network in tally.reports.networks.tolist()] == [row["network"] for row in rows]


@golden_of(COMMENTS)
def test_popularity_counts_the_comment(golden):
    tally = tally_record(golden.record())

    assert isinstance(tally, CommentTally), tally
    assert tally.article.decode() == golden.value["article_id"]
    assert tally.comment_id.hex() == golden.value["comment_id"]


def test_mentions_of_entities_are_code_points_of_the_published_text():
    article = decoded(OF_TYPE["news.article.enriched.v1"]).body

    assert isinstance(article, ArticleEnriched)
    for entity in article.entities:
        for mention in entity.mentions:
            named = getattr(article, mention.field)[mention.start : mention.end]
            assert f" {named} " in f" {entity.name} "
