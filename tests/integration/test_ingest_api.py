"""The HTTP door on a real Kafka."""

import asyncio
import gzip
import threading
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from fastapi.testclient import TestClient

from ops.cli.setup import create_topics
from ops.cli.tokens import hash_token
from services.ingest.api import build_ingest_app
from services.ingest.core.identity import address_identity
from services.ingest.core.readers import Reader
from services.ingest.core.submissions import ViewSubmission
from services.ingest.door import Door
from services.ingest.outbox import Outbox
from services.ingest.page_extractor import PageExtractors
from services.ingest.page_views import ReaderRules
from services.ingest.remembering import Remembering
from services.ingest.salts import DailySalt
from services.ingest.token_file import ValidTokens
from shared.page_tokens import PageToken, issue_page_token
from shared.producing import Producer, partition_of
from shared.settings import KafkaSettings
from shared.tailing import Tail
from shared.topics import MEMORY
from tests.builders import ARTICLE_ID, body_of, value_of
from tests.kafka_topics import kafka_settings, read_all
from tests.stack import eventually

TOKEN = "only for tests"


@pytest.fixture(scope="module")
def door(engines, tmp_path_factory):
    create_topics(KafkaSettings(bootstrap_servers=engines.kafka_bootstrap), 4, 1)
    with Producer(kafka_settings(engines.kafka_bootstrap), "test-ingest") as producer, Outbox(producer) as outbox:
        yield Door(producer, outbox, DailySalt(tmp_path_factory.mktemp("salt") / "salt"), 4, Remembering(1000))


@pytest.fixture
def stop_at_end():
    stop = threading.Event()
    yield stop
    stop.set()


