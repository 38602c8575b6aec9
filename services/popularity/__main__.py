"""Popularity: `engagement.recorded` and `comments.posted` → counts of each article → ranked lists in `popularity.ranked`."""

import asyncio
import os
import sys
import threading
from functools import partial

from services.popularity.layout import fetch_layout
from services.popularity.partition import Doubted
from services.popularity.running import count_until_stopped
from services.popularity.settings import PopularitySettings
from shared.health import Health
from shared.kafka_connection import check_brokers
from shared.logs import get_logger
from shared.service import run_service, wait_until_available

#: sysexits.h EX_TEMPFAIL: what is in memory is in doubt; start the service again, and it reads what is stored.
EXIT_DOUBT = 75
_HARD_STOP_SECONDS = 15.0


def serve(settings: PopularitySettings, health: Health, stop: threading.Event) -> None:
    """Count until stopped."""
    health.checks["kafka"] = partial(check_brokers, settings.kafka)
    layout = wait_until_available(lambda: fetch_layout(settings.kafka), stop)
    try:
        asyncio.run(count_until_stopped(settings, layout, health, stop))
    except Doubted as doubt:
        get_logger("popularity").error("in doubt", reason=str(doubt))
        raise


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
