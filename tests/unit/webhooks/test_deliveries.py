"""What is sent to a webhook, and what becomes of a match that is not taken."""

import pytest

from services.webhooks.core.deliveries import (
    Delivery,
    Failed,
    build_retry,
    conclude_failure,
    judge_status,
    name_result,
    origin_of,
    parse_delivery,
    postpone,
)
from shared import topics
from shared.events import Record
from shared.outcomes import DeadLetterCode, DeadLettered, Published
from tests.builders import a_record
from tests.contract.golden import OF_TYPE

RECORD = OF_TYPE["news.search.matched.v1"].record()
RETRY_MS, GIVE_UP_MS = 60_000, 3_600_000


def delivery_of(record=RECORD):
    delivery = parse_delivery(record)
    assert isinstance(delivery, Delivery)
    return delivery


def consumed(new):
    return Record(new.topic, 0, 0, new.key, new.value, new.headers, 0)


def test_a_new_match_has_no_attempt_behind_it_and_is_due():
    delivery = delivery_of()

    assert (delivery.attempt, delivery.first_ms, delivery.not_before_ms) == (0, None, 0)
    assert delivery.body == RECORD.value


def test_an_event_of_another_type_is_not_delivered():
    refused = parse_delivery(a_record(topic=topics.MATCHES))

    assert isinstance(refused, DeadLettered)
    assert refused.code == DeadLetterCode.SCHEMA_UNKNOWN


@pytest.mark.parametrize("status", [200, 202, 204])
def test_2xx_is_delivered(status):
    assert judge_status(status) is None


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 503])
def test_anything_else_is_tried_again(status):
    assert judge_status(status) == Failed(f"it answered {status}")


def test_an_endpoint_that_is_gone_for_good_gets_no_more():
    outcome = conclude_failure(delivery_of(), Failed("it answered 410", is_final=True), 0, RETRY_MS, GIVE_UP_MS)

    assert isinstance(outcome, DeadLettered)


def test_what_is_not_taken_is_the_same_record_again_with_when_and_how_often():
    outcome = conclude_failure(delivery_of(), Failed("away"), 1_000, RETRY_MS, GIVE_UP_MS)

    assert isinstance(outcome, Published)
    (again,) = outcome.records
    assert (again.topic, again.key, again.value) == (topics.WEBHOOK_RETRIES, RECORD.key, RECORD.value)
    delivery = delivery_of(consumed(again))
    assert (delivery.attempt, delivery.first_ms, delivery.not_before_ms) == (1, 1_000, 61_000)
    assert delivery.match == delivery_of().match


def test_headers_of_the_attempt_before_are_replaced():
    once = consumed(build_retry(delivery_of(), 1, 1_000, 2_000))

    twice = build_retry(delivery_of(once), 2, 1_000, 3_000)

    assert len(twice.headers) == len(once.headers)
    assert delivery_of(consumed(twice)).attempt == 2


def test_it_is_given_up_after_the_time_that_is_set():
    late = delivery_of(consumed(build_retry(delivery_of(), 7, 1_000, 0)))

    outcome = conclude_failure(late, Failed("away"), 1_000 + GIVE_UP_MS, RETRY_MS, GIVE_UP_MS)

    assert isinstance(outcome, DeadLettered)
    assert outcome.code == DeadLetterCode.UNDELIVERABLE
    assert "8 attempts; at the last one, away" in outcome.detail


def test_what_is_put_off_counts_no_attempt():
    outcome = postpone(delivery_of(), 1_000, RETRY_MS, GIVE_UP_MS)

    assert isinstance(outcome, Published)
    delivery = delivery_of(consumed(outcome.records[0]))
    assert (delivery.attempt, delivery.first_ms, delivery.not_before_ms) == (0, 1_000, 61_000)


def test_what_is_put_off_for_too_long_is_given_up():
    late = delivery_of(consumed(build_retry(delivery_of(), 1, 1_000, 0)))

    outcome = postpone(late, 1_000 + GIVE_UP_MS, RETRY_MS, GIVE_UP_MS)

    assert isinstance(outcome, DeadLettered)
    assert outcome.code == DeadLetterCode.UNDELIVERABLE


def test_headers_that_say_nothing_are_as_if_they_were_not_there():
    odd = Record(
        **{**{name: getattr(RECORD, name) for name in RECORD.__slots__}, "headers": (*RECORD.headers, ("webhook_attempt", b"-1"))}
    )

    assert delivery_of(odd).attempt == 0


def test_an_origin_is_scheme_host_and_port():
    assert origin_of("https://Desk.example:8443/hooks?a=1") == "https://desk.example:8443"


@pytest.mark.parametrize(
    ("failed", "result"),
    [
        (None, "taken"),
        (Failed("it answered 410", is_final=True), "gone"),
        (Failed("no answer", is_unreachable=True), "unreachable"),
        (Failed("it answered 500"), "refused"),
    ],
)
def test_every_end_of_an_attempt_has_a_name_for_metrics(failed, result):
    assert name_result(failed) == result
