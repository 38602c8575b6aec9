"""Names and directions of languages."""

import pytest

from services.search.core.languages import NAMES, language_name, text_direction
from shared.indices import ANALYSED_LANGUAGES


@pytest.mark.parametrize(
    ("language", "direction"),
    [("ar", "rtl"), ("fa-IR", "rtl"), ("ur", "rtl"), ("he", "rtl"), ("en", "ltr"), ("und", "auto"), ("arn", "ltr")],
)
def test_arabic_persian_urdu_and_hebrew_run_from_right_to_left(language, direction):
    assert text_direction(language) == direction


def test_every_analysed_language_has_a_name():
    assert set(ANALYSED_LANGUAGES) <= set(NAMES)


def test_a_region_or_an_unknown_language_has_a_name_too():
    assert [language_name(code) for code in ("pt-BR", "xx", "und")] == ["português", "xx", "language unknown"]
