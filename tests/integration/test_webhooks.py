"""Matches are sent to webhooks: signed, again until they are taken, and nowhere where nothing may be sent."""

import hashlib
import hmac
import json
import threading
import uuid
from collections import deque
from contextlib import contextmanager

import pytest

from ops.cli.setup import create_topics
from services.webhooks.__main__ import serve
from services.webhooks.core.deliveries import Delivery, parse_delivery
from services.webhooks.delivering import Deliverer
from services.webhooks.endpoints import Endpoints
from services.webhooks.settings import WebhooksSettings
from shared import topics
from shared.events import Event, Record, encode_event
from shared.health import Health
from shared.outcomes import OutcomeName, Published
from shared.producing import Producer
from shared.saved_searches import SearchMatched
from shared.settings import KafkaSettings, WebhookSettings
from shared.webhook_signatures import derive_secret
from tests.builders import ARTICLE_ID, NOON
from tests.doubles import send, serving
from tests.saving import a_saved_record, a_saved_search
from tests.stack import eventually

KEY = "k" * 32
HERE = ("127.0.0.0/8",)


class Desk:
    """A webhook that answers as told, and then 204."""

    def __init__(self, *statuses):
        self.statuses = deque(statuses)
        self.received = []

    def __call__(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.received.append((dict(request.headers), body))
        send(request, self.statuses.popleft() if self.statuses else 204, b"", Location="http://127.0.0.1:1/")


def a_match(search_id, **fields):
    own = {"article_id": ARTICLE_ID, "revision": 1, "headline": "Harbour bridge reopens", "publisher": "Courier"}
    return SearchMatched(**{"search_id": search_id, "date": NOON, "matched": NOON} | own | fields)


def encoded(match):
    return encode_event(Event(match.match_id, "dateline/indexer", NOON, NOON, match), topics.MATCHES, match.search_id)


def a_delivery(match):
    made = encoded(match)
    delivery = parse_delivery(Record(made.topic, 0, 0, made.key, made.value, made.headers, 0))
    assert isinstance(delivery, Delivery)
    return delivery


@contextmanager
def delivering(*saved, **settings):
    endpoints = Endpoints()
    endpoints.learn([a_saved_record(each) for each in saved])
    own = WebhookSettings(**{"timeout_seconds": 5, "allowed_networks": HERE} | settings)
    deliverer = Deliverer(KEY.encode(), own, endpoints)
    yield deliverer
    deliverer.close()


def names(outcomes):
    return [outcome.name for outcome in outcomes]


def test_a_match_is_sent_with_a_signature_that_its_receiver_can_check():
    desk = Desk()
    with serving(desk) as url:
        saved = a_saved_search("bridge", webhook=f"{url}/hook?a=1")
        with delivering(saved) as deliverer:
            outcomes = deliverer.deliver([a_delivery(a_match(saved.search_id))])

    assert names(outcomes) == [OutcomeName.DELIVERED]
    ((headers, body),) = desk.received
    assert json.loads(body)["headline"] == "Harbour bridge reopens"
    assert json.loads(body)["publisher"] == "Courier"
    assert headers["Dateline-Delivery"] == f"{saved.search_id}.{ARTICLE_ID}.1"
    time, signature = (part.partition("=")[2] for part in headers["Dateline-Signature"].split(","))
    secret = derive_secret(KEY.encode(), saved.search_id)
    assert signature == hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()


def test_a_search_without_a_webhook_and_a_deleted_one_are_sent_nothing():
    without = a_saved_search("bridge")
    deleted = a_saved_search("bridge", webhook="http://127.0.0.1:1/").model_copy(update={"is_deleted": True})
    with delivering(without, deleted) as deliverer:
        outcomes = deliverer.deliver([a_delivery(a_match(each.search_id)) for each in (without, deleted)])

    assert names(outcomes) == [OutcomeName.FILTERED] * 2


def test_a_match_of_a_search_that_is_not_known_yet_is_sent_later():
    with delivering() as deliverer:
        (outcome,) = deliverer.deliver([a_delivery(a_match(uuid.uuid4().hex))])

    assert isinstance(outcome, Published)


@pytest.mark.parametrize("status", [301, 307, 404, 500])
def test_what_is_not_taken_goes_round_and_no_redirect_is_followed(status):
    desk = Desk(status)
    with serving(desk) as url:
        saved = a_saved_search("bridge", webhook=url)
        with delivering(saved) as deliverer:
            (outcome,) = deliverer.deliver([a_delivery(a_match(saved.search_id))])

    assert isinstance(outcome, Published)
    assert len(desk.received) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://169.254.169.254/latest", "http://[::1]/", "http://10.0.0.1/", "http://2130706433/"]
)
def test_nothing_is_sent_to_what_is_not_public(url):
    saved = a_saved_search("bridge", webhook=url)
    with delivering(saved, allowed_networks=()) as deliverer:
        (outcome,) = deliverer.deliver([a_delivery(a_match(saved.search_id))])

    assert isinstance(outcome, Published)


def test_after_a_failure_the_rest_for_that_endpoint_is_put_off_and_others_get_theirs():
    dead, alive = Desk(*[500] * 9), Desk()
    with serving(dead) as dead_url, serving(alive) as alive_url:
        to_dead, to_alive = a_saved_search("bridge", webhook=dead_url), a_saved_search("bridge", webhook=alive_url)
        batch = [a_delivery(a_match(each.search_id, revision=n)) for n in range(1, 4) for each in (to_dead, to_alive)]
        with delivering(to_dead, to_alive) as deliverer:
            outcomes = deliverer.deliver(batch)
            again = deliverer.deliver(batch[:1])

    assert names(outcomes) == [OutcomeName.PUBLISHED, OutcomeName.DELIVERED] * 3
    assert names(again) == [OutcomeName.PUBLISHED]
    assert (len(dead.received), len(alive.received)) == (1, 3)
    assert [json.loads(body)["revision"] for _, body in alive.received] == [1, 2, 3]


def test_a_webhook_that_fails_twice_gets_the_match_the_third_time(engines):
    """The service as a whole, with its two loops, on a real Kafka."""
    kafka = KafkaSettings(bootstrap_servers=engines.kafka_bootstrap)
    create_topics(kafka, 4, 1)
    desk = Desk(500, 503)
    own = WebhookSettings(key=KEY, retry_seconds=0.5, allowed_networks=HERE)
    stop = threading.Event()
    service = threading.Thread(target=serve, args=(WebhooksSettings(kafka=kafka, webhooks=own), Health(), stop))
    with serving(desk) as url, Producer(kafka, "dateline-test") as producer:
        saved = a_saved_search("bridge", webhook=url)
        record = a_saved_record(saved)
        match = a_match(saved.search_id)
        producer.send_all([encode_event(Event("1", "test", NOON, NOON, saved), record.topic, saved.search_id)])
        producer.send_all([encoded(match)])
        service.start()
        try:
            eventually(lambda: len(desk.received), lambda count: count >= 3, timeout_seconds=60)
        finally:
            stop.set()
            service.join()

    assert [headers["Dateline-Delivery"] for headers, _ in desk.received] == [match.match_id] * 3
    assert len({body for _, body in desk.received}) == 1


def test_without_a_key_the_service_is_idle_and_says_so():
    stop, health = threading.Event(), Health()
    service = threading.Thread(target=serve, args=(WebhooksSettings(), health, stop))
    service.start()
    try:
        ready, report = eventually(health.ready, lambda state: state[0])
    finally:
        stop.set()
        service.join()

    assert ready
    assert "DATELINE_WEBHOOKS_KEY" in report["notes"]["webhooks"]
