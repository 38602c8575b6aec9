"""Measures how well and how fast enrich recognises names and languages: `make bench NAME=recognition`.

Beside each figure stands that of the parts it is made of: the plain model of names, each language identifier alone. The data
are third parties' and lie beside the project; without them this says so and measures nothing.
"""

import importlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from services.enrich.core.enrichment import enrich_articles
from services.enrich.core.entities import build_entities
from services.enrich.core.french_names import TYPES as FRENCH_TYPES
from services.enrich.core.japanese_names import TYPES as JAPANESE_TYPES
from services.enrich.core.language import LanguageIdentifier, detect_language
from services.enrich.core.name_customs import CUSTOMS
from services.enrich.core.recognisers import Recognisers
from services.enrich.core.spans import Span, SpanRecogniser
from services.enrich.models import ENGLISH_MODEL, load_language_identifiers, load_recognisers
from services.enrich.name_recognisers import PLUG_INS, load_others
from services.enrich.recognise import recognise
from shared.articles import ArticlePublished
from tests.benchmarks.enriching import measure_service
from tests.unit.enrich.marked_names import kinds_of, read_marked

DATA = Path(__file__).parents[3] / "shared" / "data"
#: What each label of the data and of OntoNotes is in the comparison; others do not count.
TYPES = {"person": "P", "politician": "P", "organisation": "O", "politicalparty": "O", "location": "L", "country": "L"} | {
    "PERSON": "P", "ORG": "O", "GPE": "L", "LOC": "L", "FAC": "L"
}  # fmt: skip
WORDS, ARTICLES, REPETITIONS = 400, 60, 5
OTHER_LANGUAGES = ("fr", "de", "es", "pt", "it", "nl", "ru", "uk", "ar", "fa", "ur", "tr", "hi", "zh", "ja", "ko", "id")
CHARACTERS = 2400
#: Of the models of other languages, by what each calls them.
RAW_TYPES = {"fr": FRENCH_TYPES, "ja": JAPANESE_TYPES}
ENTITY_FILES = ("conll2003-dev", "politics-dev")

Names = set[tuple[int, int, str]]


class Sentence(NamedTuple):
    """Tokens joined by blanks, and the names in them."""

    text: str
    names: Names


def read_conll(path: Path) -> Iterator[Sentence]:
    """The sentences of a file of tokens with BIO tags."""
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        rows = [line.split() for line in block.splitlines() if line.strip()]
        spans: list[tuple[int, int, str]] = []
        position = 0
        for word, tag in rows:
            end = position + len(word)
            if tag[0] == "I" and spans:
                spans[-1] = (spans[-1][0], end, spans[-1][2])
            elif tag != "O":
                spans.append((position, end, tag[2:]))
            position = end + 1
        yield Sentence(" ".join(row[0] for row in rows), {(a, b, TYPES[t]) for a, b, t in spans if t in TYPES})


def f1(gold: Sequence[Names], found: Sequence[Names]) -> float:
    """Micro F1 over exact spans with their type."""
    right = sum(len(one & other) for one, other in zip(gold, found, strict=True))
    return 2 * right / (sum(map(len, gold)) + sum(map(len, found)))


def load_plain_model() -> SpanRecogniser:
    """The model of names with spaCy, as its manual runs it."""
    nlp = importlib.import_module(ENGLISH_MODEL).load(enable=["ner"])

    def recognise_plainly(texts: Sequence[str]) -> list[list[Span]]:
        return [[Span(e.start_char, e.end_char, e.label_) for e in document.ents] for document in nlp.pipe(texts)]

    return recognise_plainly


def measure_entities(recognisers: Recognisers, plain_model: SpanRecogniser, path: Path) -> tuple[float, float, float]:
    """F1 of the plain model, of ours sentence by sentence, and of ours with twenty sentences as one text."""
    sentences = list(read_conll(path))
    gold = [sentence.names for sentence in sentences]
    plain = [
        {(span.start, span.end, TYPES[span.type]) for span in spans if span.type in TYPES}
        for spans in plain_model([sentence.text for sentence in sentences])
    ]
    alone = [_names(recognise(sentence.text, recognisers)) for sentence in sentences]
    together: list[Names] = []
    for first in range(0, len(sentences), 20):
        block = sentences[first : first + 20]
        names = _names(recognise(" ".join(sentence.text for sentence in block), recognisers))
        start = 0
        for sentence in block:
            end = start + len(sentence.text)
            together.append({(a - start, b - start, kind) for a, b, kind in names if start <= a < end})
            start = end + 1
    return f1(gold, plain), f1(gold, alone), f1(gold, together)


