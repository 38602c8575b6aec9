"""WebSub with a small hub that speaks as the Recommendation says; the door behind it is on a real Kafka."""

import hmac
import threading
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import pytest
from pydantic import ValidationError

from ops.cli.setup import create_topics
from ops.local.ports import free_ports
from services.ingest.__main__ import serve
from services.ingest.core.after_poll import entry_hash
from services.ingest.core.feed_records import FeedDefinition, FeedState, WebSubLease, feed_id, feed_record, parse_feed_record
from services.ingest.core.feeds import Feed, parse_feed
from services.ingest.core.html_page import extract_html_page
from services.ingest.core.websub import Callback
from services.ingest.door import Door, now_utc
from services.ingest.feed_poll import Tools
from services.ingest.feed_table import FeedTable
from services.ingest.hosts import HostTurns
from services.ingest.outbox import Outbox
from services.ingest.remembering import Remembering
from services.ingest.robots import Robots
from services.ingest.salts import DailySalt
from services.ingest.settings import DoorSettings, IngestSettings
from services.ingest.websub import Known
from services.ingest.websub_service import WebSub
from shared.failures import Unavailable
from shared.health import Health
from shared.producing import Producer
from shared.serving import serve_http
from shared.web import build_app
from tests.builders import body_of, value_of
from tests.doubles import send, serving
from tests.kafka_topics import kafka_settings, read_all
from tests.stack import eventually

SECRET = "the operator's secret, and long enough"
MOST_BYTES = 20_000
FEED = '<rss version="2.0"><channel><title>Courier</title>%s</channel></rss>'
ITEM = "<item><title>%s</title><link>%s</link><guid>%s</guid><description>%s</description></item>"
WHOLE = "The bridge over the harbour reopened on Monday, two years after it was closed. " * 30
PAGE = f"<html><head><title>Bridge</title></head><body><article><h1>Bridge</h1><p>{WHOLE}</p></article></body></html>".encode()

ASKED = {"hub.mode": "subscribe", "hub.challenge": "<script>", "hub.lease_seconds": "60"}


class Hub:
    """Takes subscriptions, verifies them at once in a thread of its own, and delivers what a test tells it to."""

    def __init__(self, status=202):
        self.status = status
        self.lease_seconds = 3600
        self.forms = []
        self.verified = []

    def serve(self, request):
        if request.path == "/moved":
            request.rfile.read(int(request.headers["Content-Length"]))
            send(request, 307, b"", Location="/")
            return
        form = dict(parse_qsl(request.rfile.read(int(request.headers["Content-Length"])).decode()))
        self.forms.append(form)
        send(request, self.status, b"no room" if self.status >= 300 else b"")
        if self.status < 300:
            threading.Thread(target=self._verify, args=(form,)).start()

    def _verify(self, form):
        asked = {"hub.mode": "subscribe", "hub.topic": form["hub.topic"], "hub.challenge": "c-1", "hub.lease_seconds": "3600"}
        answer = call("GET", form["hub.callback"], params=asked | {"hub.lease_seconds": str(self.lease_seconds)})
        self.verified.append((answer.status_code, answer.text))

    def deliver(self, document, method="sha256", secret=None):
        form = self.forms[-1]
        signature = hmac.new((secret or form["hub.secret"]).encode(), document, method).hexdigest()
        headers = {"X-Hub-Signature": f"{method}={signature}", "Content-Type": "application/rss+xml"}
        return call("POST", form["hub.callback"], content=document, headers=headers)


def call(method, url, params=None, **arguments):
    """A request whose parameters are put to those that the address has."""
    with httpx2.Client(trust_env=False, timeout=30) as client:
        return client.request(method, httpx2.URL(url).copy_merge_params(params or {}), **arguments)


