"""Views that browsers send: what they are answered, what is counted, and who is taken for the reader. No Kafka is asked."""

import json
import time
from ipaddress import ip_network
from typing import cast

import pytest
from fastapi.testclient import TestClient

from services.ingest.api import build_ingest_app
from services.ingest.core.common_records import READINGS, SHARES, Kind
from services.ingest.door import Door
from services.ingest.outbox import Outbox
from services.ingest.page_extractor import PageExtractors
from services.ingest.page_views import ReaderRules
from services.ingest.remembering import Remembering
from services.ingest.salts import DailySalt
from services.ingest.token_file import ValidTokens
from shared.engagement import Reading, View
from shared.failures import Unavailable
from shared.metrics import VIEWS_REFUSED
from shared.page_tokens import PageToken, issue_page_token
from shared.producing import Producer
from tests.builders import ARTICLE_ID

KEY = b"k" * 32
SITE = "https://news.example"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PROXY, READER = "10.0.0.1", "192.0.2.1"
RULES = ReaderRules((ip_network("10.0.0.0/8"),), (KEY,), frozenset({SITE}))


class Taken:
    """An outbox that keeps what was sent, or for which nobody acknowledges."""

    def __init__(self):
        self.views = []
        self.readings = []
        self.is_away = False

    async def send_reports(self, reports):
        if self.is_away:
            raise Unavailable("away for the test")
        models: dict[Kind, type[View]] = {READINGS: Reading, SHARES: View}
        self.readings += [models[report.kind].model_validate_json(report.json) for report in reports]

    async def send_views(self, views):
        if self.is_away:
            raise Unavailable("away for the test")
        self.views += [View.model_validate_json(view.json) for view in views]


@pytest.fixture
def taken():
    return Taken()


@pytest.fixture
def ask(taken, tmp_path):
    """Sends a request from an address as a browser does; `rules` are those of the door."""
    door = Door(cast("Producer", None), cast("Outbox", taken), DailySalt(tmp_path / "salt"), 4, Remembering(1000))
    apps = {}

    def ask(body, peer=READER, rules=RULES, method="POST", **headers):
        if rules not in apps:
            apps[rules] = build_ingest_app(door, ValidTokens((), None), 10_000, PageExtractors(1), rules=rules)
        client = TestClient(apps[rules], client=(peer, 50_000))
        sent = {"User-Agent": BROWSER, "Content-Type": "text/plain;charset=UTF-8"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return client.request(method, "/v1/views", content=body if isinstance(body, bytes) else json.dumps(body), headers=sent)

    return ask


def a_token(number=0, key=KEY, article_id=ARTICLE_ID, ago=60):
    now = int(time.time())
    return issue_page_token(key, PageToken(article_id, now - ago, now - ago + 7200, f"{number:016x}"))


def a_view(token, article_id=ARTICLE_ID, **more):
    return {"page_token": token, "article_id": article_id, **more}


def refused(reason):
    return VIEWS_REFUSED.labels(reason)._value.get()  # noqa: SLF001 - the client tells it in no other way


@pytest.mark.parametrize("kind", ["text/plain;charset=UTF-8", "application/json"])
def test_a_beacon_with_the_token_of_its_page_is_a_view(ask, taken, kind):
    answer = ask(a_view(a_token()), Content_Type=kind)

    assert (answer.status_code, answer.content) == (204, b"")
    (view,) = taken.views
    assert view.article_id == ARTICLE_ID
    assert abs(view.time.timestamp() - time.time()) < 60


def test_the_reader_is_who_sends_the_beacon(ask, taken):
    for number, (peer, agent) in enumerate([("192.0.2.1", BROWSER), ("192.0.2.77", BROWSER), ("198.51.100.1", BROWSER)]):
        assert ask(a_view(a_token(number)), peer, User_Agent=agent).status_code == 204

    one, neighbour, other = taken.views
    assert (one.visitor, one.network) == (neighbour.visitor, neighbour.network)
    assert (one.visitor != other.visitor, one.network != other.network) == (True, True)


def test_an_address_that_a_reader_makes_up_is_not_believed(ask, taken):
    for number in range(20):
        ask(
            a_view(a_token(number)), X_Forwarded_For=f"203.0.{number}.1", Forwarded=f"for=203.0.{number}.1", X_Real_IP="203.0.113.9"
        )

    assert len(taken.views) == 20
    assert len({view.visitor for view in taken.views}) == len({view.network for view in taken.views}) == 1


def test_a_trusted_proxy_is_believed_but_not_what_a_reader_wrote_before_it(ask, taken):
    ask(a_view(a_token(0)), READER)
    ask(a_view(a_token(1)), PROXY, X_Forwarded_For=READER)
    ask(a_view(a_token(2)), PROXY, X_Forwarded_For=f"203.0.113.9, {READER}")

    assert len(taken.views) == 3
    assert len({view.visitor for view in taken.views}) == 1


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        (a_view(a_token(key=b"f" * 32)), "forged"),
        (a_view("v1.made.up"), "forged"),
        (a_view(a_token().replace(ARTICLE_ID, "f" * 32), "f" * 32), "forged"),
        (a_view(a_token(ago=7201)), "expired"),
        (a_view(a_token(article_id="f" * 32)), "foreign"),
        (a_view(a_token(ago=-4000)), "future"),
    ],
)
def test_a_token_that_vouches_for_nothing_is_refused_and_counted_by_its_reason(ask, taken, view, reason):
    before = refused(reason)

    answer = ask(view)

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["field"] == "page_token"
    assert (taken.views, refused(reason)) == ([], before + 1)


