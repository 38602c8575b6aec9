"""Enrich on a real Kafka, with a recogniser that fails: what cannot be read is kept with the reason, and the others go on."""

import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ops.cli.setup import create_topics
from services.enrich.core.recognisers import English
from services.enrich.events import enrich_events
from services.enrich.models import load_recognisers
from services.enrich.time_limit import TimeLimit
from shared.consuming import Subscription, consume
from shared.dead_letters import parse_dead_letter
from shared.events import decode_event
from shared.health import Health
from shared.outcomes import NewRecord
from shared.producing import Producer
from shared.topics import ENRICHED, dead_letters_of
from tests.builders import a_record, an_article, body_of, value_of
from tests.kafka_topics import a_topic, committed, kafka_settings, produce, read_all
from tests.stack import eventually

LIMIT = TimeLimit(processor_seconds=0.3, clock_seconds=2)


@pytest.fixture(scope="module")
def recognisers():
    return load_recognisers("no_such_model")


def fails(text):
    if "hangs" in text:
        while True:
            pass
    if "raises" in text:
        raise RuntimeError("no such word")


def consume_until_committed(kafka, subscription, offset):
    """Run the loop in this, the main, thread, as a service does."""
    stop, (topic,) = threading.Event(), subscription.topics

    def wait():
        try:
            eventually(lambda: committed(kafka, subscription.group, topic), lambda seen: seen == offset, timeout_seconds=60)
        finally:
            stop.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    with Producer(kafka_settings(kafka), "test-loop") as producer:
        consume(subscription, kafka_settings(kafka), producer, Health(), stop)
    waiting.join()


def test_one_that_hangs_and_one_that_raises_are_dead_letters_and_the_rest_of_their_batch_is_enriched(engines, recognisers):
    kafka, mark = engines.kafka_bootstrap, uuid.uuid4().hex
    create_topics(kafka_settings(kafka), 4, 1)
    topic = a_topic(kafka)
    headlines = [f"{mark} {what} in the harbour of the town" for what in ("opens", "hangs", "closes", "raises", "sinks")]
    records = [a_record(an_article(headline=headline)) for headline in headlines]
    produce(kafka, *[NewRecord(topic, record.key, value_of(record), record.headers) for record in records])

    def recognise(texts):
        for text in texts:
            fails(text)
        return [[] for _ in texts]

    def handle(events):
        with_double = replace(recognisers, english=English(recognise, lambda _word: False))
        return enrich_events(events, with_double, lambda articles: [a.article_id for a in articles], datetime.now(UTC), LIMIT)

    subscription = Subscription(f"test-{mark[:8]}", (topic,), decode_event, handle)
    consume_until_committed(kafka, subscription, 5)

    letters = [parse_dead_letter(record) for record in read_all(kafka, dead_letters_of(topic))]
    assert [(letter.record.offset, letter.code) for letter in letters] == [(1, "too_slow"), (3, "bug")]
    assert "took more than 0.3 s, at last in tests/integration/test_bad_texts.py" in letters[0].detail
    assert "no such word" in letters[1].detail
    found = [body_of(record).headline for record in read_all(kafka, ENRICHED) if mark.encode() in value_of(record)]
    assert sorted(found) == sorted(headlines[place] for place in (0, 2, 4))
