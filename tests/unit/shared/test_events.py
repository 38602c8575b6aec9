"""Event <-> record."""

import json

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat

from shared.events import Again, decode_event, encode_event, format_time, parse_time
from shared.outcomes import DeadLetterCode, DeadLettered
from tests.builders import ARTICLE_ID, NOON, a_record, a_retraction, an_article, an_enriched_article, an_event, body_of, value_of

EARLIEST = value_of(a_record()).replace(b'"date_published":"2026-11-24T12:00:00Z"', b'"date_published":"0001-01-01T00:00:00+14:00"')


@pytest.mark.parametrize("body", [an_article(), an_enriched_article(), a_retraction()])
def test_an_event_comes_back_from_its_record_as_it_was(body):
    assert decode_event(a_record(body)) == an_event(body)


@pytest.mark.parametrize("again", [Again(1022), Again(0, "f" * 32)])
def test_an_event_that_asks_for_another_enrichment_comes_back_as_it_was(again):
    event = an_event(an_article(), again=again)

    record = encode_event(event, "articles.published", ARTICLE_ID)

    assert ("ce_enrichment", str(again.enrichment).encode()) in record.headers
    assert decode_event(a_record(headers=record.headers)) == event


def test_what_is_published_for_the_first_time_asks_for_none():
    assert "ce_enrichment" not in dict(a_record().headers)


@pytest.mark.parametrize("asked", ["1023", "-1", "", "one", "1.0", "٣", "9" * 5000])
def test_an_enrichment_that_no_article_can_have_is_invalid(asked):
    decoded = decode_event(a_record(headers=(*a_record().headers, ("ce_enrichment", asked.encode()))))

    assert isinstance(decoded, DeadLettered)
    assert decoded.code is DeadLetterCode.INVALID
    assert "ce_enrichment: not a whole number from 0 to 1022" in decoded.detail


def test_a_story_that_cannot_be_is_invalid():
    decoded = decode_event(a_record(headers=(*a_record().headers, ("ce_enrichment", b"1"), ("ce_storyid", b"mine"))))

    assert isinstance(decoded, DeadLettered)
    assert "ce_storyid: not 32 hexadecimal digits: mine" in decoded.detail


def test_the_value_is_plain_json_and_the_key_is_the_article_id():
    record = encode_event(an_event(an_article()), "articles.published", ARTICLE_ID)

    assert json.loads(value_of(record))["headline"] == "Harbour bridge reopens"
    assert record.key == ARTICLE_ID.encode()


def test_a_record_is_a_cloudevent_to_the_official_library():
    record = encode_event(an_event(an_article()), "articles.published", ARTICLE_ID)

    event = from_binary_event(KafkaMessage(dict(record.headers), record.key, value_of(record)), JSONFormat())

    assert (event.get_type(), event.get_id(), event.get_source()) == ("news.article.published.v1", "event-1", "dateline/test")
    assert event.get_time() == NOON


def test_fields_that_a_newer_version_added_are_ignored():
    value = value_of(a_record())[:-1] + b',"mood":"cheerful"}'

    assert body_of(a_record(value=value)) == an_article()


@pytest.mark.parametrize(
    ("record", "code", "said"),
    [
        (a_record(headers=()), DeadLetterCode.HEADERS_MISSING, "ce_type"),
        (a_record(headers=(("ce_type", b"news.article.published.v9"),)), DeadLetterCode.SCHEMA_UNKNOWN, "published.v9"),
        (a_record(value=b"\xff\xfe not json"), DeadLetterCode.NOT_JSON, "JSON"),
        (a_record(value=None), DeadLetterCode.NOT_JSON, "JSON"),
        (a_record(value=EARLIEST), DeadLetterCode.INVALID, "date_published: "),
        (a_record(value=b'{"headline": 5}'), DeadLetterCode.INVALID, "headline: "),
    ],
)
def test_what_does_not_decode_says_why(record, code, said):
    decoded = decode_event(record)

    assert isinstance(decoded, DeadLettered)
    assert decoded.code is code
    assert said in decoded.detail


def test_times_are_rfc_3339_in_utc():
    assert format_time(NOON) == "2026-11-24T12:00:00.000Z"
    assert parse_time("2026-11-24T13:00:00+01:00") == NOON


@pytest.mark.parametrize(
    "text", [None, "", "yesterday", "2026-11-24T12:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_time_without_zone_or_sense_is_none(text):
    assert parse_time(text) is None
