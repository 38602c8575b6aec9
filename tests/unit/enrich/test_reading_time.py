import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.reading_time import measure_reading_time


def test_words_stand_between_blanks_and_punctuation_is_none() -> None:
    assert measure_reading_time("Don't - well-known U.S. 3.5 % !", "en").words == 4


@pytest.mark.parametrize(("language", "seconds"), [("en", 60), ("ar", 100), ("xx", 75)])
def test_reading_takes_as_long_as_measured_for_the_language_else_as_the_mean_of_all(language: str, seconds: int) -> None:
    assert measure_reading_time("word " * 228, language).seconds == seconds


def test_chinese_is_read_by_the_character() -> None:
    assert measure_reading_time("北京" * 255, "zh") == (319, 120)


def test_japanese_is_read_by_the_character() -> None:
    assert measure_reading_time("東京タワ" * 357, "ja").seconds == 240


def test_thai_words_are_estimated() -> None:
    time = measure_reading_time("ประเทศไทย" * 100, "th")
    assert (time.words, time.seconds) == (225, 63)


def test_words_in_two_scripts_are_added() -> None:
    assert measure_reading_time("iPhone 发布会", "zh").words == 1 + 2


def test_a_vowel_sign_does_not_end_a_word() -> None:
    assert measure_reading_time("हिन्दी में", "hi").words == 2


@pytest.mark.parametrize("text", ["", " \n", "– – !", "😀"])
def test_without_words_there_is_nothing_to_read(text: str) -> None:
    assert measure_reading_time(text, "en") == (0, 0)


@given(st.text(), st.sampled_from(["en", "zh", "ja", "th", "und"]))
def test_a_text_twice_is_never_shorter(text: str, language: str) -> None:
    once, twice = (measure_reading_time(each, language) for each in (text, f"{text} {text}"))
    assert twice.words >= once.words >= 0
    assert twice.seconds >= once.seconds >= 0
