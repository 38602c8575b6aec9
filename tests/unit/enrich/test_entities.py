from services.enrich.core.enrichment import enrich_articles
from services.enrich.core.recognisers import Recognisers
from shared.articles import Entity
from tests.unit.enrich.conftest import NOW, an_article


def entities(headline: str, body: str, recognisers: Recognisers) -> dict[str, Entity]:
    return {entity.name: entity for entity in enrich_articles([an_article(headline, body)], recognisers, NOW)[0].entities}


def test_three_forms_of_a_name_are_one_person_whose_titles_are_the_role(recognisers: Recognisers) -> None:
    body = "Foreign Minister Dr Muhammad Javad Zarif came to Islamabad. Mr Zarif met Gen Bajwa. Zarif left on Friday."
    found = entities("Zarif visits Pakistan", body, recognisers)
    zarif = found["Muhammad Javad Zarif"]
    assert (zarif.count, zarif.role) == (4, "Foreign Minister Dr")
    assert found["Bajwa"].role == "Gen"


def test_a_place_without_a_title_has_no_role(recognisers: Recognisers) -> None:
    assert entities("News", "They met in President Street near Islamabad.", recognisers)["Islamabad"].role is None


def test_names_of_one_country_are_one_entity(recognisers: Recognisers) -> None:
    found = entities("Britain votes", "The UK votes today. In the United Kingdom polls close at ten.", recognisers)
    assert (found["United Kingdom"].count, found["United Kingdom"].entity_id) == (3, "country:GB")


def test_a_nation_is_not_the_state_that_it_is_part_of(recognisers: Recognisers) -> None:
    found = entities("Scotland and Britain", "Scotland is a part of Britain.", recognisers)
    assert (found["Scotland"].country, found["Scotland"].entity_id) == ("GB", "geonames:2638360")
    assert found["Britain"].entity_id == "country:GB"


def test_a_city_has_its_coordinates_and_a_country_the_middle_of_its_people(recognisers: Recognisers) -> None:
    found = entities("News", "Ministers of Iran came to Islamabad.", recognisers)
    assert (found["Islamabad"].latitude, found["Islamabad"].longitude) == (33.7215, 73.0433)
    assert abs((found["Iran"].latitude or 0) - 34) < 3
    assert abs((found["Iran"].longitude or 0) - 52) < 3


def test_a_city_before_the_name_of_a_state_lies_in_it(recognisers: Recognisers) -> None:
    assert entities("News", "The mayor of Paris, Texas, resigned.", recognisers)["Paris"].country == "US"
    assert entities("News", "The mayor of Paris resigned.", recognisers)["Paris"].country == "FR"


def test_places_have_ids_in_every_script(recognisers: Recognisers) -> None:
    arabic = enrich_articles(
        [an_article("باكستان وإيران في القاهرة", "اجتمع وزراء باكستان وإيران في القاهرة يوم الاثنين.")], recognisers, NOW
    )[0]
    assert {entity.entity_id for entity in arabic.entities} == {"country:PK", "country:IR", "geonames:360630"}


def test_what_the_headline_names_is_more_salient_than_what_the_end_names(recognisers: Recognisers) -> None:
    found = entities("Angela Merkel visits Kenya", "Angela Merkel came to Kenya. The weather was fine. Oslo waits.", recognisers)
    assert (found["Angela Merkel"].salience or 0) > (found["Oslo"].salience or 0)


def test_an_article_has_keywords_and_a_length_and_the_publisher_s_keywords_stay(recognisers: Recognisers) -> None:
    body = "The new railway opens in May. The railway took ten years to build, and the tunnel under the lake took six of them."
    article = an_article("A new railway opens", body).model_copy(update={"keywords": ("Transport",)})
    enriched = enrich_articles([article], recognisers, NOW)[0]
    assert enriched.keywords == ("Transport",)
    assert "railway" in enriched.keywords_found
    assert (enriched.word_count, enriched.reading_seconds) == (23, 7)
