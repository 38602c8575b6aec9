"""One poll of one feed: fetched if it has changed, read, its new entries published, and the state that the feed has from then on.

Before it: `polling`, which knows when. After it: `door` publishes the entries, `feed_states` writes the state.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.ingest.core.after_poll import (
    Failure,
    Occasion,
    Reading,
    as_defined,
    build_failed,
    build_notes,
    build_read,
    build_unchanged,
    build_unpublished,
    entry_hash,
    failure_of,
    seen_hashes,
    validator,
)
from services.ingest.core.feed_records import FeedState
from services.ingest.core.feeds import MOST_ENTRIES, Feed, NoFeed
from services.ingest.core.identity import same_site
from services.ingest.core.schedule import Pace, parse_max_age
from services.ingest.door import Door, EntriesTaken, now_utc
from services.ingest.feed_table import KnownFeed
from services.ingest.full_text import Extract, complete_entries
from services.ingest.hosts import HostTurns, Stopping, host_of
from services.ingest.pages import PageFetcher
from services.ingest.robots import Robots
from shared.failures import Unavailable
from shared.guarded_fetch import Fetched, Fetcher, FetchFailed
from shared.logs import get_logger
from shared.metrics import FEED_ENTRIES

_log = get_logger(__name__)
#: Sitemaps of one index that a poll reads, the newest.
_MOST_SITEMAPS = 5
_NOT_MODIFIED = 304

#: Reads a document that came from an address; safe between threads.
Parse = Callable[[bytes, str], Feed | NoFeed]
#: Whether the feed may be published still: it is not another's meanwhile, nor taken out or paused.
MayPublish = Callable[[], bool]
#: The state to be stored after a success, once the feed's hub was asked to push where that is due.
Subscribe = Callable[[KnownFeed, FeedState, datetime], FeedState]


@dataclass(frozen=True, slots=True)
class Tools:
    """What polls work with, safe between threads. `extract` finds the article in a page of an entry."""

    door: Door
    extract: Extract
    turns: HostTurns
    robots: Robots
    subscribe: Subscribe | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """How a poll ended. No state: the feed is another's now, and nothing was published."""

    result: str
    state: FeedState | None = None


