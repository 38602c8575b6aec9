"""Loads recognisers of names, by language: which packages they are, and how the texts of each are taken apart into words."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import get_words_and_spaces

from services.enrich.core.spans import Span, SpanRecogniser
from services.enrich.name_model import NameModel, UnknownNetwork

_TEXTS_AT_ONCE = 32  # more are not faster, and a memory zone keeps all of them
_WORDS_KEPT = 20_000  # some 5 MB
#: What is read at once of a text without blanks, in characters: Sudachi takes no more than 49,149 bytes.
_PIECE_CHARACTERS = 1_000
_SENTENCE_ENDS = "。！？\n"  # noqa: RUF001 - these very characters

# All strings of the corpus it learnt from: the few that it looks for come with its parts.
UNUSED_DATA = ["strings"]
_UNUSED_FRENCH = ["tok2vec", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer", *UNUSED_DATA]
_UNUSED_JAPANESE = ["parser", "attribute_ruler", "morphologizer", "compound_splitter", "bunsetu_recognizer", *UNUSED_DATA]

#: Finds the names in documents.
FindNames = Callable[[Sequence[Doc]], list[list[Span]]]


class PlugIn(NamedTuple):
    """A recogniser that is loaded only where it is asked for: its package, the extra that installs it, all packages with a say."""

    package: str
    extra: str
    parts: tuple[str, ...]
    load: Callable[[str], SpanRecogniser]


def load_name_model(nlp: Language) -> FindNames:
    """What finds names in documents: our own reader of spaCy's network, and spaCy's own where the network is another one."""
    shared: Any = nlp.get_pipe("tok2vec") if "tok2vec" in nlp.pipe_names else None
    try:
        find = NameModel(nlp.get_pipe("ner"), shared).recognise
    except UnknownNetwork:
        return lambda documents: [[Span(e.start_char, e.end_char, e.label_) for e in found.ents] for found in nlp.pipe(documents)]
    for name in nlp.pipe_names:
        nlp.remove_pipe(name)  # it has copied what it needs of them
    return find


def build_recogniser(nlp: Language, make_doc: Callable[[str], Doc], find_names: FindNames) -> SpanRecogniser:
    """A recogniser whose memory does not grow with the words that it has seen."""

    def recognise(texts: Sequence[str]) -> list[list[Span]]:
        spans: list[list[Span]] = []
        for first in range(0, len(texts), _TEXTS_AT_ONCE):
            # Else the vocabulary would grow with every new word. The first words stay, among which are all that are frequent.
            with nlp.memory_zone() if len(nlp.vocab) >= _WORDS_KEPT else nullcontext():
                spans += find_names([make_doc(text) for text in texts[first : first + _TEXTS_AT_ONCE]])
        return spans

    return recognise


def load_french(package: str) -> SpanRecogniser:
    """A recogniser of French names: the same network as that of English, so the same reader of it."""
    nlp = importlib.import_module(package).load(exclude=_UNUSED_FRENCH)
    return build_recogniser(nlp, nlp.make_doc, load_name_model(nlp))


def load_japanese(package: str) -> SpanRecogniser:
    """A recogniser of Japanese names: GiNZA's network with Sudachi's dictionary, of which a quarter of the 217 MB is ever read."""
    nlp = importlib.import_module(package).load(exclude=_UNUSED_JAPANESE)
    # spaCy's tokenizer asks Sudachi for readings and forms, too, which no name depends on, and the vocabulary keeps them all.
    split = nlp.tokenizer.tokenizer.tokenize

    def make_doc(text: str) -> Doc:
        encodable = text.encode("utf-8", "replace").decode("utf-8")  # half of a pair of surrogates is no character
        found = [word for word in (morpheme.surface() for morpheme in split(encodable)) if word]
        words, spaces = get_words_and_spaces(found, encodable)
        return Doc(nlp.vocab, words=words, spaces=spaces)

    return read_in_pieces(build_recogniser(nlp, make_doc, load_name_model(nlp)))


def read_in_pieces(recognise: SpanRecogniser) -> SpanRecogniser:
    """A recogniser that is given each text in pieces, which end with a sentence where they can."""

    def recognise_pieces(texts: Sequence[str]) -> list[list[Span]]:
        pieces = [(number, *piece) for number, text in enumerate(texts) for piece in cut_pieces(text)]
        found: list[list[Span]] = [[] for _ in texts]
        spans = recognise([piece for _, _, piece in pieces])
        for (number, offset, _), of_piece in zip(pieces, spans, strict=True):
            found[number] += [Span(span.start + offset, span.end + offset, span.type) for span in of_piece]
        return found

    return recognise_pieces


def cut_pieces(text: str) -> list[tuple[int, str]]:
    """A text in pieces of at most a thousand characters, each with where it begins."""
    pieces: list[tuple[int, str]] = []
    start = 0
    while start < len(text):
        end = start + _PIECE_CHARACTERS
        if end < len(text):
            last = max(text.rfind(mark, start, end) for mark in _SENTENCE_ENDS)
            end = last + 1 if last > start else end
        pieces.append((start, text[start:end]))
        start = end
    return pieces


PLUG_INS: Mapping[str, PlugIn] = {
    "fr": PlugIn("fr_core_news_sm", "ner-fr", ("fr_core_news_sm",), load_french),
    "ja": PlugIn("ja_ginza", "ner-ja", ("ja_ginza", "SudachiDict-core"), load_japanese),
}


def load_others(languages: Sequence[str]) -> tuple[dict[str, SpanRecogniser], list[str]]:
    """The recognisers of languages besides English by code, and of each that cannot be loaded why."""
    loaded: dict[str, SpanRecogniser] = {}
    missing: list[str] = []
    for language in languages:
        plug_in = PLUG_INS[language]
        try:
            loaded[language] = plug_in.load(plug_in.package)
        except Exception as error:  # noqa: BLE001 - whatever a library finds wrong with its model: the service starts without it
            reason = f"no model {plug_in.package} of {language} (the extra {plug_in.extra}), names of places only: {error}"
            missing.append(reason)
    return loaded, missing
