"""From which networks an article was viewed today, so that no network gives more than its share of the article's views.

The rule, for the views of an article in the order of the log, on the (UTC) day on which they were stored: a view of a network
counts as long as, with it, the network has given no more than the share of all views that counted that day, or FREE_VIEWS. What
counts later only makes a share smaller, so no network is ever above it. Without the free views an article could never begin: the
second view of every network would be above a tenth until there are twenty. With them, one that is read from ten networks or fewer
counts as many for each, and no more, where the share is a tenth.

Which networks are the same is known within a day only, since the salt of their hashes changes; so every day begins anew. Views
whose network is not known count without limit: only who holds a token can report such.

An article keeps MOST_NETWORKS networks. One more takes the place of the one with the fewest views, and takes over their number
(Metwally et al., Efficient Computation of Frequent and Top-k Elements in Data Streams, 2005). So its number may be too high, by
one in MOST_NETWORKS of the article's views of the day at the most, and never too low: the share holds exactly, and a network may
be held back that much earlier.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from services.popularity.core.view_rows import Ids, Seconds, Words

MOST_NETWORKS = 64
#: A smaller share could not be told from the error of what an article keeps.
LEAST_PERCENT = 5
#: Keys of what is stored begin with it; the article id follows.
NETWORKS_PREFIX = b"networks:"
#: Views a day that every network may give to an article.
FREE_VIEWS = 10
_FORMAT = 1
_HEADER = struct.Struct("<BIQHH")  # format, day, views counted that day, most networks of a day, networks
_ENTRY = struct.Struct("<QI")
_DAY_SECONDS = 24 * 3600


@dataclass(slots=True)
class _Article:
    """The views of one article that counted on a day, by network, and from how many networks it was viewed on the best day."""

    day: int = 0
    total: int = 0
    reach: int = 0
    views: dict[int, int] = field(default_factory=dict)

    def takes(self, network: int, day: int, percent: int) -> bool:
        """Whether a view counts; it is noted if so. A `percent` of 0 lets all count."""
        if day > self.day:
            self.day, self.total, self.views = day, 0, {}
        if network:
            number = self._number(network)
            if percent and number >= FREE_VIEWS and 100 * (number + 1) > percent * (self.total + 1):
                return False
            self._note(network, number + 1)
        self.total += 1
        return True

    def _number(self, network: int) -> int:
        number = self.views.get(network)
        if number is None:
            number = min(self.views.values()) if len(self.views) >= MOST_NETWORKS else 0
        return number

    def _note(self, network: int, number: int) -> None:
        if network not in self.views and len(self.views) >= MOST_NETWORKS:
            fewest = min(self.views, key=lambda other: (self.views[other], other))
            del self.views[fewest]
        self.views[network] = number
        self.reach = max(self.reach, len(self.views))


class ArticleNetworks:
    """The networks of all articles of a partition."""

    def __init__(self, percent: int, stored: Mapping[bytes, bytes] | None = None) -> None:
        """`percent` is the most that one network gives, 0 for no limit; `stored` what `changes` answered, else a ValueError."""
        self._percent = percent
        self._articles = {key.removeprefix(NETWORKS_PREFIX): _decode(value) for key, value in (stored or {}).items()}
        self._changed: set[bytes] = set()

    def judge(self, articles: Ids, networks: Words, stored_at: Seconds) -> list[bool]:
        """Which views count, in the order of the log."""
        judged = []
        days = (stored_at // _DAY_SECONDS).tolist()
        for name, network, day in zip(articles.tolist(), networks.tolist(), days, strict=True):
            article = self._articles.get(name)
            if article is None:
                article = self._articles[name] = _Article()
            judged.append(article.takes(network, day, self._percent))
        self._changed.update(np.unique(articles).tolist())
        return judged

    def reach(self, article: bytes) -> int:
        """From how many networks an article was viewed on its best day, as far as they were kept."""
        found = self._articles.get(article)
        return found.reach if found is not None else 0

    def changes(self) -> dict[bytes, bytes | None]:
        """What to store since this was last asked."""
        changed, self._changed = self._changed, set()
        return {NETWORKS_PREFIX + name: _encode(self._articles[name]) for name in changed}


def _encode(article: _Article) -> bytes:
    head = _HEADER.pack(_FORMAT, article.day, article.total, article.reach, len(article.views))
    return head + b"".join([_ENTRY.pack(network, min(number, 2**32 - 1)) for network, number in article.views.items()])


def _decode(value: bytes) -> _Article:
    if len(value) < _HEADER.size or value[0] != _FORMAT:
        raise ValueError("not networks of a form that this version knows")
    _, day, views, reach, number = _HEADER.unpack_from(value)
    if len(value) != _HEADER.size + _ENTRY.size * number:
        raise ValueError(f"networks of {len(value)} bytes, which is not what their head says")
    return _Article(day, views, reach, dict(_ENTRY.iter_unpack(value[_HEADER.size :])))
