"""The project's first real input: who and what the seed page names."""

from pathlib import Path

import pytest

from services.enrich.core.enrichment import enrich_articles
from services.enrich.core.recognisers import Recognisers
from shared.articles import ArticleEnriched
from tests.unit.enrich.conftest import NOW, an_article

PAGE = Path(__file__).parents[4] / "shared/data/pages/000_59c3989c5ee98e8e.txt"
HEADLINE = "Iran Vows to Build ‘Comprehensive’ Relationship with Pakistan"


@pytest.fixture(scope="module")
def seed(recognisers: Recognisers) -> ArticleEnriched:
    if not PAGE.exists():
        pytest.skip(f"the seed page is not here: {PAGE}")
    _, paragraphs = PAGE.read_text(encoding="utf-8").split(f"\n\n{HEADLINE}\n\n")
    body = paragraphs[: paragraphs.index("RELATED ARTICLES")]
    return enrich_articles([an_article(HEADLINE, body)], recognisers, NOW)[0]


def test_the_seed_page_is_english(seed: ArticleEnriched) -> None:
    assert seed.language == "en"
    assert seed.language_confidence > 0.9


def test_its_four_persons_are_found_with_their_full_names(seed: ArticleEnriched) -> None:
    persons = {entity.name for entity in seed.entities if entity.type == "PERSON"}
    assert persons == {"Muhammad Javad Zarif", "Imran Khan", "Shah Mehmood Qureshi", "Qamar Javed Bajwa"}


def test_its_six_places_are_found(seed: ArticleEnriched) -> None:
    places = {entity.name for entity in seed.entities if entity.type in {"GPE", "LOC"}}
    assert places == {"Iran", "Pakistan", "Afghanistan", "Islamabad", "Rawalpindi", "Kashmir"}


def test_places_say_where_they_are(seed: ArticleEnriched) -> None:
    countries = {entity.name: entity.country for entity in seed.entities if entity.type == "GPE"}
    assert countries["Rawalpindi"] == "PK"
    assert countries["Iran"] == "IR"


def test_nobody_and_no_abstract_noun_is_an_organisation(seed: ArticleEnriched) -> None:
    assert {entity.name for entity in seed.entities if entity.type == "ORG"} <= {"General Headquarters"}


def test_short_forms_count_for_the_person(seed: ArticleEnriched) -> None:
    counts = {entity.name: entity.count for entity in seed.entities}
    assert counts["Muhammad Javad Zarif"] == 6
    assert counts["Imran Khan"] == 3
    assert counts["Shah Mehmood Qureshi"] == 3


def test_every_mention_points_at_the_published_text(seed: ArticleEnriched) -> None:
    texts = {"headline": seed.headline, "body": seed.body}
    for entity in seed.entities:
        for mention in entity.mentions:
            assert set(texts[mention.field][mention.start : mention.end].split()) <= set(entity.name.split())
