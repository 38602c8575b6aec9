"""The feed poller: the feeds of this process's partitions, each at its time, by several workers, one request at a time for a host.

Before it: `feed_table` knows all feeds, `feed_ownership` which are ours. After it: `feed_poll` polls one, `feed_states` writes.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from queue import LifoQueue

from services.ingest.core.feed_records import FeedDefinition, FeedState, feed_id, feed_record
from services.ingest.core.feeds import Feed, NoFeed
from services.ingest.core.schedule import Pace
from services.ingest.door import now_utc
from services.ingest.feed_ownership import FeedOwnership, Holdings
from services.ingest.feed_parser import FeedParser
from services.ingest.feed_poll import FeedPoller, Parse, Tools
from services.ingest.feed_queue import FeedQueue
from services.ingest.feed_states import NewState, StateWriter
from services.ingest.feed_table import DueFeed, FeedTable, KnownFeed
from services.ingest.feed_watch import FeedWatch
from services.ingest.settings import DoorSettings
from shared.guarded_fetch import Fetcher, FetchLimits
from shared.logs import get_logger
from shared.metrics import FEED_LATE, FEED_POLL_SECONDS, FEED_POLLS
from shared.producing import Producer
from shared.service import wait_until_available
from shared.settings import KafkaSettings
from shared.tailing import Tail

_log = get_logger(__name__)
#: How often the feeds are looked through for those that are due; meanwhile the group is polled. kafka-python joins anew, and so
#: troubles the whole group again, when a poll ends between joining and being told the partitions: not much shorter, then.
_LOOK_SECONDS = 1.0
#: Children that read documents, of some 50 MB each: one reads 25 feeds of 50 entries a second, more than the rest can take in.
_PARSERS = 1
#: Feeds of one host are polled in a row, so a worker needs no more: that host's, and that of the pages.
_KEPT_CONNECTIONS = 2
#: How long the end waits for workers; one that a server holds up longer is left behind, and publishes nothing any more.
_STOP_SECONDS = 2.0


@dataclass(frozen=True)
class Feeds:
    """The feeds as this process knows them: the table, and the tail that fills it from `feeds.state`."""

    table: FeedTable
    tail: Tail


class FeedPolling:
    """Polls feeds until stopped; other pollers in the same group share them. `holdings` are the partitions that are ours."""

    def __init__(self, settings: DoorSettings, kafka: KafkaSettings, producer: Producer, feeds: Feeds) -> None:
        self._settings = settings
        self._kafka = kafka
        self._producer = producer
        self._table = feeds.table
        self._tail = feeds.tail
        self.holdings = Holdings()
        self._queue = FeedQueue()
        self._writer = StateWriter(producer, feeds.table, self._written)
        self._pace = Pace(settings.feed_shortest_interval_seconds, settings.feed_longest_interval_seconds)

    def run(self, tools: Tools, stop: threading.Event) -> None:
        """Poll until stopped. Misconfigured when Kafka forbids it."""
        while not self._tail.caught_up.wait(_LOOK_SECONDS):
            if stop.is_set():
                return
        wait_until_available(self._define_feeds, stop)
        ownership = wait_until_available(lambda: FeedOwnership(self._kafka, self._tail.position, self.holdings), stop)
        writing = threading.Thread(target=self._writer.run, name="feed-states", daemon=True)
        writing.start()
        try:
            with _parsers() as parse:
                self._poll_until(stop, ownership, lambda fetcher: FeedPoller(fetcher, tools, parse, self._pace))
        finally:
            self._writer.close()
            writing.join(_STOP_SECONDS)
            ownership.close()

    def _poll_until(self, stop: threading.Event, ownership: FeedOwnership, build_poller: Callable[[Fetcher], FeedPoller]) -> None:
        workers = [self._start_worker(number, build_poller) for number in range(self._settings.feed_workers)]
        watch = FeedWatch()
        try:
            while not stop.is_set():
                ownership.refresh(_LOOK_SECONDS)
                owned, now = self.holdings.owned(), now_utc()
                self._queue.put(self._table.due(owned, now, self._queue.in_hand()))
                watch.look(self._table, owned, now)
        finally:
            self._queue.close()
            deadline = time.monotonic() + _STOP_SECONDS
            for worker in workers:
                worker.join(max(0.0, deadline - time.monotonic()))
            left = sum(worker.is_alive() for worker in workers)
            if left:
                _log.warning("polls that a server holds up are left behind", polls=left)

    def _start_worker(self, number: int, build_poller: Callable[[Fetcher], FeedPoller]) -> threading.Thread:
        # A daemon, so that a server that hangs cannot hold up the end of the process.
        worker = threading.Thread(target=self._work, args=(build_poller,), name=f"feeds-{number}", daemon=True)
        worker.start()
        return worker

    def _work(self, build_poller: Callable[[Fetcher], FeedPoller]) -> None:
        limits = FetchLimits(allowed=self._settings.allowed_networks, kept_connections=_KEPT_CONNECTIONS)
        with Fetcher(self._settings.user_agent, limits) as fetcher:
            poller = build_poller(fetcher)
            while (batch := self._queue.take()) is not None:
                for due in batch.feeds:
                    self._poll(poller, due)
                self._queue.release(batch.host)

    def _poll(self, poller: FeedPoller, due: DueFeed) -> None:
        holding = _Holding(due.feed_id, self._table, self.holdings, self._queue)
        feed = self._table.get(due.feed_id)
        if feed is None or not holding.is_possible():
            self._queue.done([due.feed_id])
            return
        began = time.monotonic()
        FEED_LATE.observe(max(0.0, (now_utc() - due.since).total_seconds()))
        polled = poller.poll(feed, holding.take)
        FEED_POLLS.labels(polled.result).inc()
        FEED_POLL_SECONDS.observe(time.monotonic() - began)
        if polled.state is not None:
            _tell(feed, polled.result, polled.state)
            self._writer.put(polled.state, holding.partition)
        else:
            self._queue.done([due.feed_id])

    def _written(self, states: Sequence[NewState]) -> None:
        self.holdings.release(each.partition for each in states)
        self._queue.done(each.state.feed_id for each in states)

    def _define_feeds(self) -> None:
        """Write the definitions of the feeds of the settings that are not known yet."""
        missing = [url for url in self._settings.feeds if self._table.get(feed_id(url)) is None]
        definitions = [FeedDefinition(feed_id=feed_id(url), url=url, added=now_utc()) for url in missing]
        records = [feed_record(each, self._table.partition_of(each.url)) for each in definitions]
        self._producer.send_all(records)
        self._table.learn(records)


class _Holding:
    """Whether one feed may be polled, and the hold on its partition, taken once: before publishing, or before its state goes."""

    def __init__(self, own_id: str, table: FeedTable, holdings: Holdings, queue: FeedQueue) -> None:
        self._own_id = own_id
        self._table = table
        self._holdings = holdings
        self._queue = queue
        self._is_held = False
        self.partition = -1

    def is_possible(self) -> bool:
        """Whether the feed is still there, is not paused, is ours, and nothing stops."""
        definition = self._table.definition(self._own_id)
        if definition is None or definition.paused or self._queue.is_closed():
            return False
        self.partition = self._table.partition_of(definition.url)
        return self.partition in self._holdings.owned()

    def take(self) -> bool:
        """Whether it is held, now or already."""
        self._is_held = self._is_held or (self.is_possible() and self._holdings.hold(self.partition))
        return self._is_held


@contextmanager
def _parsers() -> Iterator[Parse]:
    """Reads documents for all workers, in as many children at once as there are parsers."""
    with ExitStack() as closing:
        free: LifoQueue[FeedParser] = LifoQueue()  # the last used first, so that no more children run than are needed
        for _ in range(_PARSERS):
            free.put(closing.enter_context(FeedParser()))

        def parse(document: bytes, base_url: str) -> Feed | NoFeed:
            parser = free.get()
            try:
                return parser.parse(document, base_url)
            finally:
                free.put(parser)

        yield parse


def _tell(feed: KnownFeed, result: str, state: FeedState) -> None:
    if state.error is not None:
        _log.warning("feed failed", feed=feed.definition.url, reason=state.error, failures=state.failures)
    elif result == "changed":
        _log.info("feed read", feed=feed.definition.url, entries=state.entries, notes=state.notes)
