"""Enrich: `articles.published` → `articles.enriched`, with the language and story of each article and whom and what it names."""

import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from services.enrich.events import enrich_events
from services.enrich.memory import give_back_memory, give_back_rest
from services.enrich.models import load_recognisers
from services.enrich.settings import EnrichSettings
from services.enrich.story_log import running_story_log
from services.enrich.time_limit import TimeLimit
from shared import topics
from shared.consuming import Subscription, consume
from shared.events import Body, Event, decode_event
from shared.health import Health, connecting
from shared.metrics import DEGRADED
from shared.outcomes import Outcome
from shared.producing import Producer
from shared.service import run_service, wait_until_available
from shared.tracing import traced


@traced("enrich")
def serve(settings: EnrichSettings, health: Health, stop: threading.Event) -> None:
    """Enrich until stopped."""
    health.checks["kafka"] = connecting
    health.checks["models"] = lambda: "being loaded"
    give_back_memory()
    recognisers = load_recognisers(settings.enrich.english_model, settings.enrich.recognisers)
    give_back_rest()
    health.checks["models"] = lambda: None
    DEGRADED.set(recognisers.degraded is not None)
    if recognisers.degraded is not None:
        health.notes["models"] = recognisers.degraded

    with (
        wait_until_available(lambda: Producer(settings.kafka, "dateline-enrich"), stop) as producer,
        running_story_log(settings.kafka, settings.enrich.known_articles, producer.send_all, health, stop) as stories,
    ):

        def handle(events: Sequence[Event[Body]]) -> Sequence[Outcome]:
            return enrich_events(events, recognisers, stories.tell, datetime.now(UTC))

        subscription = Subscription(
            "enrich", (topics.PUBLISHED,), decode_event, handle, settings.enrich.batch_records,
            longest_batch_seconds=(settings.enrich.batch_records + 2) * TimeLimit().clock_seconds,
        )  # fmt: skip
        consume(subscription, settings.kafka, producer, health, stop)


if __name__ == "__main__":
    sys.exit(run_service("enrich", EnrichSettings, serve))