def _names(answer: dict[str, Any]) -> Names:
    return {
        (mention["start"], mention["end"], TYPES[entity["type"]])
        for entity in answer["entities"]
        if entity["type"] in TYPES
        for mention in entity["mentions"]
    }


def measure_languages(
    lines: Sequence[tuple[str, str]], identifiers: Sequence[LanguageIdentifier], cut: int | None
) -> tuple[float, float]:
    """Accuracy over lines with their language, read up to `cut` characters; and lines a second."""
    started = time.perf_counter()
    right = sum(detect_language(line[:cut], "", identifiers).code == code for code, line in lines)
    return right / len(lines), len(lines) / (time.perf_counter() - started)


def read_articles() -> list[ArticlePublished]:
    """Real news articles in English, each of 400 words in paragraphs of fifty."""
    truth = json.loads((DATA / "extraction" / "ground-truth.json").read_text(encoding="utf-8"))
    articles = []
    for number, page in enumerate(truth.values()):
        words = page["articleBody"].split()[:WORDS]
        if len(words) < WORDS:
            continue
        paragraphs = [" ".join(words[first : first + 50]) for first in range(0, len(words), 50)]
        articles.append(
            ArticlePublished(
                article_id=f"{number:032x}",
                revision=1,
                headline=" ".join(words[:8]),
                body="\n\n".join(paragraphs),
                date_retrieved=datetime(2024, 11, 21, tzinfo=UTC),
            )
        )
    return articles[:ARTICLES]


class Speed(NamedTuple):
    """Articles of 400 words a second by the clock, and how much of the plain model's speed is left, by processor time."""

    plain: float
    ours: float
    ratio: float


def measure_speed(recognisers: Recognisers, plain_model: SpanRecogniser) -> Speed:
    """The plain model on the bodies, in turns with enrich on the articles; the best of each, the median of the ratios."""
    now = datetime(2024, 11, 21, tzinfo=UTC)
    articles = [a for a in read_articles() if detect_language(a.headline, a.body, recognisers.identify_language).code == "en"]
    bodies = [article.body for article in articles]
    turns = [
        (timed(lambda: plain_model(bodies)), timed(lambda: enrich_articles(articles, recognisers, now))) for _ in range(REPETITIONS)
    ]
    plain, ours = (len(articles) / min(turn[side][0] for turn in turns) for side in (0, 1))
    return Speed(plain, ours, median(plain_cpu / our_cpu for (_, plain_cpu), (_, our_cpu) in turns))


