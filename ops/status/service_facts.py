"""Asks the operations ports of the services whether they are alive and ready, and ingest which feeds are in trouble."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import httpx2

from ops.cli.ingest_client import connect_ingest, reason_of
from ops.cli.settings import CLIGroup
from ops.local.services import NAMES
from ops.local.settings import LocalSettings
from ops.status.facts import FeedFacts, FeedsFacts, ServiceFacts
from shared.failures import Misconfigured, Unavailable
from shared.settings import PREFIX

_TROUBLE = ("failing", "silent", "surging")
_MOST_TROUBLED = 20
_PAGE = "1000"


def service_addresses(settings: CLIGroup) -> list[tuple[str, str]]:
    """Name and URL of the operations port of each service: those of the settings, or else of the local stack."""
    if not settings.operations:
        local = LocalSettings().local
        return [(name, f"http://127.0.0.1:{getattr(local, f'{name}_operations_port')}") for name in NAMES]
    found = []
    for each in settings.operations:
        name, _, url = each.partition("=")
        if name not in NAMES or not url.startswith(("http://", "https://")):
            raise Misconfigured(f"{PREFIX}CLI_OPERATIONS: {each} is not like enrich=http://10.0.0.7:9100 ({', '.join(NAMES)})")
        found.append((name, url.rstrip("/")))
    return found


def fetch_service_facts(name: str, address: str, patience_seconds: float) -> ServiceFacts:
    """What one process says. One that does not answer is a fact, too."""
    try:
        with httpx2.Client(base_url=address, timeout=patience_seconds, trust_env=False) as client:
            alive, ready = client.get("/healthz"), client.get("/readyz")
            return parse_answers(name, address, (alive.status_code, alive.text), (ready.status_code, ready.text))
    except httpx2.HTTPError as error:
        return ServiceFacts(name, address, is_alive=False, is_ready=False, failure=str(error) or type(error).__name__)


def parse_answers(name: str, address: str, alive: tuple[int, str], ready: tuple[int, str]) -> ServiceFacts:
    """The facts that status and text of `/healthz` and `/readyz` tell (pure)."""
    try:
        told: dict[str, Any] = json.loads(ready[1])
        health: dict[str, Any] = json.loads(alive[1])
        checks = told.get("checks", {})
        reasons = [f"{check}: {answer}" for check, answer in checks.items() if answer != "ok"]
        if alive[0] != 200:
            reasons.append(f"its loop has not come round for {health['seconds_since_last_round']:.0f} s")
        notes = [f"{what}: {note}" for what, note in told.get("notes", {}).items()]
    except (ValueError, KeyError, AttributeError, TypeError):
        return ServiceFacts(name, address, is_alive=False, is_ready=False, failure="what answers there is no service of Dateline")
    return ServiceFacts(name, address, alive[0] == 200, ready[0] == 200, reasons, notes)


def fetch_feeds_facts(settings: CLIGroup, patience_seconds: float) -> FeedsFacts:
    """The feeds by condition, and those in trouble. Raises Unavailable, and Misconfigured without a token that may ask."""
    conditions: Counter[str] = Counter()
    troubled: list[FeedFacts] = []
    with connect_ingest(settings, None, patience_seconds) as client:
        for feed in _feeds(client.get):
            conditions[feed["condition"]] += 1
            if feed["condition"] in _TROUBLE and len(troubled) < _MOST_TROUBLED:
                troubled.append(FeedFacts(feed["id"], feed["url"], feed["condition"], feed["reason"]))
    return FeedsFacts(dict(conditions), sort_troubled(troubled))


def sort_troubled(feeds: Sequence[FeedFacts]) -> list[FeedFacts]:
    """Those that fail first."""
    return sorted(feeds, key=lambda feed: (_TROUBLE.index(feed.condition), feed.url))


def _feeds(get: Any) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        status, answer = get("/v1/feeds", limit=_PAGE, **({"after": after} if after else {}))
        if status == 403:
            raise Misconfigured("the token may not ask for feeds: it lacks the scope admin")
        if status != 200:
            raise Unavailable(reason_of(answer))
        yield from answer["feeds"]
        after = answer["next"]
        if after is None:
            return