@contextmanager
def client_of(door):
    """A client of an app with this door; it holds the token."""
    extractors = PageExtractors(1)
    app = build_ingest_app(door, ValidTokens((hash_token(TOKEN),), None), 20_000, extractors)
    with extractors, TestClient(app, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


@pytest.fixture(scope="module")
def client(door):
    with client_of(door) as client:
        yield client


@pytest.fixture
def kafka(engines):
    return engines.kafka_bootstrap


def published(kafka, article_id, topic="articles.published"):
    return [body_of(record) for record in read_all(kafka, topic) if record.key == article_id.encode()]


def test_an_article_is_in_kafka_when_the_answer_comes(client, kafka):
    answer = client.post(
        "/v1/articles", json={"headline": "Bridge opens", "url": "https://a.example/bridge?utm_source=x", "body": "Text."}
    )

    assert answer.status_code == 201
    (article,) = published(kafka, answer.json()["article_id"])
    assert (article.headline, article.url, article.body) == ("Bridge opens", "https://a.example/bridge", "Text.")


def test_the_same_url_is_the_same_article_at_a_higher_revision(client):
    first, second = (
        client.post("/v1/articles", json={"headline": h, "url": "https://a.example/same"}).json() for h in ("One", "Two")
    )

    assert first["article_id"] == second["article_id"]
    assert first["revision"] <= second["revision"]


def test_a_publisher_s_own_id_and_revision_travel(client, kafka):
    answer = client.post("/v1/articles", json={"headline": "H", "id": "a-1", "publisher": "Courier", "revision": 7}).json()

    assert [article.revision for article in published(kafka, answer["article_id"])] == [7]


def test_many_lines_get_a_result_each_and_the_good_ones_are_published(client, kafka):
    body = b'{"headline":"One","url":"https://a.example/1"}\n\nnot json\n{"headline":"","url":"https://a.example/2"}\n'

    answer = client.post("/v1/articles", content=body, headers={"Content-Type": "application/x-ndjson"})

    assert answer.status_code == 207
    batch = answer.json()
    assert (batch["accepted"], batch["refused"]) == (1, 2)
    assert [result["line"] for result in batch["results"]] == [1, 3, 4]
    assert batch["results"][2]["errors"][0]["field"] == "headline"
    assert len(published(kafka, batch["results"][0]["article_id"])) == 1


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{", {"body"}),
        (b"[]", {"body"}),
        (b'{"headlin":"x"}', {"headline", "headlin"}),
        (b'{"headline":"x"}', {"url"}),
        (b'{"headline":"x","url":"ftp://a.example/"}', {"url"}),
        (
            b'{"headline":"x","url":"https://a.example/","date_published":"yesterday","language":"English!"}',
            {"date_published", "language"},
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named_by_field(client, body, fields):
    answer = client.post("/v1/articles", content=body)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {error["field"] for error in answer.json()["errors"]} == fields


def test_a_page_becomes_an_article(client, kafka):
    html = Path(__file__).parents[2].joinpath("ops/sample/pages/harbour-courier-storm-surge-pact.html").read_bytes()

    answer = client.post("/v1/pages", content=html, headers={"Content-Type": "text/html"})

    assert answer.status_code == 201, answer.text
    *_, article = published(kafka, answer.json()["article_id"])  # tests of the whole publish this page too
    assert article.url.startswith("https://www.harbour-courier.example/world/")
    assert article.section == "World"
    assert "cookie" not in article.body.lower()


def test_a_page_without_an_article_is_refused_and_says_so(client):
    answer = client.post("/v1/pages", json={"url": "https://a.example/", "html": "<html><body><a href=/>Home</a></body></html>"})

    assert answer.status_code == 422
    assert "no article in this page" in answer.json()["detail"]


def test_a_request_that_is_too_large_is_refused(client):
    assert client.post("/v1/articles", content=b"x" * 20_001).status_code == 413


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic b25seQ=="}, {"Authorization": TOKEN}]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "articles"), ("POST", "pages"), ("POST", "views"), ("POST", "comments"), ("DELETE", f"articles/{ARTICLE_ID}")],
)
def test_without_a_known_token_nothing_is_taken(client, header, method, path):
    client_without = TestClient(client.app, headers=header)

    answer = client_without.request(method, f"/v1/{path}", content=b"{}")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_packed_body_is_unpacked_within_the_limit(client):
    packed = {"Content-Encoding": "gzip"}

    good = client.post(
        "/v1/articles", content=gzip.compress(b'{"headline":"Packed","url":"https://a.example/packed"}'), headers=packed
    )
    bomb = client.post("/v1/articles", content=gzip.compress(b" " * 1_000_000), headers=packed)
    broken = client.post("/v1/articles", content=b"not gzip", headers=packed)

    assert (good.status_code, bomb.status_code, broken.status_code) == (201, 413, 400)


def test_an_unknown_article_can_be_retracted(client, kafka):
    own = "f" * 32

    answer = client.delete(f"/v1/articles/{own}", params={"reason": "legal"})

    assert answer.status_code == 202
    (retraction,) = published(kafka, own)
    assert (retraction.reason, retraction.revision) == ("legal", answer.json()["revision"])


def test_views_go_to_the_partition_of_their_article_and_carry_no_address(client, kafka):
    ids = [uuid.uuid4().hex for _ in range(20)]

    answer = client.post("/v1/views", json={"views": [{"article_id": own, "visitor": "reader"} for own in ids]})

    assert answer.json() == {"accepted": 20}
    mine = [own.encode() for own in ids]
    records = [r for r in read_all(kafka, "engagement.recorded") if any(own in value_of(r) for own in mine)]
    views = [(record.partition, view) for record in records for view in body_of(record).views]
    assert {view.article_id for _, view in views} == set(ids)
    assert all(partition == partition_of(view.article_id, 4) for partition, view in views)
    assert all(b"reader" not in value_of(record) and b"testclient" not in value_of(record) for record in records)


def test_a_view_of_tomorrow_is_refused(client):
    answer = client.post("/v1/views", json={"article_id": ARTICLE_ID, "time": "2199-01-01T00:00:00Z"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "views.0.time"


GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"time": "1970-01-01T00:00:00Z"}, "views.0.time"),
        ({"time": -5}, "views.0.time"),
        ({"time": "2100-01-01T00:00:00Z"}, "views.0.time"),
        ({"time": "yesterday"}, "time"),
        ({"count": 500}, "count"),
        ({"user_agent": GOOGLEBOT}, "views.0.user_agent"),
    ],
)
def test_views_that_cannot_be_counted_are_refused(client, fields, field):
    answer = client.post("/v1/views", json={"article_id": ARTICLE_ID, "visitor": "ada"} | fields)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_a_robot_that_reads_is_not_counted(client):
    answer = client.post("/v1/views", json={"article_id": ARTICLE_ID}, headers={"User-Agent": GOOGLEBOT})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "views.0.user_agent", "detail": "is that of a robot"}]


def test_a_forwarded_address_is_not_believed_of_who_is_no_proxy(client, kafka):
    own = uuid.uuid4().hex
    for address in ("203.0.113.1", "198.51.100.1"):
        headers = {"User-Agent": "Mozilla/5.0 Firefox/145.0", "X-Forwarded-For": address}
        assert client.post("/v1/views", json={"article_id": own}, headers=headers).status_code == 202

    records = [record for record in read_all(kafka, "engagement.recorded") if own.encode() in value_of(record)]
    views = [view for record in records for view in body_of(record).views if view.article_id == own]
    assert len({view.visitor for view in views}) == len({view.network for view in views}) == 1