class Dateline:
    """The parts of ingest that WebSub needs, each the real one, and one feed, whose hub is `hub`."""

    def __init__(self, engines, callback, known, subscribe, topic):
        self.kafka = engines.kafka_bootstrap
        self.callback = callback
        self.table = known.table
        self.learnt = known.learnt
        self.subscribe = subscribe
        self.topic = topic
        self.own_id = feed_id(topic)

    @property
    def feed(self):
        return self.table.get(self.own_id)

    def define(self, **fields):
        self.learn(FeedDefinition(**{"feed_id": self.own_id, "url": self.topic, "added": now_utc()} | fields))

    def poll(self, hub_url, now=None, **fields):
        """What the poller does at the end of a poll: the state is marked, stored, and then known."""
        state = FeedState(
            feed_id=self.own_id, next_poll=now_utc(), interval_seconds=600, hub_url=hub_url, topic_url=self.topic, **fields
        )
        marked = self.subscribe(self.feed, state, now or now_utc())
        self.learn(marked)
        return marked

    def lease(self, **fields):
        self.learn(WebSubLease(feed_id=self.own_id, topic_url=self.topic, **fields))

    def stored_leases(self):
        """The leases that Kafka holds of this feed, in order; None where it was taken out."""
        records = [parse_feed_record(record.key, record.value) for record in read_all(self.kafka, "feeds.state")]
        return [body for kind, own_id, body in filter(None, records) if kind is WebSubLease and own_id == self.own_id]

    def published(self):
        found = [
            body_of(record)
            for record in read_all(self.kafka, "articles.published")
            if self.topic.rsplit("/", 1)[1].encode() in value_of(record)
        ]
        return [(article.headline, article.publisher) for article in found]

    def learn(self, body):
        """What somebody has stored."""
        self.table.learn([feed_record(body, self.table.partition_of(self.topic))])


@pytest.fixture
def site():
    """Pages of articles; keeps what was asked for."""
    asked = []

    def answer(request):
        asked.append(request.path)
        if request.path == "/robots.txt":
            send(request, 404, b"")
        else:
            send(request, 200, PAGE, Content_Type="text/html")

    with serving(answer) as url:
        yield url, asked


@pytest.fixture
def hub():
    return Hub()


@pytest.fixture
def hub_url(hub):
    with serving(hub.serve) as url:
        yield url


@pytest.fixture
def dateline(engines, tmp_path, request):
    kafka = kafka_settings(engines.kafka_bootstrap)
    create_topics(kafka, 4, 1)
    stop, (port,) = threading.Event(), free_ports(1)
    settings = DoorSettings(
        token_hashes=("0" * 64,),
        max_request_bytes=MOST_BYTES,
        fetch_allowed_networks=("127.0.0.0/8",),
        websub_callback_url=f"http://127.0.0.1:{port}",
        websub_secret=SECRET,
    )
    known = Known(FeedTable(4), threading.Event())
    known.learnt.set()
    with Producer(kafka, "test-websub") as producer, Outbox(producer) as outbox:
        door = getattr(request, "param", None) or Door(producer, outbox, DailySalt(tmp_path / "salt"), 4, Remembering(1_000))
        websub = WebSub(settings, known, Tools(door, extract_html_page, HostTurns(stop), Robots("Test/1")), outbox)
        app = build_app("test", "", "1")
        app.include_router(websub.routers[0])
        threads = [
            threading.Thread(target=serve_http, args=(app, "127.0.0.1", port, "INGEST", stop)),
            threading.Thread(target=websub.run, args=(stop,)),
        ]
        for thread in threads:
            thread.start()
        eventually(lambda: answers(port), bool)
        topic = f"https://courier.example/m{time.monotonic_ns()}"
        made = Dateline(engines, Callback(f"http://127.0.0.1:{port}", SECRET), known, websub.subscribe, topic)
        made.define(full_text="never", publisher="Harbour Courier")
        yield made
        stop.set()
        for thread in threads:
            thread.join(30)


def answers(port):
    try:
        return call("GET", f"http://127.0.0.1:{port}/websub/none").status_code == 404
    except httpx2.TransportError:
        return False


def a_feed(dateline, *headlines, link=None, text="Text."):
    items = [ITEM % (headline, link or f"{dateline.topic}/{number}", number, text) for number, headline in enumerate(headlines)]
    return (FEED % "".join(items)).encode()


@pytest.fixture
def subscribed(dateline, hub, hub_url):
    """A subscription that the hub has verified."""
    dateline.poll(hub_url)
    eventually(lambda: hub.verified, bool)
    return dateline


def test_a_hub_that_is_asked_verifies_and_the_lease_is_kept_in_kafka(dateline, hub, hub_url):
    marked = dateline.poll(hub_url)

    eventually(lambda: hub.verified, bool)
    lease = dateline.feed.lease
    assert hub.verified == [(200, "c-1")]
    assert (hub.forms[0]["hub.mode"], hub.forms[0]["hub.topic"]) == ("subscribe", dateline.topic)
    assert abs(lease.expires - marked.subscribed - timedelta(seconds=3600)) < timedelta(seconds=60)
    assert dateline.stored_leases() == [lease]


