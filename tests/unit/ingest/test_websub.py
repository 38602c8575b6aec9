import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.feed_records import FeedDefinition, FeedState, WebSubLease
from services.ingest.core.websub import (
    Callback,
    Denied,
    Verified,
    build_subscription,
    is_due,
    is_leased,
    is_signed,
    judge_verification,
)
from tests.builders import NOON

OWN_ID = "0123456789abcdef"
TOPIC = "https://courier.example/feed.xml"
CALLBACK = Callback("https://dateline.example/in/", "a secret of the operator")
METHODS = ["sha1", "sha256", "sha384", "sha512"]


def a_definition(**fields: Any) -> FeedDefinition:
    return FeedDefinition(**{"feed_id": OWN_ID, "url": TOPIC, "added": NOON} | fields)


def a_state(**fields: Any) -> FeedState:
    own = {"feed_id": OWN_ID, "next_poll": NOON, "interval_seconds": 600, "hub_url": "https://hub.example/", "topic_url": TOPIC}
    return FeedState(**own | fields)


def a_lease(**fields: Any) -> WebSubLease:
    return WebSubLease(**{"feed_id": OWN_ID, "topic_url": TOPIC, "expires": NOON + timedelta(days=10)} | fields)


def signature(body: bytes, secret: str, method: str) -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@given(st.binary(), st.text(min_size=1), st.sampled_from(METHODS))
def test_what_is_signed_with_the_secret_is_taken(body: bytes, secret: str, method: str) -> None:
    assert is_signed(body, signature(body, secret, method), secret)


@given(st.binary(), st.binary(), st.text(min_size=1), st.text(min_size=1), st.sampled_from(METHODS))
def test_what_is_signed_for_another_body_or_with_another_secret_is_not(
    body: bytes, other: bytes, secret: str, wrong: str, method: str
) -> None:
    assert is_signed(body, signature(other, secret, method), secret) == (body == other)
    assert is_signed(body, signature(body, wrong, method), secret) == (secret == wrong)


@given(st.none() | st.text() | st.text().map("sha256={}".format) | st.text().map("sha512={}".format))
def test_no_other_header_is_a_signature(header: str | None) -> None:
    assert not is_signed(b"<rss/>", header, "secret")


@pytest.mark.parametrize("method", ["md5", "sha3_256"])
def test_a_method_that_the_recommendation_does_not_name_is_no_signature(method: str) -> None:
    assert not is_signed(b"<rss/>", signature(b"<rss/>", "secret", method), "secret")


def test_a_signature_for_one_method_is_none_for_another() -> None:
    digest = signature(b"<rss/>", "secret", "sha256").partition("=")[2]
    assert not is_signed(b"<rss/>", f"sha512={digest}", "secret")


def test_the_form_asks_for_what_the_recommendation_names() -> None:
    form = {name: value for name, (value,) in parse_qs(build_subscription(CALLBACK, OWN_ID, TOPIC).decode()).items()}
    assert form == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": CALLBACK.url(OWN_ID),
        "hub.lease_seconds": "864000",
        "hub.secret": CALLBACK.signing_secret(OWN_ID),
    }
    assert len(form["hub.secret"].encode()) < 200


def test_the_callback_lies_under_the_public_address_and_has_the_feed_s_key() -> None:
    parts = urlsplit(CALLBACK.url(OWN_ID))
    assert (parts.netloc, parts.path) == ("dateline.example", f"/in/websub/{OWN_ID}")
    assert CALLBACK.is_key(OWN_ID, parse_qs(parts.query)["key"][0])


@given(st.text())
def test_nothing_but_the_key_is_the_key(given_key: str) -> None:
    assert CALLBACK.is_key(OWN_ID, given_key) == (given_key == CALLBACK.key(OWN_ID))


def test_key_and_secret_differ_from_each_other_and_from_those_of_other_feeds_and_operators() -> None:
    other = Callback(CALLBACK.base_url, "another secret")
    made = [
        *(CALLBACK.key(OWN_ID), CALLBACK.signing_secret(OWN_ID), CALLBACK.signing_secret(OWN_ID)[:32]),
        *(CALLBACK.key("f" * 16), CALLBACK.signing_secret("f" * 16), other.key(OWN_ID), other.signing_secret(OWN_ID)),
    ]
    assert len(set(made)) == len(made)
    assert hashlib.sha256(CALLBACK.secret.encode()).hexdigest() not in made


