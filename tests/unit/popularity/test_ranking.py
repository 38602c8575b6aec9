"""The best of every group: always what sorting the articles of each group alone would give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.popularity.core import ranking
from services.popularity.core.ranking import (
    MASKS,
    PLAIN_MASKS,
    Candidates,
    groups_of,
    number_groups,
    pack,
    rank_groups,
    section_of,
    unpack,
)

#: An article: its score, and its section, language and publisher; 0 is none.
Article = tuple[float, int, int, int]
ARTICLES = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), max_size=40)


def ranked(articles: list[Article], chosen: set[int], longest: int, masks: tuple[int, ...] = MASKS) -> dict[int, list[int]]:
    """The rows in every list; the order of the ids of the articles is the reverse of that of their rows."""
    rows = np.arange(len(articles))
    codes, kinds = np.unique(np.array([pack(s, la, p) for _, s, la, p in articles], np.int64), return_inverse=True)
    scores = np.array([score for score, *_ in articles], np.float64)
    numbers = np.array(sorted(chosen), np.int64)
    members = tuple(number_groups(codes, numbers, mask) for mask in masks)
    found = rank_groups(Candidates(rows, scores, rows[::-1], kinds.astype(np.uint32), members), numbers, longest)
    assert all(places.scores.tolist() == [articles[row][0] for row in places.rows] for places in found.values())
    return {group: places.rows.tolist() for group, places in found.items()}


def sorted_alone(articles: list[Article], group: int, longest: int) -> list[int]:
    members = [(-score, -row) for row, (score, s, la, p) in enumerate(articles) if group in groups_of(pack(s, la, p))]
    return [-row for _, row in sorted(members)][:longest]


@given(ARTICLES, st.integers(1, 4), st.sampled_from((1.0, 0.37)))
def test_the_best_of_every_group_are_those_of_sorting_it_alone(counted: list[Article], longest: int, unit: float) -> None:
    assert_sorted_alone(counted, longest, unit)


@given(ARTICLES, st.integers(1, 4), st.sampled_from((1.0, 0.37)), st.integers(1, 3))
def test_groups_that_have_few_of_the_very_best_are_ranked_as_well(
    counted: list[Article], longest: int, unit: float, lists: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "_SOME_LISTS", lists)
        assert_sorted_alone(counted, longest, unit)


def assert_sorted_alone(counted: list[Article], longest: int, unit: float) -> None:
    articles = [(score * unit, section, language, publisher) for score, section, language, publisher in counted]
    groups = {0} | {group for _, s, la, p in counted for group in groups_of(pack(s, la, p))}

    assert ranked(articles, groups, longest) == {
        group: rows for group in groups if (rows := sorted_alone(articles, group, longest))
    }


def test_groups_that_were_not_chosen_are_not_ranked() -> None:
    assert set(ranked([(1, 1, 1, 1)], {0, pack(1, 0, 0)}, 10)) == {0, pack(1, 0, 0)}


def test_plain_masks_are_all_articles_and_one_value_each() -> None:
    chosen = set(groups_of(pack(1, 1, 1)))

    assert set(ranked([(1, 1, 1, 1)], chosen, 10, PLAIN_MASKS)) == {0, pack(1, 0, 0), pack(0, 1, 0), pack(0, 0, 1)}


def test_an_article_is_in_the_groups_whose_values_it_has() -> None:
    assert len(groups_of(pack(1, 2, 3))) == len(MASKS)
    assert set(groups_of(pack(1, 0, 3))) == {0, pack(1, 0, 0), pack(0, 0, 3), pack(1, 0, 3)}
    assert groups_of(0) == [0]


@pytest.mark.parametrize("values", [(0, 0, 0), (1, 2, 3), ((1 << 24) - 1, (1 << 14) - 1, (1 << 24) - 1)])
def test_a_group_is_unpacked_as_it_was_packed(values: tuple[int, int, int]) -> None:
    code = pack(*values)

    assert unpack(code) == values
    assert code >= 0
    assert section_of(np.array([code]))[0] == pack(values[0], 0, 0)
