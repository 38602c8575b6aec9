"""Delays between attempts."""

from hypothesis import given
from hypothesis import strategies as st

from shared.backoff import Backoff


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_delay_lies_below_the_longest_and_above_nothing(failures, draw):
    delay = Backoff(0.5, 30.0).delay_seconds(failures, lambda low, high: low + draw * (high - low))

    assert 0 < delay <= 30.0


def test_the_ceiling_doubles_until_it_is_reached():
    assert [Backoff(0.5, 3.0).ceiling_seconds(n) for n in range(1, 6)] == [0.5, 1.0, 2.0, 3.0, 3.0]
