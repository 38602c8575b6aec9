"""The whole recipe: language, names, places; from published articles to enriched ones."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.enrich.core.capitals import lower_capitals
from services.enrich.core.entities import build_entities
from services.enrich.core.keywords import find_keywords
from services.enrich.core.language import BODY_CHARACTERS, DOUBTFUL, UNDETERMINED, DetectedLanguage, detect_language
from services.enrich.core.name_customs import CUSTOMS
from services.enrich.core.reading_limits import bound_text, bound_unspaced_text
from services.enrich.core.reading_time import ReadingTime, measure_reading_time
from services.enrich.core.recognisers import Recognisers
from services.enrich.core.spans import Field, Span
from services.enrich.core.titles import rewrite_bare_ranks
from shared.articles import ArticleEnriched, ArticlePublished, Entity

#: What of an article's entities travels: a record holds 1 MiB, a document 10,000 nested entities.
MOST_ENTITIES = 500
MOST_MENTIONS = 100
# Languages that share the probability with another one, whatever the length of a text.
_CLOSE_RELATIVES = frozenset(["bs", "hr", "id", "ms", "sr"])
_LATIN, _LETTER = re.compile("[A-Za-z]"), re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a text tells about it."""

    language: DetectedLanguage
    entities: tuple[Entity, ...]
    keywords: tuple[str, ...]
    time: ReadingTime


def enrich_articles(
    articles: Sequence[ArticlePublished], recognisers: Recognisers, now: datetime, enrichment: int = 0
) -> list[ArticleEnriched]:
    """Articles with their language and entities, in the same order; what was published stays as it was.

    Args:
        articles: A batch; the model is asked once for all of it.
        recognisers: The models and word lists.
        now: When this happens.
        enrichment: Which enrichment of the same revisions this is, 0 being the first.
    """
    texts: list[dict[Field, str]] = [{"headline": article.headline, "body": article.body} for article in articles]
    readings = read_texts(texts, recognisers, [article.language for article in articles])
    return [
        ArticleEnriched(
            **article.model_dump(exclude={"language"}),
            language=reading.language.code,
            language_confidence=reading.language.confidence,
            language_declared=article.language,
            entities=_bounded(reading.entities),
            keywords_found=reading.keywords,
            word_count=reading.time.words,
            reading_seconds=reading.time.seconds,
            enrichment=enrichment,
            recogniser=recognisers.versions,
            date_enriched=now,
        )
        for article, reading in zip(articles, readings, strict=True)
    ]


def _bounded(entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """What fits into an event: the first of many entities, which are named most, and of their mentions; `count` stays true."""
    return tuple(
        entity.model_copy(update={"mentions": entity.mentions[:MOST_MENTIONS]}) if len(entity.mentions) > MOST_MENTIONS else entity
        for entity in entities[:MOST_ENTITIES]
    )


def read_texts(texts: Sequence[Mapping[Field, str]], recognisers: Recognisers, declared: Sequence[str | None]) -> list[Reading]:
    """Language, entities, keywords and length of texts, each of one or more fields, with the language that its source declares."""
    languages = [detect_language(text.get("headline", ""), text.get("body", ""), recognisers.identify_language) for text in texts]
    read_as = [
        choose_recogniser(language, said, text.get("body", ""), recognisers)
        for text, language, said in zip(texts, languages, declared, strict=True)
    ]
    raw = find_raw_spans(texts, read_as, recognisers)
    return [
        _read(text, language, build_entities(text, spans, recognisers.gazetteer, CUSTOMS.get(name or "")), recognisers)
        for text, language, name, spans in zip(texts, languages, read_as, raw, strict=True)
    ]


def _read(text: Mapping[Field, str], language: DetectedLanguage, entities: tuple[Entity, ...], recognisers: Recognisers) -> Reading:
    keywords = find_keywords(text, language.code, entities, recognisers.stop_words(language.code))
    time = measure_reading_time(text.get("body", ""), language.code)
    return Reading(language, entities, tuple(keyword.name for keyword in keywords), time)


def choose_recogniser(language: DetectedLanguage, declared: str | None, body: str, recognisers: Recognisers) -> str | None:
    """The language as which names are looked for in a text; None where no recogniser knows it.

    Where it is in doubt which language a text is in, what its source says decides between those that a recogniser knows.
    """
    said = (declared or "").split("-")[0].lower()
    is_doubtful = language.code == UNDETERMINED or language.confidence < DOUBTFUL
    if is_doubtful and said in recognisers.others:
        return said
    if language.code in recognisers.others and not (is_doubtful and said == "en"):
        return language.code
    return "en" if recognisers.english is not None and is_english(language, declared, body) else None


def is_english(language: DetectedLanguage, declared: str | None, body: str = "") -> bool:
    """Whether to read a text as English: it is, or nobody knows which language it is and its source does not object.

    With enough of a body an identifier that is unsure between close relatives, as Indonesian and Malay are, is sure that it is not
    English; and what is mostly written in other letters is not.
    """
    if language.code == "en":
        return True
    if language.code in _CLOSE_RELATIVES and len(body) >= BODY_CHARACTERS:
        return False
    is_doubtful = language.code == UNDETERMINED or language.confidence < DOUBTFUL
    return is_doubtful and (declared or "en").split("-")[0] == "en" and 2 * len(_LATIN.findall(body)) >= len(_LETTER.findall(body))


def readable_text(text: str, recognisers: Recognisers) -> str:
    """English as the model learnt it: capitals as running text, ranks with a full stop; every offset as it was."""

    def is_common(word: str) -> bool:
        return recognisers.english is not None and recognisers.english.is_common(word)

    return rewrite_bare_ranks(lower_capitals(text, lambda word: is_common(word) and not recognisers.gazetteer.exists(word.title())))


def find_raw_spans(
    texts: Sequence[Mapping[Field, str]], read_as: Sequence[str | None], recognisers: Recognisers
) -> list[dict[Field, Sequence[Span]] | None]:
    """What the recogniser of its language finds in each field of each text; None for those of a language without one."""
    found: list[dict[Field, Sequence[Span]] | None] = [None] * len(texts)
    for language in sorted(set(filter(None, read_as))):
        numbers = [number for number, name in enumerate(read_as) if name == language]
        spans = iter(_ask_recogniser(language, [value for number in numbers for value in texts[number].values()], recognisers))
        for number in numbers:
            found[number] = {field: next(spans) for field in texts[number]}
    return found


def _ask_recogniser(language: str, texts: Sequence[str], recognisers: Recognisers) -> Sequence[Sequence[Span]]:
    if language == "en" and recognisers.english is not None:
        return recognisers.english.recognise([readable_text(bound_text(text), recognisers) for text in texts])
    bound = bound_text if CUSTOMS[language].has_blanks else bound_unspaced_text
    return recognisers.others[language]([bound(text) for text in texts])