def test_what_is_stored_holds_no_secret(subscribed, hub):
    stored = b"".join(record.value or b"" for record in read_all(subscribed.kafka, "feeds.state"))
    assert hub.forms[0]["hub.secret"].encode() not in stored
    assert subscribed.callback.key(subscribed.own_id).encode() not in stored


def test_a_hub_is_not_asked_before_the_state_that_says_so_is_stored_and_others_do_not_wait_for_it(dateline, hub, hub_url):
    state = FeedState(feed_id=dateline.own_id, next_poll=now_utc(), interval_seconds=600, hub_url=hub_url, topic_url=dateline.topic)
    unstored = dateline.subscribe(dateline.feed, state, now_utc())
    topic, dateline.topic, dateline.own_id = dateline.topic, f"{dateline.topic}/other", feed_id(f"{dateline.topic}/other")
    dateline.define()
    dateline.poll(hub_url)
    eventually(lambda: hub.verified, bool)
    assert [form["hub.topic"] for form in hub.forms] == [dateline.topic]

    dateline.learn(unstored)

    eventually(lambda: len(hub.verified), lambda count: count == 2)
    assert hub.forms[1]["hub.topic"] == topic


def test_a_hub_is_asked_again_before_its_lease_ends_and_not_between(dateline, hub, hub_url):
    now = now_utc()
    dateline.lease(expires=now + timedelta(days=5))
    asked = now - timedelta(days=5)
    assert dateline.poll(hub_url, subscribed=asked).subscribed == asked

    dateline.lease(expires=now + timedelta(days=1))
    hub.lease_seconds = 864_000
    assert dateline.poll(hub_url, subscribed=asked).subscribed > asked

    eventually(lambda: hub.verified, bool)
    assert dateline.feed.lease.expires > now + timedelta(days=9)
    assert len(hub.forms) == 1


def test_a_hub_that_has_moved_for_now_is_followed(dateline, hub, hub_url):
    dateline.poll(f"{hub_url}/moved")
    eventually(lambda: hub.verified, bool)
    assert dateline.feed.lease is not None


@pytest.mark.parametrize("hub", [Hub(status=400)], indirect=False)
def test_a_hub_that_refuses_is_left_alone_for_an_hour_and_others_are_asked(dateline, hub):
    other = Hub()
    with serving(hub.serve) as refusing, serving(other.serve) as willing:
        dateline.poll(refusing)
        eventually(lambda: hub.forms, bool)
        assert dateline.poll(willing, subscribed=dateline.feed.state.subscribed).subscribed == dateline.feed.state.subscribed
        dateline.poll(willing, subscribed=now_utc() - timedelta(hours=2))
        eventually(lambda: other.verified, bool)
    assert len(hub.forms) == 1


def test_a_hub_on_a_private_address_is_not_asked(dateline, hub, hub_url):
    dateline.poll("http://169.254.169.254/hub")
    dateline.poll(hub_url, subscribed=now_utc() - timedelta(hours=2))
    eventually(lambda: hub.verified, bool)
    assert dateline.feed.lease is not None


def test_what_a_hub_delivers_with_the_right_signature_is_published_once(subscribed, hub):
    for method in ("sha1", "sha256", "sha512"):
        assert hub.deliver(a_feed(subscribed, "One", "Two"), method).status_code == 204

    assert sorted(subscribed.published()) == [("One", "Harbour Courier"), ("Two", "Harbour Courier")]

    assert hub.deliver(a_feed(subscribed, "One", "Two, corrected")).status_code == 204
    assert sorted(subscribed.published())[2:] == [("Two, corrected", "Harbour Courier")]


def test_what_is_not_signed_rightly_is_ignored_and_the_hub_does_not_learn_it(subscribed, hub):
    document = a_feed(subscribed, "Forged")
    callback = hub.forms[0]["hub.callback"]
    answers = [
        hub.deliver(document, secret="another"),
        hub.deliver(document, "md5"),
        call("POST", callback, content=document),
        call("POST", callback, content=document, headers={"X-Hub-Signature": "sha256="}),
    ]

    assert {answer.status_code for answer in answers} == {202}
    assert subscribed.published() == []


