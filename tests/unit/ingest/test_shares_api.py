"""Shares that are reported with a token of ingest: what is answered, and what is sent on. No Kafka is asked."""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from fastapi.testclient import TestClient

from services.ingest.api import build_ingest_app
from services.ingest.core.common_records import SHARES
from services.ingest.door import Door
from services.ingest.outbox import Outbox
from services.ingest.page_extractor import PageExtractors
from services.ingest.remembering import Remembering
from services.ingest.salts import DailySalt
from services.ingest.token_file import ValidTokens
from shared.engagement import View
from shared.metrics import SUBMISSIONS
from shared.producing import Producer, partition_of
from tests.builders import ARTICLE_ID

TOKEN = "t" * 32
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class Sent:
    """An outbox that keeps what was sent."""

    def __init__(self):
        self.shares = []

    async def send_reports(self, reports):
        self.shares += reports


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


def test_a_share_goes_on_with_hashes_for_who_shared(ask, sent):
    answer = ask(a_share())

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    (share,) = sent.shares
    body = View.model_validate_json(share.json)
    assert (share.kind, share.partition, body.article_id) == (SHARES, partition_of(ARTICLE_ID, 4), ARTICLE_ID)
    assert abs(body.time.timestamp() - time.time()) < 60
    assert "192.0.2" not in share.json


def test_a_visitor_may_be_called_shares(ask):
    assert ask(a_share(visitor="shares")).status_code == 202


def test_many_shares_come_together_and_refused_ones_do_not_hold_up_the_others(ask, sent):
    old = (datetime.fromtimestamp(time.time(), UTC) - timedelta(hours=25)).isoformat()
    before = SUBMISSIONS.labels("share", "refused")._value.get()  # noqa: SLF001 - the client tells it in no other way

    answer = ask({"shares": [a_share(), a_share(visitor="ada"), a_share(user_agent="Googlebot/2.1"), a_share(time=old)]})

    assert (answer.status_code, answer.json()) == (202, {"accepted": 2})
    assert len({View.model_validate_json(share.json).visitor for share in sent.shares}) == 2
    assert SUBMISSIONS.labels("share", "refused")._value.get() == before + 2  # noqa: SLF001 - as above


def test_of_shares_of_which_none_counts_each_is_told_why(ask, sent):
    answer = ask({"shares": [a_share(user_agent="Googlebot/2.1")]})

    assert (answer.status_code, sent.shares) == (422, [])
    assert answer.json()["errors"] == [{"field": "shares.0.user_agent", "detail": "is that of a robot"}]


@pytest.mark.parametrize("body", [{}, {"shares": []}, a_share(count=500), {"shares": [a_share()] * 1001}])
def test_what_is_no_share_is_refused(ask, sent, body):
    assert ask(body).status_code in (413, 422)
    assert sent.shares == []


def test_without_a_token_of_ingest_nothing_is_taken(ask, sent):
    assert ask(a_share(), "wrong").status_code == 401
    assert sent.shares == []
