"""A hash table of fixed size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.fixed_table import FixedTable

keys = st.binary(min_size=2, max_size=2)
values = st.binary(min_size=3, max_size=3)


@given(st.lists(st.tuples(keys, values), max_size=60), st.lists(keys))
def test_it_is_a_dict(pairs, others):
    table = FixedTable(60, 2, 3)
    for key, value in pairs:
        table.put(key, value)

    assert len(table) == len(dict(pairs))
    assert {key: table.get(key) for key in [*dict(pairs), *others]} == {
        key: dict(pairs).get(key) for key in [*dict(pairs), *others]
    }


def test_a_full_table_takes_new_values_but_no_new_keys():
    table = FixedTable(1, 2, 3)
    table.put(b"k1", b"one")

    table.put(b"k1", b"two")

    assert (table.has_room(1), table.get(b"k1")) == (False, b"two")
    with pytest.raises(OverflowError):
        table.put(b"k2", b"one")
