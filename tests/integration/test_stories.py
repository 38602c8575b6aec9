"""Stories on a real Kafka: several workers, copies at the same moment, crashes, and what compaction leaves of the topic."""

import random
import threading
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from ops.cli.live_stories import read_stories
from ops.cli.setup import create_topics
from services.enrich.core.fingerprint import build_fingerprint
from services.enrich.core.story_records import unpack
from services.enrich.story_log import Send, StoryLog, running_story_log
from shared.articles import ArticlePublished
from shared.events import Record
from shared.failures import Unavailable
from shared.health import Health
from shared.outcomes import NewRecord
from shared.producing import Producer
from shared.topics import FINGERPRINTS
from tests.builders import an_article
from tests.kafka_topics import kafka_settings, read_all
from tests.unit.enrich.texts import a_chance, a_text, changed


@pytest.fixture
def bootstrap(engines) -> str:
    create_topics(kafka_settings(engines.kafka_bootstrap), 4, 1)
    return str(engines.kafka_bootstrap)


@pytest.fixture
def chance() -> random.Random:
    """Texts of a test's own: all tests share the topic."""
    return a_chance(uuid.uuid4().int)


@contextmanager
def a_worker(bootstrap: str, send: Send | None = None) -> Iterator[StoryLog]:
    """What a process of enrich runs, with a Kafka producer of its own unless it is given another way to send."""
    settings = kafka_settings(bootstrap)
    with (
        Producer(settings, "test-stories") as producer,
        running_story_log(settings, 5_000, send or producer.send_all, Health(), threading.Event()) as log,
    ):
        yield log


def an_article_of(text: str) -> ArticlePublished:
    return an_article(article_id=uuid.uuid4().hex, body=text)


def test_copies_that_two_workers_see_at_the_same_moment_are_one_story(bootstrap, chance):
    rounds = []
    for _ in range(10):
        text = a_text(chance, 150)
        rounds.append((an_article_of(text), an_article_of(changed(text, 8, chance))))
    meet = threading.Barrier(2)

    def tell(log: StoryLog, articles: Sequence[ArticlePublished]) -> list[str]:
        told = []
        for article in articles:
            meet.wait(30)
            told += log.tell([article])
        return told

    with a_worker(bootstrap) as one, a_worker(bootstrap) as other, ThreadPoolExecutor(2) as pool:
        answers = [
            answer.result(60)
            for answer in [pool.submit(tell, log, [pair[side] for pair in rounds]) for side, log in enumerate((one, other))]
        ]

    assert answers[0] == answers[1]
    assert all(story in {article.article_id for article in pair} for story, pair in zip(answers[0], rounds, strict=True))


def test_who_starts_later_knows_the_stories_and_writes_nothing_about_what_it_sees_again(bootstrap, chance):
    text = a_text(chance, 150)
    first, copy = an_article_of(text), an_article_of(changed(text, 8, chance))
    with a_worker(bootstrap) as log:
        log.tell([first, copy])
    before = len(read_all(bootstrap, FINGERPRINTS))

    with a_worker(bootstrap) as log:
        assert log.tell([copy, first]) == [first.article_id] * 2
        assert len(read_all(bootstrap, FINGERPRINTS)) == before
        assert log.tell([an_article_of(text)]) == [first.article_id]


def test_a_crash_between_claim_and_verdict_changes_nothing(bootstrap, chance):
    text = a_text(chance, 150)
    first, copy, later = (an_article_of(changed(text, percent, chance)) for percent in (0, 4, 8))

    with Producer(kafka_settings(bootstrap), "test-crash") as producer:

        def send_claims_only(records: Sequence[NewRecord]) -> None:
            if any(unpack(record.key, record.value).story for record in records):
                raise Unavailable("killed")
            producer.send_all(records)

        with a_worker(bootstrap, send_claims_only) as log, pytest.raises(Unavailable):
            log.tell([first, copy])

    with a_worker(bootstrap) as log:
        assert log.tell([later]) == [first.article_id]
        assert log.tell([copy, first]) == [first.article_id] * 2


def test_what_compaction_leaves_of_the_topic_gives_the_same_stories(bootstrap, chance):
    text, other = a_text(chance, 150), a_text(chance, 150)
    articles = [an_article_of(body) for body in (text, other, changed(text, 8, chance), changed(other, 8, chance))]
    with a_worker(bootstrap) as log:
        stories = log.tell(articles)
        assert log.tell([articles[0].model_copy(update={"body": changed(text, 4, chance), "revision": 2**50})]) == stories[:1]

    last: dict[bytes | None, Record] = {record.key: record for record in read_all(bootstrap, FINGERPRINTS)}
    compacted = StoryLog(5_000, refuse)
    compacted.learn(sorted(last.values(), key=lambda record: record.offset))
    compacted.finish_reading()

    assert compacted.tell(articles[::-1]) == stories[::-1]


def refuse(records: Sequence[NewRecord]) -> None:
    """What is known needs no record."""
    assert not records


def test_a_kafka_that_does_not_take_claims_is_waited_for(bootstrap, chance):
    def away(_: Sequence[NewRecord]) -> None:
        raise Unavailable("Kafka did not acknowledge")

    with a_worker(bootstrap, away) as log, pytest.raises(Unavailable, match="did not acknowledge"):
        log.tell([an_article_of(a_text(chance, 150))])


def test_who_only_asks_is_told_the_story_of_a_text_and_writes_nothing(bootstrap, chance):
    text = a_text(chance, 150)
    first, second = an_article_of(text), an_article_of(changed(text, 8, chance))
    with a_worker(bootstrap) as log:
        log.tell([first])
        log.tell([second])
    before = len(read_all(bootstrap, FINGERPRINTS))

    find_told = read_stories(kafka_settings(bootstrap), 5_000)
    known, unknown = (build_fingerprint("", body) for body in (changed(text, 8, chance), a_text(chance, 150)))
    assert known is not None
    assert unknown is not None

    assert [(entry.article.hex(), entry.story.hex()) for entry in find_told(known)] == [
        (first.article_id, first.article_id),
        (second.article_id, first.article_id),
    ]
    assert list(find_told(unknown)) == []
    assert len(read_all(bootstrap, FINGERPRINTS)) == before