def asked(**parameters: str) -> dict[str, str]:
    own = {"mode": "subscribe", "topic": TOPIC, "challenge": "c", "lease_seconds": "3600"}
    return {f"hub.{name}": value for name, value in (own | parameters).items()}


ASKED = a_state(subscribed=NOON - timedelta(minutes=1))


def test_a_verification_that_was_asked_for_lately_is_answered_by_its_challenge_and_remembered() -> None:
    judged = judge_verification(asked(), a_definition(), ASKED, NOON)
    assert judged == Verified("c", a_lease(expires=NOON + timedelta(hours=1)))


@pytest.mark.parametrize(
    ("stated", "days"), [("99999999", 30), ("9" * 50, 10), ("", 10), ("-5", 10), ("soon", 10), ("٣", 10), ("0", 0)]
)
def test_a_lease_is_at_most_a_month_and_ten_days_where_the_hub_does_not_say(stated: str, days: int) -> None:
    judged = judge_verification(asked(lease_seconds=stated), a_definition(), ASKED, NOON)
    assert isinstance(judged, Verified)
    assert judged.lease.expires == NOON + timedelta(days=days)


@pytest.mark.parametrize(
    ("parameters", "definition", "state"),
    [
        (asked(topic="https://other.example/"), a_definition(), ASKED),
        (asked(mode="unsubscribe"), a_definition(), ASKED),
        (asked(challenge=""), a_definition(), ASKED),
        ({}, a_definition(), ASKED),
        (asked(), a_definition(paused=True), ASKED),
        (asked(), a_definition(), a_state()),
        (asked(), a_definition(), a_state(subscribed=NOON - timedelta(hours=2))),
        (asked(mode="denied", topic="https://other.example/"), a_definition(), ASKED),
    ],
)
def test_what_was_not_asked_for_is_not_verified(parameters: dict[str, str], definition: FeedDefinition, state: FeedState) -> None:
    assert judge_verification(parameters, definition, state, NOON) is None


def test_a_hub_may_deny() -> None:
    judged = judge_verification(asked(mode="denied", reason="no room"), a_definition(), a_state(), NOON)
    assert judged == Denied("no room")


def test_the_topic_is_the_feed_s_address_where_it_does_not_name_itself() -> None:
    state = a_state(topic_url=None, subscribed=NOON)
    assert isinstance(judge_verification(asked(), a_definition(), state, NOON), Verified)


LONG_AGO = NOON - timedelta(days=10)


@pytest.mark.parametrize(
    ("definition", "state", "lease", "due"),
    [
        (a_definition(), a_state(), None, True),
        (a_definition(), a_state(hub_url=None), None, False),
        (a_definition(paused=True), a_state(), None, False),
        (a_definition(), a_state(subscribed=NOON - timedelta(minutes=59)), None, False),
        (a_definition(), a_state(subscribed=NOON - timedelta(minutes=61)), None, True),
        (a_definition(), a_state(subscribed=LONG_AGO), a_lease(expires=NOON), True),
        (a_definition(), a_state(subscribed=LONG_AGO), a_lease(expires=NOON + timedelta(days=2)), True),
        (a_definition(), a_state(subscribed=LONG_AGO), a_lease(expires=NOON + timedelta(days=3)), False),
        (a_definition(), a_state(subscribed=LONG_AGO), a_lease(topic_url="https://other.example/"), True),
        (a_definition(), a_state(subscribed=None), a_lease(), True),
        (a_definition(), a_state(subscribed=NOON + timedelta(days=99)), None, True),
    ],
)
def test_a_hub_is_asked_when_there_is_no_lease_or_its_last_fifth_has_begun(
    definition: FeedDefinition, state: FeedState, lease: WebSubLease | None, *, due: bool
) -> None:
    assert is_due(definition, state, lease, NOON) == due


def test_a_feed_is_leased_until_the_lease_ends() -> None:
    lease = a_lease()
    assert is_leased(lease, a_definition(), a_state(), lease.expires - timedelta(seconds=1))
    assert not is_leased(lease, a_definition(), a_state(), lease.expires)
    assert not is_leased(None, a_definition(), a_state(), NOON)