def test_what_a_browser_sends_with_the_token_of_its_page_is_in_kafka_when_the_answer_comes(door, kafka):
    key, own, now = b"k" * 32, uuid.uuid4().hex, int(time.time())
    token = issue_page_token(key, PageToken(own, now - 60, now + 60, "0123456789abcdef"))
    app = build_ingest_app(door, ValidTokens((), None), 20_000, PageExtractors(1), rules=ReaderRules(page_keys=(key,)))
    client = TestClient(app, headers={"User-Agent": "Mozilla/5.0 Firefox/145.0"})

    for more in ({}, {"engaged_seconds": 30}, {"shared": True}):
        assert client.post("/v1/views", json={"page_token": token, "article_id": own} | more).status_code == 204

    (record,) = [record for record in read_all(kafka, "engagement.recorded") if own.encode() in value_of(record)]
    (view,) = body_of(record).views
    reports = [found for found in read_all(kafka, "reading.reported") if own.encode() in value_of(found)]
    assert {each.partition for each in (record, *reports)} == {partition_of(own, 4)}
    (reading,), (share,) = body_of(reports[0]).readings, body_of(reports[1]).shares
    assert (reading.visitor, reading.engaged_seconds) == (view.visitor, 30)
    assert share.visitor == view.visitor


def test_views_of_requests_that_come_together_share_records(door, kafka):
    ids = [uuid.uuid4().hex for _ in range(200)]

    async def record_all():
        judged = [door.judge_views([ViewSubmission(article_id=own, visitor="ada")], Reader("192.0.2.1", "")) for own in ids]
        await asyncio.gather(*(door.record_views(each) for each in judged))

    asyncio.run(record_all())

    marks = {own.encode() for own in ids}
    records = [r for r in read_all(kafka, "engagement.recorded") if any(own in value_of(r) for own in marks)]
    assert len(records) < 40
    assert sorted(view.article_id for record in records for view in body_of(record).views) == sorted(ids)


def test_shares_of_requests_that_come_together_share_records(client, kafka):
    ids = [uuid.uuid4().hex for _ in range(200)]

    for first in (0, 100):
        shares = [{"article_id": own, "visitor": "ada"} for own in ids[first : first + 100]]
        assert client.post("/v1/shares", json={"shares": shares}).json() == {"accepted": 100}

    marks = {own.encode() for own in ids}
    records = [r for r in read_all(kafka, "reading.reported") if any(own in value_of(r) for own in marks)]
    assert len(records) == 2 * 4, "one a partition and request"
    assert sorted(share.article_id for record in records for share in body_of(record).shares) == sorted(ids)


def test_the_same_comment_twice_is_one_comment(client, kafka):
    comment = {"article_id": ARTICLE_ID, "author": "Ada", "text": "Well said."}

    ids = {client.post("/v1/comments", json=comment).json()["comment_id"] for _ in range(2)}

    assert len(ids) == 1
    assert {body.text for body in published(kafka, ARTICLE_ID, "comments.posted")} == {"Well said."}


def test_the_documentation_page_needs_no_other_host(client):
    page = client.get("/docs")

    assert page.status_code == 200
    assert "https://" not in page.text.replace("https://fastapi.tiangolo.com/img/favicon.png", "")


def test_an_article_that_is_known_as_it_is_makes_no_event(client, kafka):
    article = {"headline": "Unchanged", "url": "https://a.example/unchanged", "body": "Text."}

    first, again = (client.post("/v1/articles", json=article) for _ in range(2))

    assert (first.status_code, again.status_code, again.json()["unchanged"]) == (201, 200, True)
    assert again.json()["revision"] == first.json()["revision"]
    assert len(published(kafka, first.json()["article_id"])) == 1


def test_of_many_lines_the_unchanged_ones_are_told(client, kafka):
    line = b'{"headline":"Twice","url":"https://a.example/twice"}\n'

    batch = client.post("/v1/articles", content=line * 2, headers={"Content-Type": "application/x-ndjson"}).json()

    assert (batch["accepted"], batch["unchanged"], batch["refused"]) == (1, 1, 0)
    assert [result.get("unchanged") for result in batch["results"]] == [None, True]
    assert len(published(kafka, batch["results"][1]["article_id"])) == 1


