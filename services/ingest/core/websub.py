"""WebSub, by which a hub pushes what is new in a feed (W3C Recommendation of 23 January 2018): the parts that only compute."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from services.ingest.core.feed_records import FeedDefinition, FeedState, WebSubLease

#: What a hub is asked for; it may give another lease (section 5.1).
LEASE_SECONDS = 10 * 24 * 3600
#: A longer lease is not believed: who forgot us would never be asked again.
MOST_LEASE_SECONDS = 30 * 24 * 3600
#: A hub that does not verify is asked again this much later; a verification that comes later than that was not asked for.
RETRY = timedelta(hours=1)
#: A lease is renewed in its last fifth: of ten days the last two, in which a feed is polled at least once.
_RENEWED_PART = 5
#: Methods of `X-Hub-Signature` (section 7.1). SHA-1 too: what breaks it are collisions, which do not help against HMAC (RFC 6194,
#: section 3.3), and large public hubs sign by nothing else.
_METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Callback:
    """Where hubs reach this Dateline, and the secret from which every feed's own key and secret are derived.

    Nothing secret is stored: whoever may read `feeds.state` can neither forge a delivery nor a verification.
    """

    base_url: str
    secret: str

    def url(self, own_id: str) -> str:
        """The address that a hub calls for a feed; nobody can guess its key (section 5.1)."""
        return f"{self.base_url.rstrip('/')}/websub/{quote(own_id)}?key={self.key(own_id)}"

    def key(self, own_id: str) -> str:
        """What tells a hub that was asked from everybody else: 32 hex digits."""
        return self._derive("callback", own_id)[:32]

    def signing_secret(self, own_id: str) -> str:
        """What the hub signs the deliveries of a feed with: 64 hex digits, below the 200 bytes that are allowed."""
        return self._derive("signature", own_id)

    def is_key(self, own_id: str, given: str) -> bool:
        """Whether the key is that of the feed; takes as long for every wrong one."""
        return hmac.compare_digest(self.key(own_id).encode(), given.encode("utf-8", "replace"))

    def _derive(self, purpose: str, own_id: str) -> str:
        return hmac.new(self.secret.encode(), f"websub:{purpose}:{own_id}".encode(), hashlib.sha256).hexdigest()


def topic_of(definition: FeedDefinition, state: FeedState) -> str:
    """What the hub knows the feed by: what it calls itself, or else its address."""
    return state.topic_url or definition.url


def is_leased(lease: WebSubLease | None, definition: FeedDefinition, state: FeedState | None, now: datetime) -> bool:
    """Whether a hub pushes the feed now."""
    return lease is not None and state is not None and now < lease.expires and lease.topic_url == topic_of(definition, state)


def is_due(definition: FeedDefinition, state: FeedState, lease: WebSubLease | None, now: datetime) -> bool:
    """Whether the feed's hub is to be asked for a subscription, a first one or a renewal."""
    if definition.paused or state.hub_url is None:
        return False
    if state.subscribed is not None and state.subscribed <= now < state.subscribed + RETRY:
        return False
    if lease is None or state.subscribed is None or not is_leased(lease, definition, state, now):
        return True
    return now >= lease.expires - (lease.expires - state.subscribed) / _RENEWED_PART


def build_subscription(callback: Callback, own_id: str, topic: str) -> bytes:
    """The form that asks a hub for a subscription (section 5.1)."""
    return urlencode({
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.callback": callback.url(own_id),
        "hub.lease_seconds": LEASE_SECONDS,
        "hub.secret": callback.signing_secret(own_id),
    }).encode()  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verified:
    """A verification that is ours: `challenge` is the answer, `lease` what to remember."""

    challenge: str
    lease: WebSubLease


@dataclass(frozen=True, slots=True)
class Denied:
    """The hub denies the subscription, or ends it (section 5.2), and why."""

    reason: str


def judge_verification(
    parameters: Mapping[str, str], definition: FeedDefinition, state: FeedState, now: datetime
) -> Verified | Denied | None:
    """What a hub's call of the callback means (sections 5.2 and 5.3); None for what was not asked for.

    That includes `hub.mode=unsubscribe`, which is never asked for: who pushes a feed that is not wanted any more is answered 410.
    """
    topic = topic_of(definition, state)
    if parameters.get("hub.topic") != topic:
        return None
    if parameters.get("hub.mode") == "denied":
        return Denied(parameters.get("hub.reason", "")[:200] or "it gives no reason")
    challenge, seconds = parameters.get("hub.challenge"), parameters.get("hub.lease_seconds", "")
    if parameters.get("hub.mode") != "subscribe" or not challenge or definition.paused:
        return None
    if state.subscribed is None or now > state.subscribed + RETRY:
        return None
    stated = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 12 else LEASE_SECONDS
    expires = now + timedelta(seconds=min(stated, MOST_LEASE_SECONDS))
    return Verified(challenge, WebSubLease(feed_id=definition.feed_id, topic_url=topic, expires=expires))


def is_signed(body: bytes, header: str | None, secret: str) -> bool:
    """Whether `X-Hub-Signature` is the HMAC of the body under the secret, by a method that is strong enough (section 7.1)."""
    method, _, given = (header or "").strip().partition("=")
    digest = _METHODS.get(method.strip().lower())
    if digest is None:
        return False
    expected = hmac.new(secret.encode(), body, digest).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode("utf-8", "replace"))
