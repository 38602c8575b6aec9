"""Asks hubs to push the feeds that name one. Before it: `feed_poll`. After it: the hub calls back, see `websub`."""

import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from services.ingest.core.feed_records import FeedState
from services.ingest.core.websub import Callback, build_subscription, is_due, topic_of
from services.ingest.feed_table import FeedTable, KnownFeed
from services.ingest.hosts import HostTurns, Stopping, host_of
from shared.guarded_fetch import Fetcher, FetchFailed
from shared.logs import get_logger

_log = get_logger(__name__)
#: Feeds whose hubs wait to be asked; the others are asked after another poll.
_MOST_WAITING = 1_000
#: How long a state may take to be stored, and how often it is looked for.
_STORED_SECONDS, _LOOK_SECONDS = 30.0, 0.05
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A feed whose hub is to be asked, when that was decided, and until when (monotonic) its state is waited for."""

    feed_id: str
    asked: datetime
    until: float


class Subscriber:
    """One for a process. `run` asks the hubs in a thread of its own, so that a slow hub holds up no feed."""

    def __init__(self, callback: Callback, table: FeedTable, fetcher: Fetcher, turns: HostTurns) -> None:
        """`fetcher` is for `run` alone."""
        self._callback = callback
        self._table = table
        self._fetcher = fetcher
        self._turns = turns
        self._queue: queue.Queue[_Wanted] = queue.Queue(_MOST_WAITING)

    def subscribe_if_due(self, feed: KnownFeed, state: FeedState, now: datetime) -> FeedState:
        """The state to be stored. If the feed's hub is due, it says so, and `run` asks the hub as soon as the table shows it.

        Call it with the state after a poll, before that is written to `feeds.state`; from any thread. It neither
        waits nor fails. The hub is asked after the state is stored, because its call back is answered only if `feeds.state` says
        that it was asked lately.
        """
        if state.error is not None or not is_due(feed.definition, state, feed.lease, now):
            return state
        try:
            self._queue.put_nowait(_Wanted(state.feed_id, now, time.monotonic() + _STORED_SECONDS))
        except queue.Full:
            return state
        return state.model_copy(update={"subscribed": now})

    def run(self, stop: threading.Event) -> None:
        """Ask hubs until stopped."""
        while not stop.is_set():
            try:
                wanted = self._queue.get(timeout=0.2)
            except queue.Empty:
                continue
            feed = self._table.get(wanted.feed_id)
            if feed is not None and feed.state is not None and _is_stored(feed.state, wanted):
                self._ask(feed, feed.state)
            elif feed is not None and time.monotonic() < wanted.until:
                with suppress(queue.Full):
                    self._queue.put_nowait(wanted)
                stop.wait(_LOOK_SECONDS)

    def _ask(self, feed: KnownFeed, state: FeedState) -> None:
        hub = state.hub_url
        if hub is None:
            return
        form = build_subscription(self._callback, state.feed_id, topic_of(feed.definition, state))
        try:
            with self._turns.turn(host_of(hub)):
                answer = self._fetcher.fetch(hub, _FORM, method="POST", content=form)
        except Stopping:
            return
        except FetchFailed as error:
            _log.warning("hub not asked", feed=feed.definition.url, hub=hub, reason=str(error))
            return
        if 200 <= answer.status < 300:
            _log.info("hub asked", feed=feed.definition.url, hub=hub)
        else:
            reason = answer.content[:200].decode("utf-8", "replace")
            _log.warning("hub refuses", feed=feed.definition.url, hub=hub, status=answer.status, reason=reason)


def _is_stored(state: FeedState, wanted: _Wanted) -> bool:
    return state.subscribed is not None and state.subscribed >= wanted.asked
