"""Recognisers of French and Japanese: how good they are, what they keep in memory, and what happens where one cannot be loaded."""

from itertools import pairwise
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.enrich.core.entities import build_entities
from services.enrich.core.name_customs import CUSTOMS
from services.enrich.core.recognisers import Recognisers
from services.enrich.core.spans import Span
from services.enrich.models import name_recognisers
from services.enrich.name_recognisers import PLUG_INS, cut_pieces, load_others, read_in_pieces
from services.enrich.settings import ModelSettings
from tests.unit.enrich.marked_names import kinds_of, measure_f1, read_marked


@pytest.mark.parametrize(("language", "least"), [("fr", 0.88), ("ja", 0.92)])
def test_of_our_own_sentences_most_names_are_found_with_their_borders_and_types(
    all_recognisers: Recognisers, language: str, least: float
) -> None:
    sentences = read_marked(language)
    raw = all_recognisers.others[language]([sentence.text for sentence in sentences])
    found = []
    for sentence, spans in zip(sentences, raw, strict=True):
        entities = build_entities({"body": sentence.text}, {"body": spans}, all_recognisers.gazetteer, CUSTOMS[language])
        found.append(kinds_of([Span(m.start, m.end, entity.type) for entity in entities for m in entity.mentions]))
    assert len(sentences) >= 30
    assert measure_f1([sentence.names for sentence in sentences], found) >= least


def test_a_model_that_cannot_be_loaded_is_left_out_with_the_reason_whatever_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_package: str) -> NoReturn:
        raise KeyError("no such dictionary")

    monkeypatch.setitem(PLUG_INS, "fr", PLUG_INS["fr"]._replace(package="no_such_package"))
    monkeypatch.setitem(PLUG_INS, "ja", PLUG_INS["ja"]._replace(load=fails))

    loaded, (french, japanese) = load_others(("fr", "ja"))

    assert loaded == {}
    assert french.startswith("no model no_such_package of fr (the extra ner-fr), names of places only: No module")
    assert "no such dictionary" in japanese


def test_the_model_and_the_dictionary_of_a_language_stand_among_the_versions() -> None:
    assert name_recognisers(None, ("fr",)).startswith("fr_core_news_sm/3.8.0 ")
    assert name_recognisers(None, ("ja",)).startswith("ja_ginza/5.3.0 SudachiDict-core/")


def test_languages_are_chosen_by_their_codes_and_one_without_a_recogniser_is_refused() -> None:
    assert ModelSettings().recognisers == ()
    assert ModelSettings.model_validate({"recognisers": "fr, ja fr"}).recognisers == ("fr", "ja")
    with pytest.raises(ValidationError, match="no recogniser knows de; there are fr, ja, and English always"):
        ModelSettings.model_validate({"recognisers": "de"})


WORDS = st.sampled_from(
    [
        "山本健一首相",
        "は",
        "東京",
        "で",
        "。",
        "\n",
        "\u3000",
        " ",
        "トヨタ自動車",
        "の",
        "😀",
        "Ada Lund",
        "徳島（とくしま）",
        "\ud800",
        "が\u3099",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=30).map("".join))
def test_every_japanese_name_has_its_place_in_the_text_as_it_is(all_recognisers: Recognisers, text: str) -> None:
    (spans,) = all_recognisers.others["ja"]([text])
    assert all(text[span.start : span.end].strip() for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


def test_a_name_behind_odd_characters_is_where_the_text_has_it(all_recognisers: Recognisers) -> None:
    text = "😀\u3000\n が\u3099\ud800 徳島（とくしま）で、山本健一首相は語った。"
    (spans,) = all_recognisers.others["ja"]([text])
    assert "山本健一" in [text[span.start : span.end] for span in spans]


@given(st.text(alphabet="字。\nア", max_size=5_000))
def test_pieces_are_the_text_and_none_is_long(text: str) -> None:
    pieces = cut_pieces(text)
    assert "".join(piece for _, piece in pieces) == text
    assert all(text[start : start + len(piece)] == piece and 0 < len(piece) <= 1_000 for start, piece in pieces)


def test_a_piece_ends_with_a_sentence_where_it_can() -> None:
    assert [piece[-1] for _, piece in cut_pieces("字" * 600 + "。" + "字" * 700)] == ["。", "字"]


def test_names_behind_the_first_piece_keep_their_places() -> None:
    def first_character(texts: object) -> list[list[Span]]:
        return [[Span(0, 1, "X")] for _ in list(texts)]  # type: ignore[call-overload]

    assert read_in_pieces(first_character)(["", "字" * 2_500]) == [
        [],
        [Span(0, 1, "X"), Span(1_000, 1_001, "X"), Span(2_000, 2_001, "X")],
    ]