def test_polls_become_rarer_only_for_a_hub_whose_deliveries_are_signed_rightly(subscribed, hub):
    seen = []
    for method in ("md5", "sha256", "sha1", "md5"):
        hub.deliver(a_feed(subscribed, "One"), method)
        seen.append(subscribed.feed.lease.delivers)

    assert seen == [False, True, True, False]
    assert [lease.delivers for lease in subscribed.stored_leases()] == [False, True, False]


def test_a_renewed_lease_is_still_that_of_a_hub_that_delivers(subscribed, hub):
    hub.deliver(a_feed(subscribed, "One"))
    url = subscribed.callback.url(subscribed.own_id)
    assert call("GET", url, params=ASKED | {"hub.topic": subscribed.topic}).status_code == 200
    assert subscribed.feed.lease.delivers


def test_entries_that_the_poller_has_seen_are_not_taken_again(subscribed, hub):
    parsed = parse_feed(a_feed(subscribed, "Seen"))
    assert isinstance(parsed, Feed)
    seen = entry_hash(parsed.entries[0])
    subscribed.learn(subscribed.feed.state.model_copy(update={"seen": seen, "last_poll": now_utc()}))

    assert hub.deliver(a_feed(subscribed, "Seen", "New")).status_code == 204

    assert subscribed.published() == [("New", "Harbour Courier")]


def test_the_page_of_a_delivered_teaser_is_fetched_once(subscribed, hub, site):
    url, asked = site
    subscribed.define(full_text="teaser", publisher="Harbour Courier")
    link = f"{url}/{subscribed.topic.rsplit('/', 1)[1]}"
    document = a_feed(subscribed, "Bridge reopened", link=link, text="The bridge over the harbour reopened …")

    for _ in range(3):
        assert hub.deliver(document).status_code == 204

    assert asked == ["/robots.txt", link.removeprefix(url)]
    (article,) = [body_of(r) for r in read_all(subscribed.kafka, "articles.published") if link.encode() in value_of(r)]
    assert article.body == WHOLE.strip()


def test_a_delivery_that_is_no_feed_changes_nothing(subscribed, hub):
    assert hub.deliver(b"<html>no feed</html>").status_code == 204
    assert subscribed.published() == []


def test_a_delivery_that_is_too_large_is_refused(subscribed, hub):
    assert hub.deliver(b"x" * (MOST_BYTES + 1)).status_code == 413


class KafkaAway:
    """A door whose Kafka does not acknowledge."""

    def take_entries(self, *_):
        raise Unavailable("no Kafka broker answers")


