"""Lists of partitions, merged."""

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.search.core.popular import MergedList, merge_parts
from shared.popularity import LONGEST_LIST, PopularityRanked, RankedArticle
from tests.builders import NOON


def rank(counts):
    """The list that a partition with these counts publishes."""
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(RankedArticle(article_id=article_id, count=count) for article_id, count in best)


def a_part(counts, minutes_old=0):
    as_of = NOON - timedelta(minutes=minutes_old)
    return PopularityRanked(
        list_id="views.24h.p0", revision=1, measure="views", window="24h", as_of=as_of, entries=rank(counts)[:LONGEST_LIST]
    )


def ids(names):
    return [name * 32 for name in names]


def test_parts_become_one_list_with_equal_counts_by_article_id_as_old_as_its_oldest_part():
    merged = merge_parts(
        [a_part(dict(zip(ids("bd"), (5, 9), strict=True)), 3), a_part(dict(zip(ids("ac"), (5, 1), strict=True)), 8)]
    )

    assert [(entry.article_id[0], entry.count) for entry in merged.entries] == [("d", 9), ("a", 5), ("b", 5), ("c", 1)]
    assert merged.as_of == NOON - timedelta(minutes=8)


def test_without_parts_there_is_no_list_yet():
    assert merge_parts([]) == MergedList(as_of=None, entries=())


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 500), st.integers(1, 60), st.integers(1, 4), st.integers(0, 2**32))
def test_the_merged_list_is_the_top_of_the_whole_and_no_shorter_than_one_list(articles, highest, partitions, seed):
    chance = Random(seed)  # noqa: S311 - so that hypothesis has little to shrink
    counts = {f"{chance.getrandbits(64):032x}": chance.randint(1, highest) for _ in range(articles)}
    skewed = {article_id: min(chance.randrange(partitions), chance.randrange(partitions)) for article_id in counts}
    parts = [a_part({a: counts[a] for a, place in skewed.items() if place == partition}) for partition in range(partitions)]

    merged = merge_parts(parts).entries

    whole = rank(counts)
    assert merged == whole[: len(merged)]
    assert len(merged) >= min(LONGEST_LIST, len(whole))
