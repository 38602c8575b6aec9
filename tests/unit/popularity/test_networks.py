"""No network gives more than its share of an article's views, whatever comes and in whatever order."""

import random
import struct
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.popularity.core.network_tables import MOST_NETWORKS
from services.popularity.core.networks import FREE_VIEWS, ArticleNetworks
from services.popularity.core.view_rows import ViewColumns, tell_articles

ARTICLE, OTHER = b"a" * 32, b"b" * 32
DAY = 86_400
START = 20_700 * DAY
NETWORKS = st.integers(1, 3) | st.integers(1, 12) | st.integers(1, 200)
VIEWS = st.lists(st.tuples(st.sampled_from([ARTICLE, OTHER]), NETWORKS | st.just(0), st.sampled_from([0] * 60 + [1])), max_size=400)


def judge(networks: ArticleNetworks, views: list[tuple[bytes, int, int]]) -> list[bool]:
    """Views as article, network, and second."""
    articles, words, seconds = zip(*views, strict=True) if views else ((), (), ())
    rows = np.array(words, np.uint64)
    times = np.array(seconds, np.int64)
    viewed = tell_articles(ViewColumns(np.array(articles, "S32"), np.zeros(len(rows), np.uint64), rows, times))
    judged: list[bool] = networks.judge(viewed, rows, times).tolist()
    return judged


def at_start(views: list[tuple[bytes, int, int]]) -> list[tuple[bytes, int, int]]:
    """Views on consecutive days: the third number is how many days go by before each."""
    day, dated = 0, []
    for article, network, gone in views:
        day += gone
        dated.append((article, network, START + day * DAY))
    return dated


@given(VIEWS, st.sampled_from([5, 10, 25, 100]))
def test_no_network_is_ever_above_its_share(views: list[tuple[bytes, int, int]], percent: int) -> None:
    counted: Counter[tuple[bytes, int, int]] = Counter()
    total: Counter[tuple[bytes, int]] = Counter()
    views = at_start(views)
    for (article, network, second), counts in zip(views, judge(ArticleNetworks(percent), views), strict=True):
        if counts:
            total[article, second] += 1
            counted[article, second, network] += 1
            assert not network or counted[article, second, network] <= max(FREE_VIEWS, percent * total[article, second] / 100)
        else:
            assert network


@dataclass
class Model:
    """One article, view by view: all that counted on a day, and what each of its entries holds, of a network or of several."""

    percent: int
    day: int = 0
    total: int = 0
    entries: dict[int, int] = field(default_factory=dict)
    given: list[int] = field(default_factory=list)

    def counts(self, network: int, day: int) -> bool:
        if day > self.day:
            self.day, self.total, self.entries, self.given = day, 0, {}, []
        if network:
            entry = self._entry(network)
            number = self.given[entry]
            if self.percent and number >= FREE_VIEWS and 100 * (number + 1) > self.percent * (self.total + 1):
                return False
            self.given[entry] += 1
        self.total += 1
        return True

    def _entry(self, network: int) -> int:
        if network not in self.entries and len(self.given) < MOST_NETWORKS:
            self.entries[network] = len(self.given)
            self.given.append(0)
        return self.entries.get(network, network % MOST_NETWORKS)


def some_views(seed: int, networks: int) -> list[tuple[bytes, int, int]]:
    """Views of up to so many networks, some of which give much more than others, on two or three days."""
    chance = random.Random(seed)  # noqa: S311 - the same for the same seed
    hashes = [0, *(chance.getrandbits(64) for _ in range(networks))]
    return [
        (chance.choice((ARTICLE, ARTICLE, OTHER)), hashes[int(chance.random() ** 2 * len(hashes))], int(chance.random() < 0.002))
        for _ in range(chance.choice((5, 100, 900)))
    ]