def test_another_process_knows_what_was_published(engines, door, client, stop_at_end):
    client.post("/v1/articles", json={"headline": "Shared", "url": "https://a.example/shared"})
    other = Remembering(1000)
    with Producer(kafka_settings(engines.kafka_bootstrap), "test-memory") as producer:
        writer = threading.Thread(target=door.memory.write, args=(producer, stop_at_end))
        tail = Tail(kafka_settings(engines.kafka_bootstrap), MEMORY, other.learn)
        reader = threading.Thread(target=tail.run, args=(stop_at_end,))
        for thread in (writer, reader):
            thread.start()

        known = eventually(lambda: other.look(address_identity("https://a.example/shared")), bool)

        stop_at_end.set()
        for thread in (writer, reader):
            thread.join(10)
    assert known == door.memory.look(address_identity("https://a.example/shared"))


def test_a_request_that_is_repeated_under_its_key_is_done_once(client, kafka):
    views = {"views": [{"article_id": uuid.uuid4().hex, "visitor": "v"}] * 3}
    key = {"Idempotency-Key": uuid.uuid4().hex}

    first, again = (client.post("/v1/views", json=views, headers=key) for _ in range(2))

    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (202, {"accepted": 3})
    assert (first.headers.get("Idempotent-Replayed"), again.headers.get("Idempotent-Replayed")) == (None, "true")
    mark = views["views"][0]["article_id"].encode()
    assert sum(value_of(record).count(mark) for record in read_all(kafka, "engagement.recorded")) == 3


def test_another_process_answers_a_repeated_request_as_the_first_one_did(engines, client, tmp_path):
    comment = {"article_id": ARTICLE_ID, "author": "Ada", "text": "Once."}
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = client.post("/v1/comments", json=comment, headers=key)
    with Producer(kafka_settings(engines.kafka_bootstrap), "test-other") as producer, Outbox(producer) as outbox:
        other = Door(producer, outbox, DailySalt(tmp_path / "salt"), 4, Remembering(1000))
        other.learn(read_all(engines.kafka_bootstrap, MEMORY))
        with client_of(other) as there:
            again = there.post("/v1/comments", json=comment, headers=key)

    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")


def test_another_request_under_the_same_key_is_refused(client):
    key = {"Idempotency-Key": uuid.uuid4().hex}
    client.post("/v1/articles", json={"headline": "One", "url": "https://a.example/key-1"}, headers=key)

    other = client.post("/v1/articles", json={"headline": "Two", "url": "https://a.example/key-2"}, headers=key)

    assert (other.status_code, other.headers["Content-Type"]) == (422, "application/problem+json")


def test_a_refused_request_may_be_mended_and_sent_again_under_its_key(client):
    key = {"Idempotency-Key": uuid.uuid4().hex}

    answers = [
        client.post("/v1/articles", json={"headline": headline, "url": "https://a.example/key-3"}, headers=key)
        for headline in ("", "Mended")
    ]

    assert [answer.status_code for answer in answers] == [422, 201]


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_that_is_none_is_refused(client, key):
    answer = client.post("/v1/comments", json={}, headers={"Idempotency-Key": key})

    assert answer.status_code == 400


NINJS = {
    "uri": "https://agency.example/items/bridge-7",
    "version": "3",
    "language": "en",
    "headlines": [{"role": "main", "value": "Bridge opens"}],
    "bodies": [{"contentType": "text/html", "value": "<p>It opened.</p>"}],
    "versionCreated": "2026-11-23T09:00:00Z",
}


def test_a_ninjs_document_is_an_article(client, kafka):
    answer = client.post("/v1/articles", json=NINJS)

    (article,) = published(kafka, answer.json()["article_id"])
    assert (article.headline, article.body, article.revision, article.language) == ("Bridge opens", "It opened.", 3, "en")


def test_a_canceled_ninjs_document_retracts_its_article(client, kafka):
    item = NINJS | {"uri": "https://agency.example/items/canceled"}
    article_id = client.post("/v1/articles", json=item).json()["article_id"]

    canceled = client.post("/v1/articles", json=item | {"version": "4", "pubStatus": "canceled"})

    assert (canceled.status_code, canceled.json()["article_id"], canceled.json()["revision"]) == (202, article_id, 4)
    assert [body.revision for body in published(kafka, article_id)] == [3, 4]


def test_lines_may_be_ninjs(client):
    lines = [NINJS | {"uri": f"https://agency.example/lines/{number}"} for number in range(2)] + [NINJS | {"pubStatus": "withheld"}]

    answer = client.post(
        "/v1/articles", content=b"\n".join(map(orjson.dumps, lines)), headers={"Content-Type": "application/x-ndjson"}
    )

    assert (answer.status_code, answer.json()["accepted"], answer.json()["refused"]) == (207, 2, 1)
    assert answer.json()["results"][2]["errors"][0]["field"] == "pubStatus"