def test_a_replayed_token_is_refused_from_whatever_address(ask, taken):
    before = refused("replayed")
    token = a_token()

    codes = [ask(a_view(token), f"198.51.{number}.1").status_code for number in range(100)]

    assert codes == [204] + [403] * 99
    assert (len(taken.views), refused("replayed")) == (1, before + 99)


def test_a_token_of_a_cached_page_pays_for_as_many_readers_as_is_set(ask, taken):
    cached = ReaderRules(page_keys=(KEY,), views_a_token=3)

    assert [ask(a_view(a_token()), f"198.51.{n}.1", cached).status_code for n in range(5)] == [204, 204, 204, 403, 403]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"article_id": "%s"}' % ARTICLE_ID.encode(), b'{"views": []}', b"\x00\xff"])
def test_a_blind_post_is_refused_and_counted(ask, taken, body):
    before = refused("blind")

    answer = ask(body)

    assert answer.status_code == 401
    assert (taken.views, refused("blind")) == ([], before + 1)


@pytest.mark.parametrize(
    "field", [{"count": 500}, {"time": "1970-01-01T00:00:00Z"}, {"time": -1}, {"visitor": "ada"}, {"engaged_seconds": -5}]
)
def test_a_browser_says_neither_how_often_nor_when_nor_who(ask, taken, field):
    token = a_token()

    answer = ask(a_view(token, **field))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == next(iter(field))
    assert taken.views == []
    assert ask(a_view(token)).status_code == 204


def test_a_robot_is_refused_and_its_token_still_pays(ask):
    token, before = a_token(), refused("robot")

    codes = [ask(a_view(token), User_Agent=agent).status_code for agent in ("Googlebot/2.1", "", BROWSER)]

    assert (codes, refused("robot")) == ([422, 422, 204], before + 2)


def test_a_token_still_pays_when_kafka_was_away(ask, taken):
    token = a_token()
    taken.is_away = True
    first = ask(a_view(token))
    taken.is_away = False

    assert (first.status_code, ask(a_view(token)).status_code, len(taken.views)) == (503, 204, 1)


def test_a_page_that_is_left_tells_once_for_how_long_it_was_read(ask, taken):
    token = a_token(ago=60)

    codes = [ask(a_view(token, **more)).status_code for more in ({}, {"engaged_seconds": 42}, {"engaged_seconds": 42}, {})]

    assert codes == [204, 204, 403, 403]
    (view,), (reading,) = taken.views, taken.readings
    assert reading == Reading(**view.model_dump() | {"time": reading.time, "engaged_seconds": 42})


def test_no_page_was_read_for_longer_than_it_exists(ask, taken):
    ask(a_view(a_token(ago=60), engaged_seconds=86_400))

    assert 60 <= taken.readings[0].engaged_seconds < 120


def test_a_page_tells_once_that_it_was_shared_and_that_is_no_view(ask, taken):
    token = a_token()

    codes = [ask(a_view(token, **more)).status_code for more in ({"shared": True}, {"shared": True}, {})]

    assert codes == [204, 403, 204]
    (view,), (share,) = taken.views, taken.readings
    assert share == View(**view.model_dump() | {"time": share.time})


def test_a_share_still_pays_when_kafka_was_away(ask, taken):
    token, taken.is_away = a_token(), True
    first = ask(a_view(token, shared=True))
    taken.is_away = False

    assert (first.status_code, ask(a_view(token, shared=True)).status_code, len(taken.readings)) == (503, 204, 1)


@pytest.mark.parametrize("more", [{"shared": False}, {"shared": 2}, {"shared": True, "engaged_seconds": 30}])
def test_a_page_reports_one_thing_at_a_time(ask, taken, more):
    assert ask(a_view(a_token(), **more)).status_code == 422
    assert taken.readings == []


def test_a_large_body_is_not_read(ask, taken):
    assert ask(a_view(a_token(), more="x" * 5000)).status_code == 413


def test_without_a_key_page_tokens_are_off(ask, taken):
    assert ask(a_view(a_token()), rules=ReaderRules()).status_code == 401
    assert taken.views == []


def test_pages_of_a_known_origin_may_send(ask):
    answer = ask(a_view(a_token()), Origin=SITE)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://copy.example", f"{SITE}.copy.example", SITE.replace("https", "http"), f"{SITE}:8443"])
def test_pages_of_other_origins_may_not(ask, taken, origin):
    before = refused("origin")

    answer = ask(a_view(a_token()), Origin=origin)

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert (taken.views, refused("origin")) == ([], before + 1)


def test_of_a_page_that_keeps_its_origin_to_itself_the_token_decides(ask):
    assert ask(a_view(a_token()), Origin="null").status_code == 204
    assert ask(a_view(a_token(key=b"f" * 32)), Origin="null").status_code == 403


def test_a_browser_that_asks_first_is_told_what_it_may(ask):
    asked = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "content-type"}

    answer = ask(b"", method="OPTIONS", Origin=SITE, **asked)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert ask(b"", method="OPTIONS", Origin="https://copy.example", **asked).status_code == 403


def test_a_wrong_token_of_ingest_is_not_made_good_by_one_of_a_page(ask, taken):
    assert ask(a_view(a_token()), Authorization="Bearer wrong").status_code == 401
    assert taken.views == []
