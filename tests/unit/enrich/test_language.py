import pytest

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


def test_an_identifier_that_is_not_sure_is_not_believed() -> None:
    assert detect_language("Most Popular", "", [lambda _: [("fr", 0.3), ("en", 0.2)]]).code == "und"


def test_a_confidence_is_never_more_than_one() -> None:
    assert detect_language("Good morning", "", [lambda _: [("en", 1.0002)]]).confidence == pytest.approx(1.0)
