"""What French and Japanese write around names, and what of it belongs to them."""

import pytest

from services.enrich.core.entities import build_entities, locate_places
from services.enrich.core.folding import NamedMention, fold_mentions, full_name
from services.enrich.core.known_names import spread_names
from services.enrich.core.name_customs import CUSTOMS, refine_by_customs
from services.enrich.core.recognisers import Recognisers
from services.enrich.core.spans import Span


def refined(language: str, text: str, *raw: tuple[str, str], recognisers: Recognisers) -> list[tuple[str, str]]:
    spans = [Span(text.index(name), text.index(name) + len(name), kind) for name, kind in raw]
    places = locate_places({"body": text}, recognisers.gazetteer, CUSTOMS[language])["body"]
    return [(text[s.start : s.end], s.type) for s in refine_by_customs(text, spans, places, CUSTOMS[language])]


@pytest.mark.parametrize(
    ("text", "raw", "names"),
    [
        ("M. Paul Garnier parle.", [("M. Paul Garnier", "PER")], [("Paul Garnier", "PERSON")]),
        ("Le président Paul Garnier parle.", [("Le président Paul Garnier", "PER")], [("Paul Garnier", "PERSON")]),
        ("Il vit à Athènes le Premier ministre.", [("Athènes le Premier ministre", "LOC")], [("Athènes", "GPE")]),
        ("Le Val de la Loire est vert.", [("Val de la Loire", "LOC")], [("Val de la Loire", "LOC")]),
        ("La France attend.", [("La France", "LOC")], [("France", "GPE")]),
        ("Le Monde titre.", [("Le Monde", "ORG")], [("Le Monde", "ORG")]),
        ("Il attend à la gare du Nord.", [("gare du Nord", "LOC")], [("gare du Nord", "FAC")]),
        ("L'Union européenne vote.", [("Union européenne", "LOC")], [("Union européenne", "ORG")]),
        ("Le film La Haine est sorti.", [("La Haine", "MISC")], []),
        ("Le ministre des Finances du Sénégal part.", [("Finances du Sénégal", "ORG")], [("Sénégal", "GPE")]),
        ("Paul Garnier a dit oui.", [("Paul Garnier a dit", "PER")], [("Paul Garnier", "PERSON")]),
        ("Le projet avance.", [("projet", "ORG")], []),
    ],
)
def test_french_names_have_no_article_or_title_and_the_type_that_their_words_or_the_gazetteer_tell(
    recognisers: Recognisers, text: str, raw: list[tuple[str, str]], names: list[tuple[str, str]]
) -> None:
    assert refined("fr", text, *raw, recognisers=recognisers) == names


@pytest.mark.parametrize(
    ("before", "role"),
    [
        ("Le président ", "président"),
        ("le Premier ministre grec, ", "Premier ministre grec"),
        ("la ministre de l'Économie ", "ministre de l'Économie"),
        ("selon l'ancien maire de Nantes ", "ancien maire de Nantes"),
        ("le président a reçu le chancelier allemand ", "chancelier allemand"),
        ("le préfet ", "préfet"),
        ("Mme ", "Mme"),
        ("Le maire a reçu ", None),
        ("Le chat de ", None),
        ("", None),
    ],
)
def test_the_office_before_a_french_name_is_the_role(before: str, role: str | None) -> None:
    assert CUSTOMS["fr"].role(before + "Ada Lund", len(before), len(before) + 8) == role


@pytest.mark.parametrize(
    ("text", "raw", "names"),
    [
        ("山本氏は語った。", [("山本氏", "Person")], [("山本", "PERSON")]),
        ("東京都内で会談した。", [("東京都内", "Province")], [("東京都", "GPE")]),
        ("札幌市で雪が降った。", [], [("札幌市", "GPE")]),
        ("架空市（かくうし）で", [("架空市（かくうし）", "City")], [("架空市", "GPE")]),
        ("国際通貨基金の会合", [("国際通貨基金", "Person")], [("国際通貨基金", "ORG")]),
        ("立憲民主党は", [], []),
        ("早稲田大学で", [("早稲田大学", "School")], [("早稲田大学", "ORG")]),
        ("成田空港に", [("成田空港", "Airport")], [("成田空港", "FAC")]),
        ("12日に", [("12日", "Date")], []),
        ("首相は", [("首相", "Position_Vocation")], []),
    ],
)
def test_japanese_names_have_no_form_of_address_and_the_type_that_the_table_or_their_end_tells(
    recognisers: Recognisers, text: str, raw: list[tuple[str, str]], names: list[tuple[str, str]]
) -> None:
    assert refined("ja", text, *raw, recognisers=recognisers) == names


@pytest.mark.parametrize(
    ("behind", "role"), [("首相は", "首相"), ("前大統領の", "前大統領"), ("財務相", "財務相"), ("さんが", "さん"), ("が来た", None)]
)
def test_the_office_behind_a_japanese_name_is_the_role(behind: str, role: str | None) -> None:
    assert CUSTOMS["ja"].role("山本健一" + behind, 0, 4) == role


def test_a_japanese_surname_alone_means_the_only_person_of_that_name() -> None:
    names = ["山本健一", "山本", "山本", "森喜朗"]
    folded = fold_mentions([NamedMention("body", place, place + 1, name, "PERSON") for place, name in enumerate(names)])
    assert [(full_name(group), len(group)) for _, group in folded] == [("山本健一", 3), ("森喜朗", 1)]


def test_without_blanks_a_known_name_is_found_inside_of_running_text_but_not_inside_of_a_longer_word_in_katakana() -> None:
    text = "トヨタ自動車が、トヨタ自動車社長は、トヨタは、トヨタシティで。"
    found = spread_names({"body": text}, {"body": [Span(0, 6, "ORG"), Span(18, 21, "ORG")]}, has_blanks=False)["body"]
    assert [text[span.start : span.end] for span in found] == ["トヨタ自動車", "トヨタ自動車", "トヨタ"]


def test_a_place_in_japanese_has_its_country_and_id_with_the_word_for_a_city_behind_it(recognisers: Recognisers) -> None:
    (city,) = build_entities({"body": "札幌市で"}, {"body": []}, recognisers.gazetteer, CUSTOMS["ja"])
    assert (city.name, city.country, city.entity_id) == ("札幌市", "JP", "geonames:2128295")
