"""The explanation is a second look with the same functions: it must tell of the same article what the first look made of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrich.core.enrichment import enrich_articles
from services.enrich.core.explanation import Explanation, explain_article
from services.enrich.core.name_origins import trace_dropped, trace_names
from services.enrich.core.recognisers import Recognisers
from services.enrich.core.spans import Field, Span
from tests.unit.enrich.conftest import NOW, an_article

HEADLINE = "Bank of England warns Britain"
BODY = (
    "The governor, Andrew Bailey, said in London that the UK economy shrinks. Bailey met the mayor of Paris, Texas, on Friday. "
    "The Vienna-based agency was silent. The Kurdistan Democratic Party ( KDP ) waits. Hamburg 2 Hansa Rostock 0"
)


@pytest.fixture(scope="module")
def explained(recognisers: Recognisers) -> Explanation:
    return explain_article(HEADLINE, BODY, "en-GB", recognisers)


def reasons(explained: Explanation, text: str) -> list[str]:
    return [origin.reason for origin in explained.names if origin.text == text]


def test_it_tells_of_what_enrich_finds(explained: Explanation, recognisers: Recognisers) -> None:
    enriched = enrich_articles([an_article(HEADLINE, BODY)], recognisers, NOW)[0]
    assert explained.entities == enriched.entities
    assert tuple(keyword.name for keyword in explained.keywords) == enriched.keywords_found
    assert (explained.language.code, explained.time.words) == (enriched.language, enriched.word_count)


def test_every_mention_has_a_reason(explained: Explanation) -> None:
    mentions = {(m.field, m.start, m.end) for entity in explained.entities for m in entity.mentions}
    assert {(origin.field, origin.start, origin.end) for origin in explained.names} == mentions


def test_of_the_language_it_tells_what_each_identifier_said_that_was_asked(explained: Explanation) -> None:
    assert [opinion.identifier for opinion in explained.opinions] == ["cld2", "fasttext"]
    assert all(opinion.said[0][0] == "en" for opinion in explained.opinions)
    assert explained.identifiers == 3


def test_a_short_text_makes_it_ask_all_identifiers(recognisers: Recognisers) -> None:
    assert len(explain_article("Live", "", None, recognisers).opinions) == 3


def test_a_name_that_the_model_saw_is_said_to_be(explained: Explanation) -> None:
    assert "model: saw 'Andrew Bailey' as PERSON" in reasons(explained, "Andrew Bailey")


def test_borders_that_were_moved_are_told() -> None:
    texts: dict[Field, str] = {"body": "He left the Kremlin's gate."}
    (origin,) = trace_names(texts, {"body": [Span(8, 21, "ORG")]}, {"body": []}, {"body": [Span(12, 19, "ORG")]})
    assert origin.reason.startswith('model: saw "the Kremlin\'s" as ORG; borders')


def test_a_type_that_was_changed_is_told_with_the_cause() -> None:
    texts: dict[Field, str] = {"body": "They joined Vlaams Party."}
    (origin,) = trace_names(texts, {"body": [Span(12, 24, "PERSON")]}, {"body": []}, {"body": [Span(12, 24, "ORG")]})
    assert "type: ORG because of its last word" in origin.reason


def test_a_name_in_a_result_is_said_to_be_found_by_its_notation(explained: Explanation) -> None:
    assert reasons(explained, "Hansa Rostock") == ["rule: the notation of results"]


def test_a_short_form_in_brackets_is_said_to_be(explained: Explanation) -> None:
    assert reasons(explained, "KDP") == ["rule: the short form, in brackets, of the organisation before it"]


def test_what_is_no_name_after_all_is_told_with_the_reason(explained: Explanation) -> None:
    dropped = {origin.text: origin.reason for origin in explained.dropped}
    assert "compound" in dropped["Vienna"]
    assert "not kept" in dropped["Friday"]


def test_a_name_for_an_idea_is_told_to_be_none() -> None:
    origins = trace_dropped({"body": "He fears Islamophobia."}, {"body": [Span(9, 21, "ORG")]}, {"body": []}, {"body": []})
    assert [(origin.text, origin.type) for origin in origins] == [("Islamophobia", None)]
    assert "an idea" in origins[0].reason


def test_why_a_place_lies_in_this_country_is_told(explained: Explanation) -> None:
    choices = {choice.name: choice for choice in explained.places}
    assert len(choices["Paris"].candidates) > 1
    assert "part of US" in choices["Paris"].reason
    assert "names its country, GB" in choices["London"].reason


def test_a_language_without_a_model_has_names_from_the_gazetteer(recognisers: Recognisers) -> None:
    spanish = explain_article("El presidente de Alemania", "El presidente de Alemania llega a Madrid el lunes.", "es", recognisers)
    assert spanish.read_as is None
    assert reasons(spanish, "Madrid") == ["gazetteer: city in ES, GeoNames 3117735"]


def test_the_fingerprint_of_its_story_is_there_unless_it_has_next_to_no_words(
    explained: Explanation, recognisers: Recognisers
) -> None:
    assert explained.fingerprint is not None
    assert explain_article("Live", "", None, recognisers).fingerprint is None


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(["Dr.", "Angela", "Merkel", "'s", "BERLIN", "IN", "3", "-", "(", "KDP", "2", "Paris", ",", "\n", "北京"])
    )
)
def test_whatever_the_text_all_that_was_found_has_a_reason(recognisers: Recognisers, words: list[str]) -> None:
    told = explain_article(" ".join(words[:4]), " ".join(words), None, recognisers)
    assert len(told.names) == sum(entity.count for entity in told.entities)
    assert all(origin.reason for origin in [*told.names, *told.dropped])
