"""Webhooks: `searches.matched` → the webhooks of saved searches, signed; what is not taken goes round by `webhooks.retries`."""

import sys
import threading

from services.webhooks.core.deliveries import Delivery, parse_delivery
from services.webhooks.delivering import Deliverer
from services.webhooks.endpoints import Endpoints
from services.webhooks.settings import WebhooksSettings
from shared import topics
from shared.consuming import Handle, Subscription, consume
from shared.failures import Unavailable
from shared.health import Health, connecting
from shared.logs import get_logger
from shared.producing import Producer
from shared.service import run_service, wait_until_available
from shared.tailing import Tail

_log = get_logger(__name__)
_BATCH_RECORDS = 100
_CATCHING_UP_SECONDS = 5.0
#: What is waited for here is bounded by the delay of retries, and by the time that deliveries take.
_LONGEST_BATCH_SECONDS = 900.0


def serve(settings: WebhooksSettings, health: Health, stop: threading.Event) -> None:
    """Deliver until stopped."""
    if settings.webhooks.key is None:
        _log.info("switched off: DATELINE_WEBHOOKS_KEY is not set, so no search has a webhook, and nothing could be signed")
        health.checks["webhooks"] = lambda: None
        health.notes["webhooks"] = "switched off: DATELINE_WEBHOOKS_KEY is not set"
        stop.wait()
        return
    health.checks["kafka"] = connecting
    endpoints = Endpoints()
    tail = Tail(settings.kafka, topics.SEARCHES, endpoints.learn)
    threading.Thread(target=tail.run, args=(stop,), name="saved searches", daemon=True).start()
    wait_until_available(lambda: _caught_up(tail), stop)
    deliverer = Deliverer(settings.webhooks.key.get_secret_value().encode(), settings.webhooks, endpoints)
    retry_health = Health()
    health.checks["retries"] = lambda: next((why for check in retry_health.checks.values() if (why := check())), None)
    retries = _subscription(
        "webhooks-retries",
        topics.WEBHOOK_RETRIES,
        lambda batch: deliverer.deliver_when_due(batch, stop, retry_health.beat),
    )
    with wait_until_available(lambda: Producer(settings.kafka, "dateline-webhooks"), stop) as producer:
        failures: list[BaseException] = []

        def send_again() -> None:
            try:
                consume(retries, settings.kafka, producer, retry_health, stop)
            except BaseException as error:  # noqa: BLE001 - it is raised again where the service ends
                failures.append(error)
                stop.set()

        thread = threading.Thread(target=send_again, name="retries")
        thread.start()
        try:
            consume(_subscription("webhooks", topics.MATCHES, deliverer.deliver), settings.kafka, producer, health, stop)
        finally:
            stop.set()
            thread.join()
            deliverer.close()
        if failures:
            raise failures[0]


def _subscription(service: str, topic: str, handle: Handle[Delivery]) -> Subscription[Delivery]:
    return Subscription(
        service=service,
        topics=(topic,),
        decode=parse_delivery,
        handle=handle,
        batch_records=_BATCH_RECORDS,
        limit=None,  # strangers' endpoints may be away, all of them
        longest_batch_seconds=_LONGEST_BATCH_SECONDS,
    )


def _caught_up(tail: Tail) -> None:
    if not tail.caught_up.wait(_CATCHING_UP_SECONDS):
        raise Unavailable(f"the saved searches in {topics.SEARCHES} are not all read yet")


if __name__ == "__main__":
    sys.exit(run_service("webhooks", WebhooksSettings, serve))
