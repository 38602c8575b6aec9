"""The feed poller in its simplest form: each feed of the settings at its interval, with conditional GET, entries that changed only.

After it: `core.feeds` reads the bytes, `core.acceptance` makes events of the entries, `door` sends them.
"""

import hashlib
import random
import threading
import time
from dataclasses import dataclass
from ipaddress import ip_network

from services.ingest.core.acceptance import Refused, accept_article
from services.ingest.core.feeds import NoFeed
from services.ingest.core.submissions import ArticleSubmission
from services.ingest.door import Door, count_refused, now_utc
from services.ingest.feed_parser import FeedParser
from services.ingest.fetching import Fetcher, FetchFailed, FetchLimits
from services.ingest.settings import DoorSettings
from shared.failures import Unavailable
from shared.logs import get_logger
from shared.metrics import FEED_POLLS

_log = get_logger(__name__)
#: Entries of a feed that are remembered: more than a feed shows at once.
_REMEMBERED = 2_000


@dataclass
class FeedState:
    """What is known of one feed."""

    url: str
    next_poll: float = 0.0
    etag: str | None = None
    last_modified: str | None = None

    def __post_init__(self) -> None:
        self.seen: dict[str, str] = {}  # address of an entry -> hash of its content, oldest first


def poll_feeds(settings: DoorSettings, door: Door, stop: threading.Event) -> None:
    """Poll until stopped. A feed that fails is tried again at its next time; the others do not notice."""
    feeds = [FeedState(url) for url in settings.feeds]
    allowed = tuple(ip_network(text) for text in settings.fetch_allowed_networks)
    with Fetcher(settings.user_agent, FetchLimits(allowed=allowed)) as fetcher, FeedParser() as parser:
        while not stop.is_set():
            due = [feed for feed in feeds if feed.next_poll <= time.monotonic()]
            for feed in due:
                if stop.is_set():
                    return
                result = _poll(fetcher, parser, feed, door)
                FEED_POLLS.labels(result).inc()
                feed.next_poll = time.monotonic() + settings.feed_interval_seconds * random.uniform(0.9, 1.1)  # noqa: S311 - jitter
            stop.wait(min(1.0, settings.feed_interval_seconds))


def _poll(fetcher: Fetcher, parser: FeedParser, feed: FeedState, door: Door) -> str:
    try:
        document = fetch_feed(fetcher, feed)
        if document is None:
            return "unchanged"
        parsed = parser.parse(document)
        if isinstance(parsed, NoFeed):
            raise FetchFailed(parsed.reason)
        changed = [entry for entry in parsed.entries if _has_changed(feed, entry)]
        _publish(changed, door)
    except FetchFailed as error:
        _log.warning("feed failed", feed=feed.url, reason=str(error))
        return "failed"
    except Unavailable as error:
        feed.etag = feed.last_modified = None  # so that the next poll sees it whole
        _log.warning("feed read, but not published", feed=feed.url, reason=str(error))
        return "unpublished"
    for entry in changed:
        _remember(feed, entry)
    _log.info("feed read", feed=feed.url, entries=len(parsed.entries), changed=len(changed), broken=parsed.broken)
    return "changed" if changed else "unchanged"


def fetch_feed(fetcher: Fetcher, feed: FeedState) -> bytes | None:
    """The feed's document, or None when it has not changed; FetchFailed when it cannot be had."""
    headers = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    fetched = fetcher.fetch(feed.url, {name: value for name, value in headers.items() if value})
    if fetched.status == 304:
        return None
    if fetched.status != 200:
        raise FetchFailed(f"the server answered {fetched.status}")
    feed.etag = fetched.headers.get("etag")
    feed.last_modified = fetched.headers.get("last-modified")
    return fetched.content


def _publish(entries: list[ArticleSubmission], door: Door) -> None:
    judged = [accept_article(entry, now_utc()) for entry in entries]
    events = [event for event in judged if not isinstance(event, Refused)]
    count_refused("entry", len(judged) - len(events))
    door.publish_blocking(events, "entry")


def _has_changed(feed: FeedState, entry: ArticleSubmission) -> bool:
    return feed.seen.get(entry.url or "") != _content_hash(entry)


def _remember(feed: FeedState, entry: ArticleSubmission) -> None:
    feed.seen.pop(entry.url or "", None)
    feed.seen[entry.url or ""] = _content_hash(entry)
    while len(feed.seen) > _REMEMBERED:
        del feed.seen[next(iter(feed.seen))]


def _content_hash(entry: ArticleSubmission) -> str:
    return hashlib.sha256(entry.model_dump_json().encode()).hexdigest()
