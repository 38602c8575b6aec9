import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.roles import choose_role, role_before


@pytest.mark.parametrize(
    ("before", "role"),
    [
        ("Foreign Minister Dr ", "Foreign Minister Dr"),
        ("He met Gen. ", "Gen."),
        ("the former president ", "former president"),
        ("said Prime Minister ", "Prime Minister"),
        ("Army Chief of Staff Gen ", "Gen"),
        ("the Vice-President ", "Vice-President"),
        ("President-elect ", "President-elect"),
        ("The governor, ", "governor"),
        ("so Mr ", "Mr"),
    ],
)
def test_the_title_before_a_name_is_the_role(before: str, role: str) -> None:
    assert role_before(before + "Zarif", len(before)) == role


@pytest.mark.parametrize(
    "before",
    [
        "",
        "at home ",
        "his father ",
        "a private ",
        "Pakistan and ",
        "the health ",
        "the minister. ",
        "the minister\n",
        "ministers, ",
    ],
)
def test_other_words_before_a_name_are_no_role(before: str) -> None:
    assert role_before(before + "Zarif", len(before)) is None


def test_of_several_roles_an_office_stands_before_a_courtesy() -> None:
    assert choose_role(["Mr", "Mr", "Foreign Minister"]) == "Foreign Minister"
    assert choose_role(["Mr"]) == "Mr"


def test_of_several_offices_the_one_used_most_is_taken() -> None:
    assert choose_role(["Senator", "President", "President"]) == "President"


def test_without_a_title_there_is_no_role() -> None:
    assert choose_role([]) is None


@given(st.text(alphabet="aA.-,' Minister\n"), st.integers(0, 40))
def test_a_role_is_always_a_part_of_the_text_before(text: str, start: int) -> None:
    role = role_before(text, min(start, len(text)))
    assert role is None or " ".join(role.split()) in " ".join(text[:start].split())
