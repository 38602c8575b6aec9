"""The whole recipe: language, names, places; from published articles to enriched ones."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.enrich.core.capitals import lower_capitals
from services.enrich.core.entities import build_entities
from services.enrich.core.keywords import find_keywords
from services.enrich.core.language import BODY_CHARACTERS, DOUBTFUL, UNDETERMINED, DetectedLanguage, detect_language
from services.enrich.core.reading_limits import bound_text
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


def enrich_article(article: ArticlePublished, recognisers: Recognisers, now: datetime, enrichment: int = 0) -> ArticleEnriched:
    """One article with its language and entities; see `enrich_articles`."""
    return enrich_articles([article], recognisers, now, enrichment)[0]


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
    english = [
        is_english(language, said, text.get("body", "")) for text, language, said in zip(texts, languages, declared, strict=True)
    ]
    raw = read_english(texts, english, recognisers)
    return [
        _read(text, language, build_entities(text, spans, recognisers.gazetteer), recognisers)
        for text, language, spans in zip(texts, languages, raw, strict=True)
    ]


def _read(text: Mapping[Field, str], language: DetectedLanguage, entities: tuple[Entity, ...], recognisers: Recognisers) -> Reading:
    keywords = find_keywords(text, language.code, entities, recognisers.stop_words(language.code))
    time = measure_reading_time(text.get("body", ""), language.code)
    return Reading(language, entities, tuple(keyword.name for keyword in keywords), time)


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


def read_english(
    texts: Sequence[Mapping[Field, str]], english: Sequence[bool], recognisers: Recognisers
) -> list[dict[Field, Sequence[Span]] | None]:
    """What the model of English finds in each field of the texts that are English; None for the others."""
    if recognisers.english is None:
        return [None] * len(texts)
    asked = [
        readable_text(bound_text(value), recognisers)
        for text, yes in zip(texts, english, strict=True)
        if yes
        for value in text.values()
    ]
    found = iter(recognisers.english.recognise(asked))
    return [{field: next(found) for field in text} if yes else None for text, yes in zip(texts, english, strict=True)]
