"""The table of articles behaves as a dictionary that forgets what was put in first."""

from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.story_table import Entry, StoryTable

SLOTS = 5


def entry(article: int, place: int) -> Entry:
    return Entry(bytes([article]) * 16, bytes([place % 256]) * 16, place, place, is_final=place % 2 == 0)


@given(st.lists(st.integers(0, 9), max_size=40))
def test_of_the_newest_entries_the_last_of_each_article_counts(articles: list[int]) -> None:
    table = StoryTable(SLOTS)
    entries = [entry(article, place) for place, article in enumerate(articles)]
    for place, put in enumerate(entries):
        table.put(place % SLOTS, put)
    last = {put.article: (place % SLOTS, put) for place, put in list(enumerate(entries))[-SLOTS:]}
    assert len(table) == len(last)
    for article in range(10):
        slot = table.find(bytes([article]) * 16)
        assert (None if slot is None else (slot, table.at(slot))) == last.get(bytes([article]) * 16)


def test_an_entry_is_changed_in_its_place() -> None:
    table = StoryTable(SLOTS)
    table.put(0, entry(1, 7))
    table.put(1, entry(2, 8))
    table.change(0, entry(1, 9))
    assert table.find(bytes([1]) * 16) == 0
    assert table.at(0) == entry(1, 9)


def test_ids_may_end_in_zeros() -> None:
    table = StoryTable(SLOTS)
    put = Entry(bytes([1] + [0] * 15), bytes(16), 1, 2**63, is_final=True)
    table.put(0, put)
    assert table.at(0) == put
