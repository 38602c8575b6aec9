"""Asks all at the same time, each with its own patience; whatever does not answer is a Failure among the facts, never an error."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import UTC, datetime
from typing import TypeVar

from ops.cli.dead_letters import read_dead_letters
from ops.cli.settings import CLISettings
from ops.status.elastic_facts import fetch_elastic_facts
from ops.status.facts import Facts, Failure, LettersFacts, ServiceFacts
from ops.status.kafka_facts import fetch_kafka_facts
from ops.status.service_facts import fetch_feeds_facts, fetch_service_facts, service_addresses
from shared.dead_letters import DeadLetter
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import check_brokers
from shared.settings import KafkaSettings

T = TypeVar("T")
#: Beyond what each is given: connecting, and a first answer after it.
_SLACK_SECONDS = 5.0


def look(settings: CLISettings) -> Facts:
    """All facts of this moment. Raises Misconfigured only for settings that name no address."""
    patience = settings.cli.patience_seconds
    addresses = service_addresses(settings.cli)
    pool = ThreadPoolExecutor(len(addresses) + 4, "looking")
    try:
        kafka = pool.submit(_asked, lambda: fetch_kafka_facts(_reachable(settings.kafka), patience))
        elastic = pool.submit(_asked, lambda: fetch_elastic_facts(settings.elasticsearch, patience))
        letters = pool.submit(
            _asked, lambda: count_letters(read_dead_letters(_reachable(settings.kafka), patience_seconds=patience))
        )
        feeds = pool.submit(_asked, lambda: fetch_feeds_facts(settings.cli, patience))
        services = {(name, address): pool.submit(fetch_service_facts, name, address, patience) for name, address in addresses}
        limit = patience + _SLACK_SECONDS
        return Facts(
            seen=datetime.now(UTC),
            kafka=_answer(kafka, limit),
            elasticsearch=_answer(elastic, limit),
            services=[_service(name, address, future, limit) for (name, address), future in services.items()],
            letters=_answer(letters, limit),
            feeds=_answer(feeds, limit),
        )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def count_letters(letters: list[DeadLetter]) -> LettersFacts:
    """How many there are of each kind (pure)."""
    counts = Counter((letter.record.topic, letter.service, letter.code) for letter in letters)
    newest = max((letter.written_ms for letter in letters), default=None)
    return LettersFacts(dict(counts), datetime.fromtimestamp(newest / 1000, UTC) if newest is not None else None)


def _reachable(settings: KafkaSettings) -> KafkaSettings:
    """The settings, once a broker takes connections: kafka-python would go on trying for its whole patience."""
    why = check_brokers(settings)
    if why is not None:
        raise Unavailable(why)
    return settings


def _asked(ask: Callable[[], T]) -> T | Failure:
    try:
        return ask()
    except (Unavailable, Misconfigured) as error:
        return Failure(str(error))
    except Exception as error:  # noqa: BLE001 - a screen that shows all else is worth more than a traceback
        return Failure(f"{type(error).__name__}: {error}")


def _answer(future: "Future[T | Failure]", seconds: float) -> T | Failure:
    try:
        return future.result(timeout=seconds)
    except FutureTimeoutError:
        return Failure(f"no answer within {seconds:.0f} s")


def _service(name: str, address: str, future: "Future[ServiceFacts]", seconds: float) -> ServiceFacts:
    try:
        return future.result(timeout=seconds)
    except FutureTimeoutError:
        return ServiceFacts(name, address, is_alive=False, is_ready=False, failure=f"no answer within {seconds:.0f} s")
