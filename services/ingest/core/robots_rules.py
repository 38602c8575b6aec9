"""What a robots.txt says to us (RFC 9309). protego reads it; before that it is cut down, so that a hostile one costs little."""

import re
from dataclasses import dataclass
from urllib.parse import urldefrag

from protego import Protego

#: RFC 9309, 2.5: a crawler reads at least so much; what comes after it is not read.
MOST_BYTES = 500 * 1024
#: A longer delay between two pages of a host is not kept: it would hold up the feed for hours.
MOST_DELAY_SECONDS = 60.0
_USER_AGENT = re.compile(r"\s*user[- ]?agents?(?:\s*:|\s)\s*([^#]*)", re.IGNORECASE)
_PRODUCT = re.compile(r"[A-Za-z_-]+")
#: Stands for every crawler that is not ours; no product token has it.
_OTHERS = "!"


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one robots.txt. `forbids_all` says why nothing at all may be fetched for now."""

    parsed: Protego | None = None
    forbids_all: str | None = None

    def why_not(self, url: str, product: str) -> str | None:
        """Why a crawler with this product token may not fetch an address, for people; None if it may."""
        if self.forbids_all is not None:
            return self.forbids_all
        if self.parsed is None or self.parsed.can_fetch(urldefrag(url).url, product):
            return None
        return "robots.txt forbids fetching"

    def delay_seconds(self, product: str) -> float:
        """How long to wait between two fetches: what `Crawl-delay` says, at most MOST_DELAY_SECONDS."""
        stated = self.parsed.crawl_delay(product) if self.parsed is not None else None
        return min(stated or 0.0, MOST_DELAY_SECONDS)


def product_token(user_agent: str) -> str:
    """The name that robots.txt files know a crawler by: what stands before the version in its User-Agent."""
    found = _PRODUCT.match(user_agent)
    return found.group() if found else "Dateline"


def parse_robots(content: bytes, product: str) -> RobotsRules:
    """The rules of a robots.txt for the crawler of this product token; what is no robots.txt has none, and allows all."""
    text = content[:MOST_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    if len(content) > MOST_BYTES:  # a rule cut in two would forbid or allow too much
        text = text.rpartition("\n")[0]
    return RobotsRules(Protego.parse("\n".join(_own_line(line, product) for line in text.splitlines())))


def _own_line(line: str, product: str) -> str:
    """The line, all other crawlers named alike.

    protego gives each rule to every crawler of its group, so that 15,000 names before 25,000 rules would fill the memory. And it
    takes a name for ours that ours begins with; RFC 9309, 2.2.1, wants the same.
    """
    agent = _USER_AGENT.match(line)
    if agent is None:
        return line
    name = agent.group(1).strip()
    if name == "*":
        return "User-agent: *"
    token = _PRODUCT.match(name)
    ours = token is not None and token.group().lower() == product.lower()
    return f"User-agent: {product if ours else _OTHERS}"
