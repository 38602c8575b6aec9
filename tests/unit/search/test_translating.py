"""A page is handed over to the translator that the operator has chosen, and to nobody else."""

import pytest

from services.search.core.translating import Handover, build_handovers, is_template

PAGE = "https://news.example/articles/1?a=b&c"


def test_the_address_of_the_page_and_the_language_stand_in_the_template_encoded():
    handovers = build_handovers("https://translate.example/?u={url}&to={language}", PAGE, "en", ("de", "zh-Hant"))

    page = "https%3A%2F%2Fnews.example%2Farticles%2F1%3Fa%3Db%26c"
    assert handovers == (
        Handover(f"https://translate.example/?u={page}&to=de", "de"),
        Handover(f"https://translate.example/?u={page}&to=zh-Hant", "zh-Hant"),
    )


def test_no_page_is_translated_into_its_own_language():
    handovers = build_handovers("https://translate.example/{language}?{url}", PAGE, "en-GB", ("en", "fr", "fr"))

    assert [handover.language for handover in handovers] == ["fr"]


def test_a_translator_that_asks_for_the_language_is_one_link():
    (handover,) = build_handovers("https://translate.example/#{url}", PAGE, "en", ("de", "fr"))

    assert handover.language is None


def test_without_a_translator_there_is_none():
    assert build_handovers(None, PAGE, "en", ("de",)) == ()


@pytest.mark.parametrize(
    ("template", "is_one"),
    [
        ("https://translate.example/?u={url}", True),
        ("http://translate.example/{language}/{url}", True),
        ("https://translate.example/", False),
        ("https://translate.example/?u={url}&k={key}", False),
        ("https://translate.example/?u={url}{", False),
        ("javascript:alert('{url}')", False),
        ("https://{url}", False),
        ("https://translate.example{url}", False),
    ],
)
def test_a_template_is_an_address_of_the_web_with_a_place_for_the_page(template, is_one):
    assert is_template(template) == is_one
