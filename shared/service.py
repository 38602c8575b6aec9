"""How the process of a service runs: settings, logs, operations port, SIGTERM, and the exit code that tells what happened."""

import faulthandler
import gc
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from shared.backoff import Backoff
from shared.failures import Misconfigured, TooManyDeadLetters, Unavailable
from shared.health import Health, operations_server, waiting
from shared.logs import get_logger, set_up_logs
from shared.settings import ServiceSettings, load_settings

EXIT_CONFIG = 78  # sysexits.h EX_CONFIG
EXIT_SOFTWARE = 70  # sysexits.h EX_SOFTWARE
#: After this long a stop is as hard as kill -9, which is safe: offsets are committed last.
HARD_STOP_SECONDS = 18.0

S = TypeVar("S", bound=ServiceSettings)
R = TypeVar("R")


def run_service(name: str, model: type[S], serve: Callable[[S, Health, threading.Event], None]) -> int:
    """Run `serve(settings, health, stop)` until it returns; it must do so soon after `stop` is set. Answers the exit code."""
    faulthandler.enable()
    try:
        settings = load_settings(model)
    except Misconfigured as error:
        sys.stderr.write(f"{name}: {error}\n")  # logs are not set up yet
        return EXIT_CONFIG
    set_up_logs(name, settings.log)
    log = get_logger(name)
    _spare_collections()
    stop = stop_event()
    health = Health()
    try:
        with operations_server(health, settings.operations) as port:
            log.info("started", operations_port=port)
            serve(settings, health, stop)
    except Misconfigured as error:
        log.error("misconfigured", reason=str(error))
        return EXIT_CONFIG
    except TooManyDeadLetters as error:
        log.error("too many dead letters", reason=str(error))
        return EXIT_SOFTWARE
    except Unavailable as error:
        if not stop.is_set():
            log.error("gave up", reason=str(error))
            return EXIT_SOFTWARE
    log.info("stopped")
    return 0


def _spare_collections() -> None:
    """Have the garbage collector look less often, and never at what was imported: a fifth of what an article costs ingest.

    Events and batches hold no cycles, so they are freed without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def stop_event() -> threading.Event:
    """An event that SIGTERM and SIGINT set; from then on the process has HARD_STOP_SECONDS left."""
    stop = threading.Event()

    def set_stop(_number: int, _frame: object) -> None:
        if not stop.is_set():
            stop.set()
            last_resort = threading.Timer(HARD_STOP_SECONDS, os._exit, [EXIT_SOFTWARE])
            last_resort.daemon = True
            last_resort.start()

    signal.signal(signal.SIGTERM, set_stop)
    signal.signal(signal.SIGINT, set_stop)
    return stop


def wait_until_available(connect: Callable[[], R], stop: threading.Event, backoff: Backoff | None = None) -> R:
    """What `connect` answers, tried again while it raises Unavailable; the last Unavailable is raised when `stop` is set.

    Meanwhile `/readyz` tells why, where the check is `connecting`.
    """
    policy = backoff or Backoff(longest_seconds=5.0)
    failures = 0
    try:
        while True:
            try:
                return connect()
            except Unavailable as reason:
                failures += 1
                waiting[threading.get_ident()] = str(reason)
                get_logger(__name__).warning("waiting", reason=str(reason), failures=failures)
                if stop.wait(policy.delay_seconds(failures, random.uniform)):
                    raise
    finally:
        waiting.pop(threading.get_ident(), None)
