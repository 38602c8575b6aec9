"""The parts of WebSub put together as the settings say. Off unless hubs can reach this Dateline."""

import threading
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from services.ingest.core.feed_records import FeedState
from services.ingest.core.websub import Callback
from services.ingest.feed_parser import FeedParser
from services.ingest.feed_poll import Tools
from services.ingest.feed_table import KnownFeed
from services.ingest.outbox import Outbox
from services.ingest.pages import PageFetcher
from services.ingest.settings import DoorSettings
from services.ingest.websub import Known, websub_router
from services.ingest.websub_deliveries import Deliveries, Reading
from services.ingest.websub_subscribing import Subscriber
from shared.guarded_fetch import Fetcher, FetchLimits

#: A hub waits for the answer to a delivery, so its pages are waited for less than those of a poll.
_PAGE_SECONDS = 5.0


class WebSub:
    """Its parts are made at once; what they hold open, `run` closes.

    Attributes:
        subscribe: for `feed_poll.Tools`, see `Subscriber.subscribe_if_due`; None when WebSub is off.
        routers: what hubs call, to be served beside the API; empty when WebSub is off.
    """

    subscribe: Callable[[KnownFeed, FeedState, datetime], FeedState] | None = None
    routers: tuple[APIRouter, ...] = ()

    def __init__(self, settings: DoorSettings, known: Known, tools: Tools, outbox: Outbox) -> None:
        """Off if the settings name no callback address; `tools` are shared with the poller."""
        self._work: Callable[[threading.Event], object] = threading.Event.wait
        callback = _callback(settings)
        if callback is None:
            return
        for_hubs = Fetcher(settings.user_agent, FetchLimits(allowed=settings.allowed_networks))
        for_pages = Fetcher(settings.user_agent, FetchLimits(total_seconds=_PAGE_SECONDS, allowed=settings.allowed_networks))
        parser = FeedParser()
        reading = Reading(parser, PageFetcher(for_pages, tools.turns, tools.robots).fetch_page, tools.extract)
        deliveries = Deliveries(tools.door, reading)
        subscriber = Subscriber(callback, known.table, for_hubs, tools.turns)

        def work(stop: threading.Event) -> None:
            with for_hubs, for_pages, parser, deliveries:
                subscriber.run(stop)

        self._work = work
        self.subscribe = subscriber.subscribe_if_due
        self.routers = (websub_router(callback, known, outbox, deliveries, settings.max_request_bytes),)

    def run(self, stop: threading.Event) -> None:
        """Ask hubs until stopped, or only wait when WebSub is off."""
        self._work(stop)


def _callback(settings: DoorSettings) -> Callback | None:
    if settings.websub_callback_url is None or settings.websub_secret is None:
        return None
    return Callback(settings.websub_callback_url, settings.websub_secret.get_secret_value())
