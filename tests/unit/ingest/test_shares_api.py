"""Shares that are reported with a token of ingest: what is answered, and what is sent on. No Kafka is asked."""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from fastapi.testclient import TestClient

from services.ingest.api import build_ingest_app
from services.ingest.door import Door
from services.ingest.outbox import Outbox
from services.ingest.page_extractor import PageExtractors
from services.ingest.remembering import Remembering
from services.ingest.salts import DailySalt
from services.ingest.token_file import ValidTokens
from shared.engagement import ShareReported
from shared.metrics import SUBMISSIONS
from shared.producing import Producer
from shared.topics import READING
from tests.builders import ARTICLE_ID, body_of

TOKEN = "t" * 32
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class Sent:
    """An outbox that keeps what was sent."""

    def __init__(self):
        self.records = []

    async def send(self, records):
        self.records += records


@pytest.fixture
def sent():
    return Sent()


@pytest.fixture
def ask(sent, tmp_path):
    """Posts a body with a token of ingest."""
    door = Door(cast("Producer", None), cast("Outbox", sent), DailySalt(tmp_path / "salt"), 4, Remembering(1000))
    tokens = ValidTokens((hashlib.sha256(TOKEN.encode()).hexdigest(),), None)
    client = TestClient(build_ingest_app(door, tokens, 10_000, PageExtractors(1)))

    def ask(body, token=TOKEN):
        return client.post("/v1/shares", content=json.dumps(body), headers={"Authorization": f"Bearer {token}"})

    return ask


def a_share(**fields):
    return {"article_id": ARTICLE_ID, "address": "192.0.2.1", "user_agent": BROWSER, **fields}


def test_a_share_is_an_event_of_its_article_with_hashes_for_who_shared(ask, sent):
    answer = ask(a_share())

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    (record,) = sent.records
    body = body_of(record)
    assert isinstance(body, ShareReported)
    assert (record.topic, record.key, body.article_id) == (READING, ARTICLE_ID.encode(), ARTICLE_ID)
    assert abs(body.time.timestamp() - time.time()) < 60
    assert b"192.0.2" not in record.value


def test_a_visitor_may_be_called_shares(ask):
    assert ask(a_share(visitor="shares")).status_code == 202


def test_many_shares_come_together_and_refused_ones_do_not_hold_up_the_others(ask, sent):
    old = (datetime.fromtimestamp(time.time(), UTC) - timedelta(hours=25)).isoformat()
    before = SUBMISSIONS.labels("share", "refused")._value.get()  # noqa: SLF001 - the client tells it in no other way

    answer = ask({"shares": [a_share(), a_share(visitor="ada"), a_share(user_agent="Googlebot/2.1"), a_share(time=old)]})

    assert (answer.status_code, answer.json()) == (202, {"accepted": 2})
    assert len({body_of(record).visitor for record in sent.records}) == 2
    assert SUBMISSIONS.labels("share", "refused")._value.get() == before + 2  # noqa: SLF001 - as above


def test_of_shares_of_which_none_counts_each_is_told_why(ask, sent):
    answer = ask({"shares": [a_share(user_agent="Googlebot/2.1")]})

    assert (answer.status_code, sent.records) == (422, [])
    assert answer.json()["errors"] == [{"field": "shares.0.user_agent", "detail": "is that of a robot"}]


@pytest.mark.parametrize("body", [{}, {"shares": []}, a_share(count=500), {"shares": [a_share()] * 1001}])
def test_what_is_no_share_is_refused(ask, sent, body):
    assert ask(body).status_code in (413, 422)
    assert sent.records == []


def test_without_a_token_of_ingest_nothing_is_taken(ask, sent):
    assert ask(a_share(), "wrong").status_code == 401
    assert sent.records == []
