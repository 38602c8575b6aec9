from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.capitals import lower_capitals, title_capitals

ORDINARY = {"beat", "in", "and", "cup", "wins", "the"}


def test_a_headline_in_capitals_is_read_as_running_text() -> None:
    assert lower_capitals("LIECHTENSTEIN BEAT U.S. IN CUP", ORDINARY.__contains__) == "Liechtenstein beat U.S. in cup"


def test_acronyms_in_running_text_stay() -> None:
    text = "The EU and NATO met the UN in Geneva."
    assert lower_capitals(text, ORDINARY.__contains__) == text


def test_a_single_place_in_capitals_can_be_looked_up() -> None:
    assert title_capitals("LONDON 1996-08-30 UN U.S.") == "London 1996-08-30 UN U.S."


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_every_offset_stays(text: str) -> None:
    assert len(lower_capitals(text, ORDINARY.__contains__)) == len(text)
    assert len(title_capitals(text)) == len(text)