def measure_other_languages(recognisers: Recognisers) -> float:
    """Articles of some 2,400 characters in languages of news but English, a second of processor time; the best of all turns."""
    now = datetime(2024, 11, 21, tzinfo=UTC)
    articles = []
    for language in OTHER_LANGUAGES:
        lines = (DATA / "languages" / f"{language}.txt").read_text(encoding="utf-8").splitlines()
        text = "\n".join(lines)
        for first in range(0, min(len(text), 5 * CHARACTERS), CHARACTERS):
            body = text[first : first + CHARACTERS]
            articles.append(
                ArticlePublished(article_id="0" * 32, revision=1, headline=body[:80].strip() or "-", body=body, date_retrieved=now)
            )
    # Some lines of these files are in English.
    articles = [a for a in articles if detect_language(a.headline, a.body, recognisers.identify_language).code != "en"]
    return max(len(articles) / timed(lambda: enrich_articles(articles, recognisers, now))[1] for _ in range(REPETITIONS))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and seconds of processor time, which a busy machine changes less."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def compare_languages(recognisers: Recognisers, every: int) -> dict[str, float]:
    """A row for each language identifier alone, and for all together, over every n-th line."""
    files = sorted((DATA / "languages").glob("*.txt"))
    lines = [(file.stem, line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()][::every]
    say(f"{f'{len(files)} languages':42}", "sentences", "a second", "40 signs", "a second")
    alone = {name: [identify] for name, identify in load_language_identifiers().items()}
    figures: dict[str, float] = {}
    for name, identifiers in {**alone, "ours": recognisers.identify_language}.items():
        whole, whole_rate = measure_languages(lines, identifiers, None)
        short, short_rate = measure_languages(lines, identifiers, 40)
        say(f"  {name:40}", f"{whole:.3f}", f"{whole_rate:.0f}", f"{short:.3f}", f"{short_rate:.0f}")
        figures = {"language_accuracy": whole, "language_accuracy_40": short}
    return figures


def compare_entities(recognisers: Recognisers, plain_model: SpanRecogniser, files: Sequence[str]) -> dict[str, float]:
    """A row for each file: the plain model, ours sentence by sentence, ours with twenty sentences as one text."""
    say(f"{'names, micro F1':42}", "plain model", "sentences", "blocks")
    figures: dict[str, float] = {}
    for name in files:
        plain, alone, together = measure_entities(recognisers, plain_model, DATA / "entities" / f"{name}.conll")
        say(f"  {name:40}", f"{plain:.3f}", f"{alone:.3f}", f"{together:.3f}")
        figures.setdefault("entity_f1", alone)
    return figures


def compare_other_names(recognisers: Recognisers) -> dict[str, float]:
    """A row for each other language with a recogniser, on sentences of our own: the plain model with our types, and ours."""
    others, missing = load_others(tuple(PLUG_INS))
    for reason in missing:
        say(reason)
    figures: dict[str, float] = {}
    for language, recognise_raw in others.items():
        sentences = read_marked(language)
        gold = [sentence.names for sentence in sentences]
        plain, ours = [], []
        for sentence, raw in zip(sentences, recognise_raw([sentence.text for sentence in sentences]), strict=True):
            typed = [span._replace(type=RAW_TYPES[language].get(span.type, "")) for span in raw]
            entities = build_entities({"body": sentence.text}, {"body": raw}, recognisers.gazetteer, CUSTOMS[language])
            plain.append(kinds_of(typed))
            ours.append(kinds_of([Span(m.start, m.end, entity.type) for entity in entities for m in entity.mentions]))
        figures |= {f"entity_f1_{language}": f1(gold, ours), f"entity_f1_{language}_plain": f1(gold, plain)}
        say(f"  {f'{len(sentences)} sentences of our own, {language}':40}", f"{f1(gold, plain):.3f}", f"{f1(gold, ours):.3f}")
    return figures


def say(row: str, *columns: str) -> None:
    """One row of the table, for whoever started this."""
    print(row + "".join(f"{column:>14}" for column in columns), flush=True)  # noqa: T201 - it is what the benchmark is for


def run(*, quick: bool) -> dict[str, float]:
    """Print tables; the figures.

    These are entity_f1, entity_f1_fr and entity_f1_ja with those of the plain models (_plain), language_accuracy and _40,
    english_articles_per_second and its ratio_to_plain_spacy, other_articles_per_second, and those of
    `tests.benchmarks.enriching`. `quick` takes one of the two files of names, every tenth sentence of the languages, and a
    tenth of the articles.
    """
    if not DATA.exists():
        say(f"skipped: no data in {DATA}")
        return {}
    recognisers = load_recognisers()
    if recognisers.english is None:
        say(f"nothing to compare: {recognisers.degraded}")
        return {}
    plain_model = load_plain_model()
    figures = compare_entities(recognisers, plain_model, ENTITY_FILES[: 1 if quick else None])
    figures |= compare_other_names(recognisers)
    figures |= compare_languages(recognisers, 10 if quick else 1)
    speed = measure_speed(recognisers, plain_model)
    say(f"{'':42}", "plain model", "ours", "ratio")
    say(f"{'English articles of 400 words a second':42}", f"{speed.plain:.1f}", f"{speed.ours:.1f}", f"{speed.ratio:.2f}")
    others = measure_other_languages(recognisers)
    say(f"{'articles in other languages a second':42}", "", f"{others:.0f}")
    figures |= {"english_articles_per_second": speed.ours, "ratio_to_plain_spacy": speed.ratio}
    figures["other_articles_per_second"] = others
    pages = json.loads((DATA / "extraction" / "ground-truth.json").read_text(encoding="utf-8")).values()
    files = [DATA / "languages" / f"{language}.txt" for language in OTHER_LANGUAGES]
    service = measure_service([page["articleBody"] for page in pages], [file.read_text("utf-8") for file in files], quick=quick)
    for name, figure in service.items():
        say(f"{name.replace('_', ' '):42}", "", f"{figure:.2f}")
    return {name: round(figure, 4) for name, figure in (figures | service).items()}
