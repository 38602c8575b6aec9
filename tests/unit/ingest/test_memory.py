"""What is remembered of articles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.memory import Draft, Entry, Known, Memory, pack_entry, unpack_entries

ids = st.binary(min_size=16, max_size=16)
eights = st.binary(min_size=8, max_size=8)
knowns = st.builds(Known, ids, st.integers(1, 2**53 - 1), eights, eights, st.booleans(), st.booleans())
entries = st.builds(Entry, knowns, st.lists(ids, max_size=4).map(tuple))


def revision_of(look, number):
    known = look(an_id(number))
    return known and known.revision


def an_id(number):
    return number.to_bytes(16, "big")


def an_entry(number, revision=1, *aliases):
    return Entry(Known(an_id(number), revision), tuple(an_id(alias) for alias in aliases))


@given(st.lists(entries, max_size=5))
def test_what_is_packed_is_unpacked_the_same(some):
    unpacked = list(unpack_entries(b"".join(pack_entry(entry) for entry in some)))

    own = [Entry(e.known, tuple(i for i in e.identities if i != e.known.article_id)) for e in some]
    assert unpacked == own


@given(entries, st.integers(1, 40))
def test_a_record_that_is_cut_is_refused(entry, cut):
    packed = pack_entry(entry)

    with pytest.raises(ValueError, match="too early"):
        list(unpack_entries(packed[:-cut]))


@given(st.permutations([an_entry(1, revision, 100 + revision) for revision in range(1, 6)]))
def test_in_whatever_order_the_highest_revision_is_known_under_every_identity(order):
    memory = Memory(100)
    for entry in order:
        memory.learn(entry)

    assert {revision_of(memory.look, number) for number in (1, *range(101, 106))} == {5}


@given(st.integers(10, 50), st.integers(0, 300))
def test_the_newest_articles_are_known_and_the_oldest_are_forgotten(most, count):
    memory = Memory(most)
    for number in range(count):
        memory.learn(an_entry(number, 1, 10_000 + number))

    known = [number for number in range(count) if memory.look(an_id(number)) and memory.look(an_id(10_000 + number))]
    assert known[-most:] == list(range(max(0, count - most), count))
    assert len(known) <= 2 * most


def test_what_is_judged_together_knows_of_each_other_and_the_memory_does_not_yet():
    memory = Memory(10)
    draft = Draft(memory.look)

    draft.add([an_entry(1, 7, 2)])

    assert revision_of(draft.look, 2) == revision_of(draft.look, 1) == 7
    assert memory.look(an_id(1)) is None
