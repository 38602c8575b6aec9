"""The best of a window, kept as counts change: always what sorting all articles would give."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.popularity.core import ranking
from services.popularity.core.ranking import WindowRanking


def places(of: WindowRanking) -> list[tuple[str, int]]:
    return [(place.article_id, place.count) for place in of.best()]


def article(number: int) -> bytes:
    return f"{number:032x}".encode()


def sorted_places(counts: dict[bytes, int], longest: int) -> list[tuple[str, int]]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(name.decode(), count) for name, count in ranked if count > 0][:longest]


def test_the_highest_count_comes_first() -> None:
    rankings = WindowRanking({article(1): 2, article(2): 3}.items())

    assert places(rankings) == [(f"{2:032x}", 3), (f"{1:032x}", 2)]


def test_equal_counts_come_in_the_order_of_their_articles() -> None:
    rankings = WindowRanking({article(3): 1, article(1): 1, article(2): 1}.items())

    assert [name for name, _ in places(rankings)] == [f"{number:032x}" for number in (1, 2, 3)]


def test_an_article_without_a_count_left_is_not_ranked() -> None:
    rankings = WindowRanking({article(1): 2}.items())

    rankings.subtract(article(1), 2)

    assert rankings.best() == ()
    assert not rankings.counts


def test_an_article_from_behind_comes_up() -> None:
    rankings = WindowRanking({article(number): 2 for number in range(1000)}.items())
    rankings.best()

    rankings.add(article(999), 1)

    assert places(rankings)[0] == (f"{999:032x}", 3)


def test_who_was_behind_comes_up_when_those_before_fall() -> None:
    rankings = WindowRanking({article(number): 5 if number < 500 else 4 for number in range(600)}.items())
    rankings.best()

    for number in range(500):
        rankings.subtract(article(number), 2)

    assert places(rankings) == [(f"{number:032x}", 4) for number in range(500, 600)]


def test_a_pool_that_is_cut_back_forgets_nobody_outside_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("LONGEST_LIST", 3), ("POOL", 5), ("LARGEST_POOL", 8)):
        monkeypatch.setattr(ranking, name, number)
    counts = {article(number): 100 if number < 5 else 50 for number in range(20)}
    rankings = WindowRanking(counts.items())
    for number in range(5, 10):
        rankings.add(article(number), 60)
    for number in (*range(3, 5), *range(5, 10)):
        rankings.subtract(article(number), rankings.counts[article(number)] - 1)

    assert [name for name, _ in places(rankings)] == [f"{number:032x}" for number in range(3)]
    for number in range(3):
        rankings.subtract(article(number), 98)

    assert places(rankings) == [(f"{number:032x}", 50) for number in (10, 11, 12)]


@given(
    start=st.dictionaries(st.integers(0, 30), st.integers(1, 4)),
    steps=st.lists(st.tuples(st.integers(0, 30), st.integers(-4, 4), st.booleans()), max_size=120),
)
@settings(max_examples=300)
def test_the_best_are_those_of_sorting_all(start: dict[int, int], steps: list[tuple[int, int, bool]]) -> None:
    with pytest.MonkeyPatch.context() as small:  # so that a few articles are too many for the pool
        small.setattr(ranking, "LONGEST_LIST", 3)
        small.setattr(ranking, "POOL", 5)
        small.setattr(ranking, "LARGEST_POOL", 8)
        counts = {article(number): count for number, count in start.items()}
        rankings = WindowRanking(counts.items())
        for number, change, look in steps:
            name = article(number)
            if change > 0:
                counts[name] = counts.get(name, 0) + change
                rankings.add(name, change)
            elif change < 0 and counts.get(name, 0) > 0:
                counts[name] = max(counts[name] + change, 0)
                rankings.subtract(name, -change)
            if look:
                assert places(rankings) == sorted_places(counts, 3)
        assert places(rankings) == sorted_places(counts, 3)
