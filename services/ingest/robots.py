"""The robots.txt of every host whose pages are fetched, kept for a day (RFC 9309).

Feeds are not asked about: they are made for programs, and named by somebody who wants them read.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.ingest.core.robots_rules import MOST_BYTES, RobotsRules, parse_robots, product_token
from shared.guarded_fetch import Fetched, FetchFailed

#: RFC 9309, 2.4: no longer than a day.
KEPT_SECONDS = 24 * 3600.0
#: A host that could not tell is asked again sooner.
UNREACHABLE_KEPT_SECONDS = 900.0
#: Hosts that are remembered, and bytes of their files together: once read, a file takes some thirty times its size in memory.
MOST_HOSTS, MOST_TOTAL_BYTES = 2_000, 2_000_000
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Permission:
    """What a host's robots.txt says about one address. `refusal` is why it may not be fetched, for people; None if it may."""

    refusal: str | None
    delay_seconds: float


@dataclass(frozen=True, slots=True)
class _Known:
    rules: RobotsRules
    size: int
    until: float


class Robots:
    """Safe between threads; one for all that fetch pages, so that no host is asked twice a day."""

    def __init__(self, user_agent: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._product = product_token(user_agent)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._total_bytes = 0

    def ask(self, url: str, fetch: Callable[[str], Fetched]) -> Permission:
        """Whether a page may be fetched, and how long to wait between two of its host.

        Args:
            url: the page's address.
            fetch: fetches the host's robots.txt if it is not known, following redirects; FetchFailed when it cannot be had.
        """
        address = robots_address(url)
        with self._lock:
            known = self._known.get(address)
            if known is not None:
                self._known.move_to_end(address)
        if known is None or known.until <= self._monotonic():
            known = self._fetch(address, fetch, known)
            self._keep(address, known)
        return Permission(known.rules.why_not(url, self._product), known.rules.delay_seconds(self._product))

    def _fetch(self, address: str, fetch: Callable[[str], Fetched], before: _Known | None) -> _Known:
        try:
            fetched = fetch(address)
        except FetchFailed as error:
            return self._unreachable(str(error), before)
        if fetched.status == 200:
            rules = parse_robots(fetched.content, self._product)
            return _Known(rules, min(len(fetched.content), MOST_BYTES), self._monotonic() + KEPT_SECONDS)
        if 400 <= fetched.status < 500 and fetched.status != _TOO_MANY_REQUESTS:  # 2.3.1.3: there is none
            return _Known(RobotsRules(), 0, self._monotonic() + KEPT_SECONDS)
        return self._unreachable(f"the server answered {fetched.status}", before)

    def _unreachable(self, reason: str, before: _Known | None) -> _Known:
        """RFC 9309, 2.3.1.4: nothing may be fetched; but what it said before holds on (2.4)."""
        until = self._monotonic() + UNREACHABLE_KEPT_SECONDS
        if before is not None and before.rules.forbids_all is None:
            return _Known(before.rules, before.size, until)
        return _Known(RobotsRules(forbids_all=f"robots.txt cannot be had, which forbids fetching for now ({reason})"), 0, until)

    def _keep(self, address: str, known: _Known) -> None:
        with self._lock:
            self._forget(address)
            self._known[address] = known
            self._total_bytes += known.size
            while len(self._known) > MOST_HOSTS or self._total_bytes > MOST_TOTAL_BYTES:
                self._forget(next(iter(self._known)))

    def _forget(self, address: str) -> None:
        gone = self._known.pop(address, None)
        self._total_bytes -= gone.size if gone is not None else 0


def robots_address(url: str) -> str:
    """Where the robots.txt for an address lies: one for each scheme, host and port. FetchFailed for what is no web address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchFailed(f"not a web address: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise FetchFailed("not an address of the web")
    shown = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}/robots.txt" if port in (None, default) else f"{parts.scheme}://{shown}:{port}/robots.txt"
