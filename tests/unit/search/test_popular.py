"""Lists of partitions, merged."""

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.search.core.parameters import PopularFilters
from services.search.core.popular import MergedList, choose_parts, merge_parts, wanted_groups
from shared.popularity import EVERYTHING, LONGEST_LIST, ListGroup, Measure, PopularityRanked, RankedArticle, Window, list_id
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

    assert [(place.entry.article_id[0], place.entry.count) for place in merged.places] == [("d", 9), ("a", 5), ("b", 5), ("c", 1)]
    assert merged.as_of == NOON - timedelta(minutes=8)


def test_without_parts_there_is_no_list_yet():
    assert merge_parts([]) == MergedList(as_of=None, places=())


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 500), st.integers(1, 60), st.integers(1, 4), st.integers(0, 2**32))
def test_the_merged_list_is_the_top_of_the_whole_and_no_shorter_than_one_list(articles, highest, partitions, seed):
    chance = Random(seed)  # noqa: S311 - so that hypothesis has little to shrink
    counts = {f"{chance.getrandbits(64):032x}": chance.randint(1, highest) for _ in range(articles)}
    skewed = {article_id: min(chance.randrange(partitions), chance.randrange(partitions)) for article_id in counts}
    parts = [a_part({a: counts[a] for a, place in skewed.items() if place == partition}) for partition in range(partitions)]

    merged = tuple(place.entry for place in merge_parts(parts).places)

    whole = rank(counts)
    assert merged == whole[: len(merged)]
    assert len(merged) >= min(LONGEST_LIST, len(whole))


WORLD, SPORT = ListGroup(section="World"), ListGroup(section="Sport")
SINCE = NOON - timedelta(hours=1)


def a_list(counts, partition=0, group=EVERYTHING, fresh_days=None, left_out=0, as_of=NOON):
    return PopularityRanked(
        list_id=list_id(Measure.VIEWS, Window.DAY, partition, group, fresh_days),
        revision=1,
        measure="views",
        window="24h",
        as_of=as_of,
        partition=partition,
        group=group.id,
        section=group.section,
        fresh_days=fresh_days,
        groups_left_out=left_out,
        groups_since=None if group.id else SINCE,
        entries=rank(dict(zip(ids(counts), counts.values(), strict=True))),
    )


def chosen(found, *groups, within_days=None):
    return {part.list_id for part in choose_parts(found, groups, within_days)}


def test_what_is_asked_for_is_the_lists_of_every_combination_of_values():
    filters = PopularFilters(section=("World", "Sport"), language=("en",))

    assert wanted_groups(filters) == (ListGroup(section="World", language="en"), ListGroup(section="Sport", language="en"))
    assert wanted_groups(PopularFilters()) == (EVERYTHING,)


def test_of_recent_articles_there_are_lists_by_one_value_only():
    assert wanted_groups(PopularFilters(section=("World",), language=("en",), published_within_days=3)) == (WORLD,)


def test_too_many_combinations_are_narrowed_down_from_all_articles():
    sections = tuple(f"Section {number}" for number in range(10))

    assert wanted_groups(PopularFilters(section=sections, language=("en", "fr", "de"))) == (EVERYTHING,)


def test_a_group_is_read_from_its_own_lists_and_a_partition_without_one_has_no_such_articles():
    found = [a_list({"a": 9, "b": 3}), a_list({"b": 3}, group=WORLD), a_list({"c": 2}, partition=1)]

    assert chosen(found, WORLD) == {list_id(Measure.VIEWS, Window.DAY, 0, WORLD)}


def test_where_groups_are_left_out_the_list_of_all_articles_stands_in():
    found = [a_list({"a": 9}, left_out=5), a_list({"b": 3}, partition=1, left_out=5), a_list({"b": 3}, 1, WORLD)]

    assert chosen(found, WORLD, SPORT) == {"views.24h.p0", "views.24h.p1", list_id(Measure.VIEWS, Window.DAY, 1, WORLD)}


def test_an_article_of_two_lists_stands_in_the_merged_one_once():
    merged = merge_parts([a_list({"a": 9, "b": 3}), a_list({"b": 3}, group=WORLD)])

    assert [place.entry.article_id[0] for place in merged.places] == ["a", "b"]


def test_a_list_of_a_group_that_is_older_than_the_present_groups_is_void():
    found = [a_list({"a": 9}), a_list({"b": 3}, group=WORLD, as_of=SINCE - timedelta(seconds=1))]

    assert chosen(found, WORLD) == set()


def test_recent_articles_are_read_from_the_list_of_the_fewest_days_that_are_enough():
    found = [a_list({"a": 9}, fresh_days=days) for days in (None, 1, 7)]

    assert chosen(found, EVERYTHING, within_days=2) == {"views.24h.fresh7.p0"}
    assert chosen(found, EVERYTHING, within_days=30) == {"views.24h.p0"}
    assert chosen(found, EVERYTHING) == {"views.24h.p0"}


def test_scores_rank_before_counts_where_there_are_any():
    scored = [
        RankedArticle(article_id=name * 32, count=count, score=score) for name, count, score in (("a", 9, 1.5), ("b", 1, 2.5))
    ]
    merged = merge_parts([a_list({}).model_copy(update={"entries": (entry,)}) for entry in scored])

    assert [place.entry.article_id[0] for place in merged.places] == ["b", "a"]
    assert not merged.is_cut
