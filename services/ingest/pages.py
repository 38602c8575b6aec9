"""Fetches the pages of articles as politely as the web asks for: robots.txt at every hop, one request at a time a host, its delay.

Before it: `full_text` names the pages. After it: `page_extractor` finds the articles in them.
"""

from services.ingest.hosts import HostTurns, host_of
from services.ingest.robots import Robots
from shared.guarded_fetch import Fetched, Fetcher, FetchFailed, redirect_of

_ACCEPTED = {"Accept": "text/html,application/xhtml+xml;q=0.9"}
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_MOST_REDIRECTS = 5


class PageFetcher:
    """Use it from one thread at a time, as its `Fetcher`; turns and robots are shared by all."""

    def __init__(self, fetcher: Fetcher, turns: HostTurns, robots: Robots) -> None:
        self._fetcher = fetcher
        self._turns = turns
        self._robots = robots

    def fetch_page(self, url: str) -> Fetched:
        """A web page, with status 200; its `url` is where redirects led.

        Raises:
            FetchFailed: it may not be fetched, cannot be had, or is no web page.
            Stopping: the process stops.
        """
        for _ in range(_MOST_REDIRECTS + 1):
            fetched = self._fetch_hop(url)
            target = redirect_of(fetched)
            if target is None:
                return _page(fetched)
            url = target
        raise FetchFailed(f"more than {_MOST_REDIRECTS} redirects")

    def _fetch_hop(self, url: str) -> Fetched:
        host = host_of(url)
        with self._turns.turn(host):
            permission = self._robots.ask(url, self._fetcher.fetch)
            if permission.refusal is not None:
                raise FetchFailed(permission.refusal)
            with self._turns.turn(host, permission.delay_seconds):
                return self._fetcher.fetch(url, _ACCEPTED, follow=False)


def _page(fetched: Fetched) -> Fetched:
    if fetched.status != 200:
        raise FetchFailed(f"the server answered {fetched.status}")
    kind = fetched.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in _PAGE_TYPES:
        raise FetchFailed(f"not a web page but {kind[:50] or 'of no stated type'}")
    return fetched
