import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.titles import rewrite_bare_ranks, title_length


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Dr. Muhammad Javad Zarif", "Muhammad Javad Zarif"),
        ("Foreign Minister Shah Mehmood Qureshi", "Shah Mehmood Qureshi"),
        ("Lt Gen Qamar Javed Bajwa", "Qamar Javed Bajwa"),
        ("Prime Minister Imran Khan", "Imran Khan"),
        ("Imran Khan", "Imran Khan"),
    ],
)
def test_a_title_is_no_part_of_the_name(written: str, name: str) -> None:
    assert written[title_length(written) :] == name


def test_a_name_is_never_all_title() -> None:
    assert title_length("Prime Minister") == len("Prime ")
    assert title_length("Major") == 0


def test_a_rank_without_its_full_stop_is_written_so_that_the_model_knows_it() -> None:
    assert rewrite_bare_ranks("military chief Gen Qamar Javed Bajwa") == "military chief Mr. Qamar Javed Bajwa"
    assert rewrite_bare_ranks("Gen Z buys less") == "Gen Z buys less"


@given(st.text(alphabet=st.sampled_from("GenLtMaj. QZ'")))
def test_rewriting_keeps_every_offset(text: str) -> None:
    assert len(rewrite_bare_ranks(text)) == len(text)