@pytest.mark.parametrize("dateline", [KafkaAway()], indirect=True)
def test_a_delivery_is_not_acknowledged_before_kafka_has_done_so(subscribed, hub):
    answer = hub.deliver(a_feed(subscribed, "One"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_feed_that_is_not_wanted_any_more_ends_its_subscription(subscribed, hub):
    subscribed.define(paused=True)
    assert hub.deliver(a_feed(subscribed, "Late")).status_code == 410
    assert subscribed.feed.lease is None
    assert subscribed.stored_leases()[-1] is None

    removed = "f" * 16
    assert call("POST", subscribed.callback.url(removed), content=b"").status_code == 410
    assert subscribed.published() == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_hub_is_answered_before_the_feeds_are_known(subscribed, method):
    subscribed.learnt.clear()
    answer = call(method, subscribed.callback.url("f" * 16), params=ASKED)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_hub_that_denies_ends_the_lease(subscribed, hub):
    url = subscribed.callback.url(subscribed.own_id)
    denial = {"hub.mode": "denied", "hub.topic": subscribed.topic, "hub.reason": "no room"}
    assert call("GET", url, params=denial).status_code == 200
    assert subscribed.feed.lease is None
    assert subscribed.stored_leases()[-1] is None


@pytest.mark.parametrize(
    "parameters", [{"hub.mode": "unsubscribe"}, {"hub.topic": "https://other.example/"}, {"hub.challenge": ""}]
)
def test_what_nobody_asked_for_is_not_verified(subscribed, parameters):
    lease = subscribed.feed.lease
    url = subscribed.callback.url(subscribed.own_id)
    answer = call("GET", url, params=ASKED | {"hub.topic": subscribed.topic} | parameters)
    assert (answer.status_code, "<script>" in answer.text, subscribed.feed.lease) == (404, False, lease)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("key", ["", "?key=", "?key=" + "0" * 32, "?key=%ff"])
def test_who_does_not_know_the_key_of_a_feed_finds_nothing(subscribed, method, key):
    url = f"{subscribed.callback.base_url}/websub/{subscribed.own_id}{key}"
    answer = call(method, url, params=ASKED | {"hub.topic": subscribed.topic})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_challenge_is_echoed_as_plain_text_that_no_browser_runs(subscribed):
    url = subscribed.callback.url(subscribed.own_id)
    answer = call("GET", url, params=ASKED | {"hub.topic": subscribed.topic})
    assert (answer.status_code, answer.text) == (200, "<script>")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_verification_waits_for_the_state_that_another_process_has_stored(dateline, hub_url):
    state = FeedState(feed_id=dateline.own_id, next_poll=now_utc(), interval_seconds=600, hub_url=hub_url, topic_url=dateline.topic)
    learns = threading.Timer(0.5, dateline.learn, (state.model_copy(update={"subscribed": now_utc()}),))
    learns.start()
    answer = call("GET", dateline.callback.url(dateline.own_id), params=ASKED | {"hub.topic": dateline.topic})
    learns.join()
    assert answer.status_code == 200


def test_without_a_callback_address_no_hub_is_asked_and_none_is_served():
    stop = threading.Event()
    door: Any = KafkaAway()
    outbox: Any = None
    tools = Tools(door, extract_html_page, HostTurns(stop), Robots("Test/1"))
    websub = WebSub(DoorSettings(token_hashes=("0" * 64,)), Known(FeedTable(4), threading.Event()), tools, outbox)
    stop.set()
    websub.run(stop)
    assert (websub.subscribe, websub.routers) == (None, ())


def test_the_service_subscribes_to_the_hub_of_a_feed_that_it_polls_and_takes_what_the_hub_pushes(engines, tmp_path, hub, hub_url):
    kafka = kafka_settings(engines.kafka_bootstrap)
    create_topics(kafka, 4, 1)
    mark = f"m{time.monotonic_ns()}"
    head = '<title>Courier</title><atom:link rel="hub" href="%s"/><atom:link rel="self" href="%s"/>'
    item = ITEM % ("Polled", f"https://courier.example/{mark}", "1", WHOLE)
    stop, (port,) = threading.Event(), free_ports(1)

    def answer(request):
        document = (
            f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>{head % (hub_url, topic)}{item}</channel></rss>'
        )
        send(request, 200, document.encode())

    with serving(answer) as url:
        topic = f"{url}/{mark}"
        door = DoorSettings(
            token_hashes=("0" * 64,),
            port=port,
            feeds=(topic,),
            fetch_allowed_networks=("127.0.0.0/8",),
            salt_file=tmp_path / "salt",
            websub_callback_url=f"http://127.0.0.1:{port}",
            websub_secret=SECRET,
        )
        service = threading.Thread(target=serve, args=(IngestSettings(kafka=kafka, ingest=door), Health(), stop))
        service.start()
        try:
            eventually(lambda: [form for form in hub.forms if form["hub.topic"] == topic], bool, 60)
            eventually(lambda: hub.verified, bool)
            pushed = (FEED % (ITEM % ("Pushed", f"https://courier.example/{mark}/2", "2", WHOLE))).encode()
            assert hub.deliver(pushed).status_code == 204
        finally:
            stop.set()
            service.join(60)

    found = [
        body_of(record) for record in read_all(engines.kafka_bootstrap, "articles.published") if mark.encode() in value_of(record)
    ]
    assert sorted((article.headline, article.publisher) for article in found) == [("Polled", "Courier"), ("Pushed", "Courier")]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"websub_callback_url": "https://dateline.example"}, "both or neither"),
        ({"websub_secret": SECRET}, "both or neither"),
        ({"websub_callback_url": "https://dateline.example", "websub_secret": "short"}, "fewer than 32 characters"),
        ({"websub_callback_url": "dateline.example", "websub_secret": SECRET}, "websub_callback_url"),
    ],
)
def test_settings_that_cannot_work_are_refused(given, wrong):
    with pytest.raises(ValidationError, match=wrong):
        DoorSettings(token_hashes=("0" * 64,), **given)
