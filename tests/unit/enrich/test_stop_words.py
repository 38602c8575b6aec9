import pytest

from services.enrich.core.recognisers import Recognisers
from services.enrich.stop_words import load_stop_words

STOP_WORDS = load_stop_words()


@pytest.mark.parametrize(
    ("language", "word"), [("en", "the"), ("de", "und"), ("fa", "از"), ("zh", "我们"), ("nn", "og"), ("bs", "ali")]
)
def test_languages_have_their_stop_words_or_those_of_a_close_relative(language: str, word: str) -> None:
    assert word in STOP_WORDS(language)


@pytest.mark.parametrize("language", ["xx", "und", "", "../en", "zu"])
def test_a_language_without_a_list_has_none(language: str) -> None:
    assert STOP_WORDS(language) == frozenset()


def test_english_verbs_that_are_no_nouns_are_stop_words_where_they_are_known(recognisers: Recognisers) -> None:
    assert {"agreed", "went", "studied"} <= set(recognisers.stop_words("en"))
    assert not {"strike", "vote", "report", "election"} & set(recognisers.stop_words("en"))