class FeedPoller:
    """Of one worker: it has a fetcher of its own."""

    def __init__(self, fetcher: Fetcher, tools: Tools, parse: Parse, pace: Pace) -> None:
        self._fetcher = fetcher
        self._tools = tools
        self._parse_document = parse
        self._pace = pace
        self._pages = PageFetcher(fetcher, tools.turns, tools.robots)

    def poll(self, feed: KnownFeed, may_publish: MayPublish) -> Polled:
        """Poll a feed once; whatever is wrong with it is in its state, and nothing is raised."""
        now = now_utc()
        leased = feed.lease is not None and feed.lease.delivers and feed.lease.expires > now
        jitter = random.random()  # noqa: S311 - spreads polls
        occasion = Occasion(feed.definition.feed_id, feed.state, now, self._pace, jitter, leased)
        try:
            polled = self._ask(feed, occasion, may_publish)
        except FetchFailed as error:
            polled = Polled("failed", build_failed(occasion, Failure(str(error))))
        except Unavailable as error:
            polled = Polled("unpublished", build_unpublished(occasion, str(error)))
        except Stopping:
            return Polled("lost")
        except Exception as error:  # noqa: BLE001 - a defect that one feed brings out must not end the polling of the others
            _log.exception("bug in polling one feed", feed=feed.definition.url)
            reason = f"reading it fails with {type(error).__name__}, which is a defect of Dateline"
            polled = Polled("failed", build_failed(occasion, Failure(reason)))
        return polled if may_publish() else Polled("lost")

    def _ask(self, feed: KnownFeed, occasion: Occasion, may_publish: MayPublish) -> Polled:
        fetched = self._fetch(feed.definition.url, _validators(feed.state))
        if fetched.status == _NOT_MODIFIED and feed.state is not None:
            state = build_unchanged(occasion, parse_max_age(fetched.headers.get("cache-control")))
            if self._tools.subscribe is not None:
                state = self._tools.subscribe(feed, state, occasion.now)
            return Polled("unchanged", state)
        if fetched.status != 200:
            failure = failure_of(fetched.status, fetched.headers.get("retry-after"), occasion.now)
            return Polled("failed", build_failed(occasion, failure))
        return self._take(feed, fetched, occasion, may_publish)

    def _fetch(self, url: str, headers: dict[str, str]) -> Fetched:
        with self._tools.turns.turn(host_of(url)):
            return self._fetcher.fetch(url, headers)

    def _take(self, feed: KnownFeed, fetched: Fetched, occasion: Occasion, may_publish: MayPublish) -> Polled:
        """Read the document, and publish what it has that was not seen before."""
        document = self._parse(fetched)
        more: tuple[str, ...] = ()
        if document.sitemaps:
            document, more = self._with_sitemaps(document, fetched.url)
        hashes = [entry_hash(entry) for entry in document.entries]
        seen = set(seen_hashes(feed.state.seen)) if feed.state is not None else set()
        shown = zip(document.entries, hashes, strict=True)
        unseen = [as_defined(entry, feed.definition) for entry, own_hash in shown if own_hash not in seen]
        completed, told = complete_entries(
            unseen, document.teasers, feed.definition.full_text, self._pages.fetch_page, self._tools.extract, occasion.now
        )
        if not may_publish():
            return Polled("lost")
        taken = self._tools.door.take_entries(completed, feed.definition.feed_id) if completed else EntriesTaken()
        _count(taken, len(hashes) - len(unseen))
        reading = Reading(
            feed=document,
            hashes=hashes,
            # An index of sitemaps may stay the same while they change.
            etag=None if document.sitemaps else validator(fetched.headers.get("etag")),
            last_modified=None if document.sitemaps else validator(fetched.headers.get("last-modified")),
            max_age_seconds=parse_max_age(fetched.headers.get("cache-control")),
            new=taken.new,
            changed=taken.changed,
            notes=build_notes(document, taken.refused, (*more, *told)),
        )
        state = build_read(occasion, reading)
        if self._tools.subscribe is not None:
            state = self._tools.subscribe(feed, state, occasion.now)
        return Polled("changed" if taken.new or taken.changed else "unchanged", state)

    def _parse(self, fetched: Fetched) -> Feed:
        parsed = self._parse_document(fetched.content, fetched.url)
        if isinstance(parsed, NoFeed):
            raise FetchFailed(parsed.reason)
        return parsed

    def _with_sitemaps(self, index: Feed, url: str) -> tuple[Feed, tuple[str, ...]]:
        """The index with the entries of its newest sitemaps, of its own site only, and notes about those that were not read."""
        notes, found = [], [index]
        for address in [each for each in index.sitemaps if same_site(each, url)][:_MOST_SITEMAPS]:
            try:
                fetched = self._fetch(address, {})
                if fetched.status != 200:
                    raise FetchFailed(f"the server answered {fetched.status}")
                found.append(self._parse(fetched))
            except FetchFailed as error:
                notes.append(f"the sitemap {address} was not read: {error}")
        elsewhere = sum(not same_site(each, url) for each in index.sitemaps)
        if elsewhere:
            notes.append(f"{elsewhere:,} sitemaps on other sites not read")
        return _joined(found), tuple(notes)


def _joined(feeds: Sequence[Feed]) -> Feed:
    entries = tuple({entry.url or entry.id: entry for feed in feeds for entry in feed.entries}.values())
    return feeds[0].model_copy(
        update={
            "entries": entries[:MOST_ENTRIES],
            "teasers": frozenset().union(*(feed.teasers for feed in feeds)),
            "broken": sum(feed.broken for feed in feeds),
            "truncated": sum(feed.truncated for feed in feeds) + max(0, len(entries) - MOST_ENTRIES),
        }
    )


def _validators(state: FeedState | None) -> dict[str, str]:
    if state is None:
        return {}
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in headers.items() if value}


def _count(taken: EntriesTaken, seen: int) -> None:
    for result, count in (
        ("new", taken.new),
        ("changed", taken.changed),
        ("unchanged", taken.unchanged + seen),
        ("refused", taken.refused),
    ):
        if count:
            FEED_ENTRIES.labels(result).inc(count)