@given(st.integers(0, 2**32), st.integers(1, 200), st.sampled_from([0, 5, 10, 25]), st.lists(st.integers(0, 900), max_size=3))
@settings(max_examples=150)
def test_many_views_at_once_are_judged_as_one_by_one(seed: int, number: int, percent: int, cuts: list[int]) -> None:
    views, networks = at_start(some_views(seed, number)), ArticleNetworks(percent)
    models = {ARTICLE: Model(percent), OTHER: Model(percent)}
    bounds = [0, *sorted(min(cut, len(views)) for cut in cuts), len(views)]
    judged = [counts for start, end in pairwise(bounds) for counts in judge(networks, views[start:end])]

    assert judged == [models[article].counts(network, second // DAY) for article, network, second in views]


@given(VIEWS, st.integers(0, 300))
def test_a_worker_that_starts_anew_goes_on_as_before(views: list[tuple[bytes, int, int]], cut: int) -> None:
    views = at_start(views)
    before = ArticleNetworks(10)
    judged = judge(before, views[:cut])
    stored = {key: value for key, value in before.changes().items() if value is not None}

    judged += judge(ArticleNetworks(10, stored), views[cut:])

    assert judged == judge(ArticleNetworks(10), views)


def test_a_flood_from_one_network_counts_as_ten_views() -> None:
    assert sum(judge(ArticleNetworks(10), [(ARTICLE, 7, START)] * 100_000)) == FREE_VIEWS


def test_a_network_gives_its_share_where_others_give_the_rest() -> None:
    views = [(ARTICLE, number % 40 + 1 if number % 2 else 99, START) for number in range(10_000)]

    judged = judge(ArticleNetworks(10), views)

    of_the_one = sum(counts for (_, network, _), counts in zip(views, judged, strict=True) if network == 99)
    assert of_the_one == pytest.approx(sum(judged) / 10, rel=0.01)
    assert sum(judged) - of_the_one == 5_000


def test_a_network_whose_place_was_taken_does_not_begin_anew() -> None:
    own, others = (ARTICLE, 1, START), [(ARTICLE, number + 2, START) for number in range(MOST_NETWORKS)]
    views = [own] * FREE_VIEWS + [view for view in others for _ in range(FREE_VIEWS)] + [own] * 1_000

    judged = judge(ArticleNetworks(10), views)

    of_the_one = sum(counts for view, counts in zip(views, judged, strict=True) if view == own)
    assert FREE_VIEWS < of_the_one <= sum(judged) / 10


def test_views_from_very_many_networks_all_count() -> None:
    assert all(judge(ArticleNetworks(10), [(ARTICLE, number + 1, START) for number in range(2_000)]))


def test_without_a_limit_every_view_counts_and_networks_are_counted() -> None:
    networks = ArticleNetworks(0)

    assert all(judge(networks, [(ARTICLE, network, START) for network in (1, 1, 2, 0, 3)]))
    assert networks.reach(ARTICLE) == 3
    assert networks.reach(OTHER) == 0


def test_the_best_day_tells_from_how_many_networks_an_article_was_viewed() -> None:
    networks = ArticleNetworks(10)
    judge(networks, [(ARTICLE, network, START) for network in (1, 2, 3)] + [(ARTICLE, 9, START + DAY)])

    assert networks.reach(ARTICLE) == 3


def test_what_an_article_takes_is_bounded() -> None:
    networks = ArticleNetworks(10)
    judge(networks, [(ARTICLE, number + 1, START) for number in range(10_000)])

    (value,) = networks.changes().values()

    assert value is not None
    assert len(value) <= 12 * (MOST_NETWORKS + 2)


def test_networks_of_the_first_form_are_read() -> None:
    entries = b"".join(struct.pack("<QI", network, 10) for network in (1, 2, 3))
    networks = ArticleNetworks(10, {b"networks:" + ARTICLE: struct.pack("<BIQHH", 1, START // DAY, 30, 7, 3) + entries})

    assert networks.reach(ARTICLE) == 7
    assert judge(networks, [(ARTICLE, network, START) for network in (1, 4)]) == [False, True]


@pytest.mark.parametrize("value", [b"", b"\x02" + bytes(60), b"\x03" + bytes(23), b"\x01" + bytes(15) + b"\x09\x00"])
def test_what_is_not_networks_is_an_error(value: bytes) -> None:
    with pytest.raises(ValueError, match="networks"):
        ArticleNetworks(10, {b"networks:" + ARTICLE: value})
