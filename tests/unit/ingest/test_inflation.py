"""Inflating within limits."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.inflation import MOST_MEMBERS, NotInflated, inflate_gzip

MOST = 10_000_000


@given(st.lists(st.binary(max_size=1000), min_size=1, max_size=MOST_MEMBERS))
def test_honest_files_of_few_members_come_back(parts):
    assert inflate_gzip(b"".join(map(gzip.compress, parts)), MOST) == b"".join(parts)


@given(st.binary(max_size=200))
def test_nothing_crashes_it(garbage):
    inflate_gzip(garbage, MOST)
    inflate_gzip(gzip.compress(b"text")[: len(garbage)] + garbage, MOST)


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (gzip.compress(b"\0" * 50_000_000), "inflates to more than"),
        (gzip.compress(b"x" * 2_000_000), "inflates to more than"),
        (gzip.compress(b"") * 10_000, "more than 4 gzip members"),
        (gzip.compress(b"text")[:-6], "end too early"),
        (b"<rss/>", "not gzip"),
        (gzip.compress(b"a") + b"trailing", "not gzip"),
    ],
)
def test_bombs_and_broken_files_are_refused_with_a_reason(packed, reason):
    refused = inflate_gzip(packed, MOST)

    assert isinstance(refused, NotInflated)
    assert reason in refused.reason
