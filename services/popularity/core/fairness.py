"""View → counted, or why it is not: too late, too far ahead of its time, a repeat, or of a network that gave its share.

All that is decided here depends on the log of the partition alone (its records, their order and when the broker stored them), so
whoever counts the log again comes to the same numbers.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.popularity.core.networks import NETWORKS_PREFIX, ArticleNetworks
from services.popularity.core.view_rows import Seconds, ViewColumns, ViewedArticles, pick_views, tell_articles
from services.popularity.core.visitors import VISITORS_PREFIX, Mask, RecentVisitors

#: Keys of what is stored beside counts by these rules.
FAIRNESS_PREFIXES = (VISITORS_PREFIX, NETWORKS_PREFIX)

#: A view that was stored later than this after it happened is not counted. Up to then it counts in the minute of its time.
LATEST_SECONDS = 24 * 3600
#: How far the clock of a sender may be ahead of that of the broker.
AHEAD_SECONDS = 300


class Reason(StrEnum):
    """Why an accepted view is not counted."""

    REPEAT = "repeat"
    LATE = "late"
    FUTURE = "future"
    NETWORK = "network"


def judge_times(seconds: Seconds, stored_at: int) -> tuple[Mask, Mapping[Reason, int]]:
    """Which views of a record happened in a time that counts, and how many did not, by reason."""
    first, last = stored_at - LATEST_SECONDS, stored_at + AHEAD_SECONDS
    if seconds.min() >= first and seconds.max() <= last:
        return np.ones(len(seconds), np.bool_), {}
    late, future = seconds < first, seconds > last
    refused = {Reason.LATE: int(late.sum()), Reason.FUTURE: int(future.sum())}
    return ~(late | future), {reason: number for reason, number in refused.items() if number}


@dataclass(frozen=True, slots=True)
class FairnessRules:
    """What counts and what is listed; 0 switches a rule off.

    One visitor counts once per article in `visitor_seconds`; one network gives at most `network_percent` of an article's views of a
    day; an article is listed once it was viewed from `least_networks` on one day.
    """

    visitor_seconds: int = 0
    network_percent: int = 0
    least_networks: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Views that count, of which articles they are, and the second in which each was stored."""

    views: ViewColumns
    articles: ViewedArticles
    stored_at: Seconds


class Fairness:
    """The rules of one partition. `refused` counts what was not counted until it is taken."""

    def __init__(self, rules: FairnessRules = FairnessRules(), stored: Mapping[bytes, bytes] | None = None) -> None:
        """`stored` is what `changes` answered, by key; ValueError for what it did not make."""
        visitors = {key: value for key, value in (stored or {}).items() if key.startswith(VISITORS_PREFIX)}
        networks = {key: value for key, value in (stored or {}).items() if key.startswith(NETWORKS_PREFIX)}
        uses_networks = bool(rules.network_percent or rules.least_networks)
        self._rules = rules
        self._visitors = RecentVisitors(rules.visitor_seconds, visitors) if rules.visitor_seconds else None
        self._networks = ArticleNetworks(rules.network_percent, networks) if uses_networks else None
        self._left: dict[bytes, bytes | None] = {}
        if not rules.visitor_seconds:
            self._left |= dict.fromkeys(visitors)
        if not uses_networks:
            self._left |= dict.fromkeys(networks)
        self._refused: Counter[Reason] = Counter()

    def refuse(self, refused: Mapping[Reason, int]) -> None:
        """Views were refused for reasons of their own."""
        self._refused.update(refused)

    def judge(self, views: ViewColumns, stored_at: Seconds) -> Judged:
        """The views, in the order of the log, that count; the others are counted as refused."""
        if self._visitors is not None:
            counted = self._visitors.judge(views.pairs, views.seconds, stored_at)
            self._refused[Reason.REPEAT] += len(counted) - int(np.count_nonzero(counted))
            views, stored_at = pick_views(views, counted), stored_at[counted]
        articles = tell_articles(views)
        if self._networks is not None and len(views.seconds):
            counted = self._networks.judge(articles, views.networks, stored_at)
            self._refused[Reason.NETWORK] += len(counted) - int(np.count_nonzero(counted))
            if not counted.all():
                views, articles, stored_at = pick_views(views, counted), articles.pick(counted), stored_at[counted]
        return Judged(views, articles, stored_at)

    def may_list(self, article: bytes) -> bool:
        """Whether an article was viewed from enough networks to be listed. Once it was, it stays so."""
        return self._networks is None or self._networks.reach(article) >= self._rules.least_networks

    def changes(self) -> dict[bytes, bytes | None]:
        """What to store with the counts, and (None) to delete, since this was last asked."""
        changed, self._left = self._left, {}
        for rule in (self._visitors, self._networks):
            if rule is not None:
                changed |= rule.changes()
        return changed

    def take_refused(self) -> Counter[Reason]:
        """How many views were refused since this was last asked."""
        refused, self._refused = self._refused, Counter()
        return +refused
