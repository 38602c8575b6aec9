"""Popularity: `engagement.recorded`, `comments.posted`, `reading.reported` → counts → `popularity.ranked`, `popularity.signals`."""

import asyncio
import os
import sys
import threading
from functools import partial

from services.popularity.layout import fetch_layout
from services.popularity.running import EXIT_DOUBT, count_until_stopped
from services.popularity.settings import PopularitySettings
from services.popularity.storing import Doubted
from shared.failures import Misconfigured, TooManyDeadLetters, Unavailable
from shared.health import Health, connecting
from shared.kafka_connection import check_brokers
from shared.logs import get_logger
from shared.service import run_service, wait_until_available

_log = get_logger("popularity")


def serve(settings: PopularitySettings, health: Health, stop: threading.Event) -> None:
    """Count until stopped."""
    health.checks["kafka"] = connecting
    wait_until_available(lambda: fetch_layout(settings.kafka), stop)
    health.checks["kafka"] = partial(check_brokers, settings.kafka)
    try:
        asyncio.run(count_until_stopped(settings, health, stop))
    except Doubted as doubt:
        _log.error("in doubt", reason=str(doubt))
        raise
    except (Misconfigured, TooManyDeadLetters, Unavailable):
        raise
    except Exception as error:
        _log.exception("in doubt after a bug")
        raise Doubted(str(error)) from error


def main() -> int:
    """Run the service; answers its exit code."""
    try:
        return run_service("popularity", PopularitySettings, serve)
    except Doubted:
        return EXIT_DOUBT


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # faust may have left a thread behind, for which the interpreter would wait
