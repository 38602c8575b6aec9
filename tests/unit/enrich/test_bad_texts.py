"""Texts that are none, too long, or in no known language: each is enriched like any other, in less time than the limit."""

import random
from typing import Any

import pytest

from services.enrich.core.fingerprint import build_fingerprint
from services.enrich.core.language import DOUBTFUL
from services.enrich.core.reading_limits import (
    LONGEST_NAME,
    LONGEST_WORD,
    READ_CHARACTERS,
    READ_TOKENS,
    READ_UNSPACED_CHARACTERS,
    bound_text,
    bound_unspaced_text,
)
from services.enrich.core.recognisers import Recognisers
from services.enrich.events import enrich_events
from services.enrich.time_limit import TimeLimit
from shared.articles import ArticleEnriched
from shared.outcomes import DeadLetterCode, DeadLettered, Published
from tests.builders import NOON, an_article, an_event, body_of

CHANCE = random.Random(7)  # noqa: S311 - a test must give the same every time
MEGABYTE = 1_000_000


def a_name() -> str:
    return "".join(CHANCE.choices(["ba", "co", "du", "fe", "gi", "ho", "ju", "ka", "lo", "mu"], k=4)).title()


TEXTS = {
    "empty": "",
    "one word": "Oslo",
    "a megabyte": "Prime Minister Ada Lund met Dr Muhammad Javad Zarif in Oslo on Monday, said Mr Zarif. " * (MEGABYTE // 86),
    "10,000 different persons": " ".join(f"{a_name()} {a_name()} said." for _ in range(10_000)),
    "10,000 persons of one first name": " ".join(f"Mohammed {a_name()} spoke, said Mohammed." for _ in range(10_000)),
    "a word of letters": "a" * 500_000,
    "a word of capitals": "A" * 500_000,
    "a word of initials": "A." * 250_000,
    "a word with hyphens": "A-" * 250_000,
    "a word of quotation marks": "”“" * 250_000,
    "a word of brackets": "(" * 500_000,
    "a word of figures": "1," * 250_000,
    "a word of ideographs": "北京" * 160_000,
    "an encoded picture": "".join(CHANCE.choices("ABCDEFabcdef0123456789+/", k=500_000)),
    "lines": "a\n\n" * (MEGABYTE // 3),
    "results": "Leeds 2 Hansa Rostock 0 " * (MEGABYTE // 24),
    "emoji": "😀👩‍👩‍👧 Oslo 🇳🇴 " * 1_000,
    "only emoji": "😀👩‍👩‍👧" * 60_000,
    "accents without letters": "\u0301" * 300_000,
    "right-to-left marks": "\u200fایران\u200f و \u200eپاکستان\u200e " * 2_000,
    "no language": "Zxqv blorf wug snarp. " * 500,
    "the language of no model": "ᎣᏏᏲ ᏣᎳᎩ ᎠᏰᎵ ᎤᏙᎯᏳᎯ " * 200,
}


def enriched(recognisers: Recognisers, **fields: Any) -> ArticleEnriched:
    """The article, enriched within the limit that the service has; not by the clock, which other processes slow down."""
    limit = TimeLimit(clock_seconds=600)
    (outcome,) = enrich_events([an_event(an_article(**fields))], recognisers, lambda _: ["0" * 32], NOON, limit)
    assert isinstance(outcome, Published), outcome
    found = body_of(outcome.records[0])
    assert isinstance(found, ArticleEnriched)
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_whatever_the_body_it_is_enriched_in_time_with_every_mention_inside_of_its_text(
    recognisers: Recognisers, name: str
) -> None:
    article = enriched(recognisers, headline="The harbour bridge of Oslo reopens", body=TEXTS[name])

    texts = {"headline": article.headline, "body": article.body}
    assert "Oslo" in [entity.name for entity in article.entities]
    for entity in article.entities:
        assert len(entity.name) <= LONGEST_NAME
        for mention in entity.mentions:
            assert mention.end <= len(texts[mention.field])
            assert texts[mention.field][mention.start : mention.end].strip()


@pytest.mark.parametrize("name", TEXTS)
def test_whatever_the_body_its_fingerprint_can_be_taken(name: str) -> None:
    assert build_fingerprint("The harbour bridge of Oslo reopens", TEXTS[name]) is None or TEXTS[name]


FOREIGN = {
    "fr": (
        "Les obsèques de Paul Garnier à Paris",
        {
            "25,000 words": "Le président Paul Garnier a reçu jeudi Claire Lemoine à Paris, selon la Banque de France. " * 1_600,
            "a megabyte": "Le maire de Nantes, Paul Garnier, est venu à Paris jeudi. " * (MEGABYTE // 57),
            "a word": "l'" * 250_000,
            "signs": "«»" * 250_000,
            "lines": "a\n\n" * (MEGABYTE // 3),
            "different persons": " ".join(f"{a_name()} {a_name()} parle." for _ in range(10_000)),
        },
    ),
    "ja": (
        "山本健一首相がパリを訪問",
        {
            "25,000 words": "山本健一首相は東京でトヨタ自動車の佐藤誠社長と会談し、経済について話した。" * 1_300,
            "a megabyte": "山本健一首相は東京で佐藤誠社長と会談した。" * (MEGABYTE // 21),
            "no sentences": "山本健一首相" * 100_000,
            "one ideograph": "山" * 300_000,
            "a word in katakana": "アイウ" * 150_000,
            "a word of letters": "ab" * 200_000,
            "full stops": "。" * 400_000,
            "blanks": "東\u3000" * 200_000,
            "emoji": "😀東京👩‍👩‍👧" * 50_000,
            "voiced marks": "か\u3099" * 150_000,
        },
    ),
}


@pytest.mark.parametrize(("language", "name"), [(language, name) for language, (_, texts) in FOREIGN.items() for name in texts])
def test_whatever_the_body_in_french_or_japanese_it_is_enriched_in_time_or_a_dead_letter_of_its_own(
    all_recognisers: Recognisers, language: str, name: str
) -> None:
    headline, texts = FOREIGN[language]
    article = enriched(all_recognisers, headline=headline, body=texts[name], language=language)

    assert {"Paris", "パリ"} & {entity.name for entity in article.entities}
    for entity in article.entities:
        for mention in entity.mentions:
            text = article.headline if mention.field == "headline" else article.body
            assert text[mention.start : mention.end].strip()


@pytest.mark.parametrize("language", ["fr", "ja"])
def test_a_recogniser_that_takes_too_long_is_stopped_and_its_article_is_a_dead_letter(
    all_recognisers: Recognisers, language: str
) -> None:
    headline, texts = FOREIGN[language]
    event = an_event(an_article(headline=headline, body=texts["25,000 words"], language=language))
    limit = TimeLimit(processor_seconds=0.15, clock_seconds=600)

    (outcome,) = enrich_events([event], all_recognisers, lambda _: ["0" * 32], NOON, limit)

    assert isinstance(outcome, DeadLettered)
    assert outcome.code is DeadLetterCode.TOO_SLOW


def test_a_text_without_blanks_is_given_as_it_is_but_for_what_is_no_word() -> None:
    text = "山本健一首相は東京で会談した。" * 100
    long = "a" * (LONGEST_WORD + 1)

    assert bound_unspaced_text(text) == text
    assert bound_unspaced_text(f"東京{long}大阪" + "。" * 200) == f"東京{' ' * len(long)}大阪" + " " * 200
    assert len(bound_unspaced_text(text * 100)) == READ_UNSPACED_CHARACTERS


def test_a_word_that_is_in_no_language_is_in_none_for_sure(recognisers: Recognisers) -> None:
    assert enriched(recognisers, headline="Qxz", body="").language_confidence < DOUBTFUL


def test_a_language_that_no_model_knows_is_und_or_in_doubt_and_what_was_declared_is_kept(recognisers: Recognisers) -> None:
    article = enriched(recognisers, headline="𞤆𞤵𞤤𞤢𞤪", body="𞤆𞤵𞤤𞤢𞤪 𞤲𞤣𞤵 𞤢𞤣𞤤𞤢𞤥 " * 20, language="ff")

    assert article.language == "und"
    assert article.language_declared == "ff"


def test_emoji_and_marks_leave_names_and_offsets_as_they_are(recognisers: Recognisers) -> None:
    article = enriched(
        recognisers, headline="Talks", body="😀👩‍👩‍👧 Ada Lund met \u200fEmmanuel Macron\u200e in Oslo 🇳🇴 on Monday.", language="en"
    )

    said = {article.body[m.start : m.end] for entity in article.entities for m in entity.mentions if m.field == "body"}
    assert {"Ada Lund", "Oslo"} <= said


def test_names_behind_a_word_that_is_none_are_still_found(recognisers: Recognisers) -> None:
    article = enriched(
        recognisers, headline="Talks in the harbour town", body="A." * 1000 + " Ada Lund met Emmanuel Macron in Oslo."
    )

    assert {"Ada Lund", "Emmanuel Macron", "Oslo"} <= {entity.name for entity in article.entities}


def test_a_model_gets_the_beginning_of_a_text_with_every_offset_as_it_was() -> None:
    long = "x" * (LONGEST_WORD + 1)
    address = "https://a.example/" + "a" * (LONGEST_WORD - 18)

    assert bound_text(f"Ada {long} Lund {address}") == f"Ada {' ' * len(long)} Lund {address}"
    assert len(bound_text("word " * 50_000)) == READ_CHARACTERS
    assert bound_text("a. " * 20_000) == "a. " * (READ_TOKENS // 2)
    assert bound_text("a\n\n" * 20_000) == "a\n\n" * (READ_TOKENS // 2)


def test_an_ordinary_text_is_given_as_it_is() -> None:
    text = "The bridge over the harbour reopened on Monday.\n\n" * 100

    assert bound_text(text) is text
