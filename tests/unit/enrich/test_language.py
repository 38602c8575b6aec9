import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.language import detect_language
from services.enrich.core.recognisers import Recognisers


@pytest.mark.parametrize(
    ("headline", "code"),
    [
        ("Iran vows to build a comprehensive relationship with Pakistan", "en"),
        ("Pakistan ve İran dışişleri bakanları İslamabad'da bir araya geldi", "tr"),
        ("وزیر خارجہ نے ایران کا دورہ کیا اور وزیر اعظم سے ملاقات کی", "ur"),
        ("وزیر امور خارجه ایران با نخست‌وزیر پاکستان دیدار کرد", "fa"),
        ("Министр иностранных дел Ирана посетил Пакистан", "ru"),
        ("外務大臣は首相と会談した", "ja"),
    ],
)
def test_a_headline_tells_its_language(headline: str, code: str, recognisers: Recognisers) -> None:
    assert detect_language(headline, "", recognisers.identify_language).code == code


def test_the_body_helps_a_headline_that_says_nothing(recognisers: Recognisers) -> None:
    body = "Der Außenminister sprach am Mittwoch mit dem Premierminister über den Handel zwischen beiden Ländern."
    assert detect_language("Live", body, recognisers.identify_language).code == "de"


@pytest.mark.parametrize("text", ["12:30", "...", "2 - 1"])
def test_text_without_words_has_no_language(text: str, recognisers: Recognisers) -> None:
    found = detect_language(text, "", recognisers.identify_language)
    assert (found.code, found.confidence) == ("und", 0.0)


def test_identifiers_of_which_each_says_something_else_are_not_believed() -> None:
    opinions = [lambda _: [("fr", 0.9)], lambda _: [("en", 0.3)], lambda _: [("it", 0.8)]]
    assert detect_language("Paris Saint-Germain", "", opinions).code == "und"


def test_the_language_with_the_highest_mean_probability_wins() -> None:
    opinions = [lambda _: [("hr", 0.6), ("sr", 0.3)], lambda _: [("sr", 0.9)], lambda _: [("bs", 0.5), ("sr", 0.4)]]
    found = detect_language("Dobar dan", "", opinions)
    assert found.code == "sr"
    assert found.confidence == pytest.approx((0.3 + 0.9 + 0.4) / 3)


def test_two_that_agree_and_are_sure_are_enough() -> None:
    def never_asked(text: str) -> list[tuple[str, float]]:
        raise AssertionError(text)

    assert detect_language("Good morning", "", [lambda _: [("en", 0.8)], lambda _: [("en", 0.9)], never_asked]).code == "en"


@pytest.mark.parametrize(("old", "code"), [("no", "nb"), ("iw", "he"), ("zh-Hant", "zh"), ("sh", "hr")])
def test_old_and_group_codes_become_those_of_today(old: str, code: str) -> None:
    assert detect_language("text", "", [lambda _: [(old, 0.9)]]).code == code


@given(headline=st.text(max_size=60), body=st.text(max_size=60))
def test_whatever_the_text_there_is_an_answer(headline: str, body: str, recognisers: Recognisers) -> None:
    found = detect_language(headline, body, recognisers.identify_language)
    assert re.fullmatch(r"([a-z]{2,3})(-[A-Za-z0-9]{2,8})*", found.code)
    assert 0 <= found.confidence <= 1


def test_a_confidence_is_never_more_than_one() -> None:
    assert detect_language("Good morning", "", [lambda _: [("en", 1.0002)]]).confidence == pytest.approx(1.0)
