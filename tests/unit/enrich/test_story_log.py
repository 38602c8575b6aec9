"""What enrich writes to the topic of stories, and waits for. The topic is a list here, and Kafka in the integration tests."""

from collections.abc import Sequence

import pytest

from services.enrich.core.story_records import unpack
from services.enrich.story_log import Send, StoryLog
from shared.articles import ArticlePublished
from shared.events import Record
from shared.failures import Unavailable
from shared.outcomes import NewRecord
from shared.topics import FINGERPRINTS
from tests.builders import an_article
from tests.unit.enrich.texts import a_chance, a_text, changed

CHANCE = a_chance()
TEXT, OTHER = a_text(CHANCE, 200), a_text(CHANCE, 200)
EDITED = changed(TEXT, 8, CHANCE)


def article_id(number: int) -> str:
    return f"{number:032x}"


def article(number: int, body: str = TEXT, revision: int = 1) -> ArticlePublished:
    return an_article(article_id=article_id(number), body=body, revision=revision)


class Topic:
    """Gives what is sent to all who read it, at once; or not, as long as `is_away`."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.logs: list[StoryLog] = []
        self.is_away = False

    def send(self, records: Sequence[NewRecord]) -> None:
        if self.is_away and records:
            raise Unavailable("away")
        stored = [
            Record(FINGERPRINTS, 0, len(self.records) + number, new.key, new.value, new.headers, 0)
            for number, new in enumerate(records)
        ]
        self.records += stored
        for log in self.logs:
            log.learn(stored)

    def worker(self, send: Send | None = None) -> StoryLog:
        log = StoryLog(100, send or self.send, wait_seconds=0.01)
        log.learn(self.records)
        log.finish_reading()
        self.logs.append(log)
        return log

    def kinds(self) -> list[str]:
        return ["claim" if unpack(record.key, record.value).story is None else "verdict" for record in self.records]


def test_a_new_article_makes_a_claim_and_a_verdict_and_leads() -> None:
    topic = Topic()
    assert topic.worker().tell([article(1)]) == [article_id(1)]
    assert topic.kinds() == ["claim", "verdict"]


def test_copies_get_the_story_of_the_first_whichever_worker_sees_them() -> None:
    topic = Topic()
    one, other = topic.worker(), topic.worker()
    assert one.tell([article(1), article(2, OTHER)]) == [article_id(1), article_id(2)]
    assert other.tell([article(3, EDITED)]) == [article_id(1)]
    assert topic.worker().tell([article(4, OTHER)]) == [article_id(2)]


def test_a_copy_in_the_same_batch_follows_the_one_before_it() -> None:
    assert Topic().worker().tell([article(1), article(2, EDITED)]) == [article_id(1)] * 2


def test_what_is_seen_again_writes_nothing() -> None:
    topic = Topic()
    topic.worker().tell([article(1), article(2, EDITED)])
    before = len(topic.records)
    assert topic.worker().tell([article(2, EDITED), article(1)]) == [article_id(1)] * 2
    assert len(topic.records) == before


def test_a_correction_keeps_its_story_and_is_what_later_copies_are_compared_with() -> None:
    topic = Topic()
    topic.worker().tell([article(1)])
    assert topic.worker().tell([article(1, EDITED, revision=2)]) == [article_id(1)]
    assert topic.kinds() == ["claim", "verdict", "verdict"]


def test_a_text_that_became_another_leaves_the_story() -> None:
    topic = Topic()
    worker = topic.worker()
    worker.tell([article(1), article(2)])
    assert worker.tell([article(2, OTHER, revision=2)]) == [article_id(2)]


def test_an_older_revision_has_the_story_of_the_newest_and_writes_nothing() -> None:
    topic = Topic()
    worker = topic.worker()
    worker.tell([article(1, OTHER), article(2, revision=1), article(2, OTHER, revision=2)])
    before = len(topic.records)
    assert worker.tell([article(2, revision=1)]) == [article_id(1)]
    assert len(topic.records) == before


def test_of_two_revisions_in_one_batch_both_have_the_story_of_the_newer() -> None:
    worker = Topic().worker()
    assert worker.tell([article(1), article(2, OTHER, 2), article(2, TEXT, 1)]) == [article_id(n) for n in (1, 2, 2)]


def test_an_article_of_next_to_no_words_is_its_own_story_and_writes_nothing() -> None:
    topic = Topic()
    assert topic.worker().tell([article(1, ""), article(2, "")]) == [article_id(1), article_id(2)]
    assert topic.records == []


def test_a_crash_before_the_verdict_changes_nothing() -> None:
    topic = Topic()
    topic.worker().tell([article(1)])

    def send_claims_only(records: Sequence[NewRecord]) -> None:
        if any(unpack(record.key, record.value).story for record in records):
            raise Unavailable("crashed")
        topic.send(records)

    with pytest.raises(Unavailable):
        topic.worker(send_claims_only).tell([article(2, EDITED)])
    assert topic.worker().tell([article(2, EDITED)]) == [article_id(1)]
    assert topic.kinds() == ["claim", "verdict", "claim", "verdict"]


def test_a_topic_that_is_away_is_no_fault_of_the_articles() -> None:
    topic = Topic()
    worker = topic.worker()
    topic.is_away = True
    with pytest.raises(Unavailable):
        worker.tell([article(1)])
    topic.is_away = False
    assert worker.tell([article(1)]) == [article_id(1)]


def test_claims_that_do_not_come_back_in_time_are_waited_for_again() -> None:
    topic = Topic()
    worker = topic.worker()
    topic.logs.clear()
    with pytest.raises(Unavailable, match="did not give back within"):
        worker.tell([article(1)])
    worker.learn(topic.records)
    assert worker.tell([article(1)]) == [article_id(1)]
    assert topic.kinds() == ["claim", "verdict"]


def test_a_record_that_cannot_be_read_is_left_out() -> None:
    topic = Topic()
    worker = topic.worker()
    worker.learn([Record(FINGERPRINTS, 0, 0, b"key", value, (), 0) for value in (None, b"", b"\x00" * 305)])
    assert worker.tell([article(1)]) == [article_id(1)]
