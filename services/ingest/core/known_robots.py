"""Which user agents are robots: by the list that crawler-user-agents keeps (MIT), and by what is not a browser's at all."""

from functools import lru_cache

from crawleruseragents import is_crawler

#: No browser's is longer; what is longer is cut before patterns are tried on it.
_MOST_CHARACTERS = 1000


@lru_cache(maxsize=20_000)
def names_robot(user_agent: str) -> bool:
    """Whether a user agent is a known robot's, or empty, which no browser's is."""
    return not user_agent.strip() or bool(is_crawler(user_agent[:_MOST_CHARACTERS]))
