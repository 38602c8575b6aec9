"""Sends matches to webhooks: several endpoints at once, one of them in order, and none is tried again and again that is away."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network

from services.webhooks.core.deliveries import (
    DELIVERED,
    UNWANTED,
    Delivery,
    Failed,
    conclude_failure,
    judge_status,
    name_result,
    origin_of,
    postpone,
)
from services.webhooks.endpoints import Endpoints
from shared.failures import Unavailable
from shared.guarded_fetch import Fetcher, FetchFailed, FetchLimits
from shared.logs import get_logger
from shared.metrics import WEBHOOK_DELIVERIES, WEBHOOK_SECONDS
from shared.outcomes import Outcome
from shared.settings import WebhookSettings
from shared.webhook_signatures import derive_secret, sign_delivery

_USER_AGENT = "Dateline-Webhooks/0.1"
#: Of an answer so much is read; nobody looks at it.
_MOST_ANSWER_BYTES = 1_000_000
_LOOK_SECONDS = 1.0

_log = get_logger(__name__)


class Deliverer:
    """Sends batches of matches. Used by two threads: for what is new, and for what is sent again."""

    def __init__(self, key: bytes, settings: WebhookSettings, endpoints: Endpoints) -> None:
        self._key = key
        self._settings = settings
        self._endpoints = endpoints
        self._retry_ms = round(settings.retry_seconds * 1000)
        self._give_up_ms = round(settings.give_up_seconds * 1000)
        self._pool = ThreadPoolExecutor(settings.at_once, "delivering")
        self._own = threading.local()
        #: Origins that could not be reached and endpoints that failed, and until when (ms) they are left alone.
        self._away: dict[str, int] = {}

    def deliver(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """One outcome for each, in order."""
        by_origin: dict[str, list[int]] = {}
        outcomes: dict[int, Outcome] = {}
        for number, delivery in enumerate(deliveries):
            url = self._endpoints.find(delivery.match.search_id)
            if url is not None:
                by_origin.setdefault(origin_of(url), []).append(number)
            elif self._endpoints.is_known(delivery.match.search_id):
                outcomes[number] = UNWANTED
            else:
                outcomes[number] = postpone(delivery, _now_ms(), self._retry_ms, self._give_up_ms)
        sent = [
            self._pool.submit(self._send_all, origin, [(number, deliveries[number]) for number in numbers])
            for origin, numbers in by_origin.items()
        ]
        for future in sent:
            outcomes |= future.result()
        return [outcomes[number] for number in range(len(deliveries))]

    def deliver_when_due(self, deliveries: Sequence[Delivery], stop: threading.Event, beat: Callable[[], None]) -> list[Outcome]:
        """The same, once the last of them is due: the delay is the same for all, so they come in the order in which they are."""
        due_ms = min(max(delivery.not_before_ms for delivery in deliveries), _now_ms() + self._retry_ms)
        while (left := (due_ms - _now_ms()) / 1000) > 0:
            beat()
            if stop.wait(min(left, _LOOK_SECONDS)):
                raise Unavailable("stopped before what is to be sent again was due")
        return self.deliver(deliveries)

    def _send_all(self, origin: str, numbered: Sequence[tuple[int, Delivery]]) -> dict[int, Outcome]:
        """To one origin, in order; after a failure the rest is put off."""
        outcomes: dict[int, Outcome] = {}
        for number, delivery in numbered:
            now_ms = _now_ms()
            url = self._endpoints.find(delivery.match.search_id)
            endpoint = url or origin
            if max(self._away.get(origin, 0), self._away.get(endpoint, 0)) > now_ms:
                WEBHOOK_DELIVERIES.labels("put-off").inc()
                outcomes[number] = postpone(delivery, now_ms, self._retry_ms, self._give_up_ms)
                continue
            failed = None if url is None else self._send(delivery, url)  # none: it was deleted this moment
            if failed is None:
                self._away.pop(origin, None)
                self._away.pop(endpoint, None)
                outcomes[number] = DELIVERED
                continue
            _log.warning("a webhook did not take a match", article=delivery.match.article_id, origin=origin, reason=failed.reason)
            if not failed.is_final:
                # A little less than the delay, so that what is due again is tried.
                self._away[origin if failed.is_unreachable else endpoint] = _now_ms() + round(0.9 * self._retry_ms)
            outcomes[number] = conclude_failure(delivery, failed, _now_ms(), self._retry_ms, self._give_up_ms)
        return outcomes

    def _send(self, delivery: Delivery, url: str) -> Failed | None:
        secret = derive_secret(self._key, delivery.match.search_id)
        headers = {
            "Content-Type": "application/json",
            "Dateline-Delivery": delivery.match.match_id,
            "Dateline-Signature": sign_delivery(secret, delivery.body, int(time.time())),
        }
        failed: Failed | None
        with WEBHOOK_SECONDS.time():
            try:
                answer = self._fetcher().fetch(url, headers, method="POST", content=delivery.body, follow=False)
            except FetchFailed as error:
                failed = Failed(str(error), is_unreachable=True)
            else:
                failed = judge_status(answer.status)
        WEBHOOK_DELIVERIES.labels(name_result(failed)).inc()
        return failed

    def _fetcher(self) -> Fetcher:
        """One a thread."""
        if not hasattr(self._own, "fetcher"):
            limits = FetchLimits(
                most_bytes=_MOST_ANSWER_BYTES,
                total_seconds=self._settings.timeout_seconds,
                connect_seconds=self._settings.timeout_seconds,
                allowed=tuple(ip_network(network) for network in self._settings.allowed_networks),
            )
            self._own.fetcher = Fetcher(_USER_AGENT, limits)
        fetcher: Fetcher = self._own.fetcher
        return fetcher

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _now_ms() -> int:
    return round(time.time() * 1000)
