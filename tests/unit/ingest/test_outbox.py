"""The outbox: views of many requests go into common records, and each request hears of its own only."""

import asyncio
from typing import cast

import pytest

from services.ingest import outbox as outbox_module
from services.ingest.core.common_records import place_share, place_view
from services.ingest.core.views import AcceptedView
from services.ingest.outbox import Outbox
from shared.failures import Unavailable
from shared.outcomes import NewRecord
from shared.producing import Producer
from tests.builders import ARTICLE_ID, NOON, body_of

VIEW = AcceptedView(ARTICLE_ID, "0" * 32, NOON, None)


class Acknowledging:
    """A producer for which all partitions but one acknowledge, and a topic that does not."""

    def __init__(self, away=-1, topic_away=""):
        self.sent = []
        self._away, self._topic_away = away, topic_away

    def send_each(self, records):
        self.sent += records
        return [
            Unavailable("away") if record.partition == self._away or record.topic == self._topic_away else None
            for record in records
        ]


class Broken:
    """A producer with a bug."""

    def send_each(self, _records):
        raise RuntimeError("a bug")


def send_together(producer, *calls):
    """What came of calls that wait together: None, or what was raised."""

    async def run():
        outbox = Outbox(cast("Producer", producer))
        waiting = [asyncio.ensure_future(call(outbox)) for call in calls]
        await asyncio.sleep(0)  # each has put its own in before the outbox is opened
        with outbox:
            pass
        return await asyncio.gather(*waiting, return_exceptions=True)

    return asyncio.run(run())


def views(*partitions):
    return lambda outbox: outbox.send_views([place_view(VIEW, partition) for partition in partitions])


def shares(*partitions):
    return lambda outbox: outbox.send_reports([place_share(VIEW, partition) for partition in partitions])


def a_record(topic="articles.published"):
    return lambda outbox: outbox.send([NewRecord(topic, b"k", b"v")])


def test_views_that_wait_together_are_one_record_a_partition():
    producer = Acknowledging()

    assert send_together(producer, views(0), views(1), views(0, 1), views(0)) == [None] * 4
    assert sorted((record.partition, len(body_of(record).views)) for record in producer.sent) == [(0, 3), (1, 2)]


def test_shares_that_wait_together_are_one_record_a_partition_and_what_was_not_acknowledged_is_heard_by_its_senders():
    producer = Acknowledging(away=1)

    heard = send_together(producer, shares(0), views(0), shares(0, 1), a_record(), shares(0))

    assert [type(each) for each in heard] == [type(None), type(None), Unavailable, type(None), type(None)]
    sizes = [(record.partition, len(body_of(record).shares)) for record in producer.sent if record.topic == "reading.reported"]
    assert sizes == [(0, 3), (1, 1)]


def test_shares_gather_while_views_are_sent_at_once(monkeypatch):
    """The shares wait for ever here, as nobody closes the outbox; what comes after them does not."""
    monkeypatch.setattr(outbox_module, "_REPORTS_SECONDS", 3600.0)
    producer = Acknowledging()

    async def run():
        outbox = Outbox(cast("Producer", producer))
        with outbox:
            waiting = [asyncio.ensure_future(shares(0)(outbox)) for _ in range(3)]
            await asyncio.sleep(0)
            await views(0)(outbox)
            await a_record()(outbox)
            sent_before = [record.topic for record in producer.sent]
        await asyncio.gather(*waiting)
        return sent_before

    assert asyncio.run(run()) == ["engagement.recorded", "articles.published"]
    assert [len(body_of(record).shares) for record in producer.sent[2:]] == [3]


def test_shares_are_sent_after_a_while_without_anything_else_coming():
    async def run():
        with Outbox(cast("Producer", producer)) as outbox:
            await asyncio.wait_for(shares(0)(outbox), timeout=30)
            return len(producer.sent)

    producer = Acknowledging()
    assert asyncio.run(run()) == 1


def test_enough_shares_do_not_wait(monkeypatch):
    monkeypatch.setattr(outbox_module, "_REPORTS_SECONDS", 3600.0)
    producer = Acknowledging()

    async def run():
        with Outbox(cast("Producer", producer)) as outbox:
            await asyncio.wait_for(shares(*[0] * 500)(outbox), timeout=30)
            return len(producer.sent)

    assert asyncio.run(run()) == 1


def test_only_who_has_a_view_in_a_record_that_failed_hears_of_it():
    heard = send_together(Acknowledging(away=1), views(0), views(1), views(0, 1), a_record(), views(2))

    assert [type(each) for each in heard] == [type(None), Unavailable, Unavailable, type(None), type(None)]


def test_views_do_not_suffer_from_records_that_failed():
    heard = send_together(Acknowledging(topic_away="comments.posted"), a_record("comments.posted"), views(0), a_record())

    assert [type(each) for each in heard] == [Unavailable, type(None), type(None)]


def test_a_bug_is_heard_by_all_that_wait_and_the_outbox_goes_on():
    assert [type(each) for each in send_together(Broken(), views(0), a_record())] == [RuntimeError, RuntimeError]


@pytest.mark.parametrize("number", [0, 1, 600])
def test_any_number_of_views_is_sent(number):
    producer = Acknowledging()

    assert send_together(producer, views(*[0] * number)) == [None]
    assert sum(len(body_of(record).views) for record in producer.sent) == number
