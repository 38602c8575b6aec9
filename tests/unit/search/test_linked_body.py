"""Names in a text lead to the pages of their entities, and the text stays what it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core.linked_body import Run, build_linked_body
from shared.articles import Entity, Mention

BODY = "Iran met Pakistan in New York.\n\nThe New York Times asked Iran.\n\n"


def an_entity(entity_id, *spans, field="body"):
    mentions = tuple(Mention(field=field, start=start, end=end) for start, end in spans)
    return Entity(type="GPE", name="X", count=1, entity_id=entity_id, mentions=mentions)


def linked(body, *entities):
    return [(run.text, run.entity_id) for paragraph in build_linked_body(body, entities) for run in paragraph if run.entity_id]


def test_a_text_is_cut_into_paragraphs_and_those_into_runs():
    paragraphs = build_linked_body(BODY, [an_entity("country:IR", (0, 4)), an_entity("country:PK", (9, 17))])

    assert paragraphs == (
        (Run("Iran", "country:IR"), Run(" met "), Run("Pakistan", "country:PK"), Run(" in New York.")),
        (Run("The New York Times asked Iran."),),
    )


def test_an_entity_is_a_link_where_it_is_first_named_only():
    first, second = build_linked_body(BODY, [an_entity("country:IR", (57, 61), (0, 4))])

    assert first[0] == Run("Iran", "country:IR")
    assert second == (Run("The New York Times asked Iran."),)


def test_a_name_inside_of_a_longer_one_is_no_link():
    city, paper = an_entity("city", (36, 44)), an_entity("paper", (36, 50))

    assert linked(BODY, city, paper) == [("New York Times", "paper")]


def test_a_longer_name_keeps_its_parts_from_being_links_also_where_it_is_named_again():
    body = "The Times. The Times."
    paper, word = an_entity("paper", (4, 9), (15, 20)), an_entity("word", (15, 18))

    assert linked(body, paper, word) == [("Times", "paper")]


@pytest.mark.parametrize("span", [(28, 36), (60, 999), (500, 510), (30, 32)])
def test_mentions_across_paragraphs_beyond_the_text_or_of_nothing_are_left_out(span):
    assert linked(BODY, an_entity("x", span)) == []


def test_mentions_in_the_headline_and_entities_without_an_id_are_no_links_in_the_body():
    assert linked(BODY, an_entity("x", (0, 4), field="headline"), an_entity(None, (0, 4))) == []


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=6)


@given(st.text(alphabet="ab \né😀", max_size=50), st.lists(SPANS, max_size=5))
def test_whatever_is_said_to_be_named_the_text_stays_the_same(body, spans):
    entities = [an_entity(str(number), *own) for number, own in enumerate(spans)]

    paragraphs = build_linked_body(body, entities)

    assert ["".join(run.text for run in paragraph) for paragraph in paragraphs] == [text for text in body.split("\n\n") if text]
    links = [run.entity_id for paragraph in paragraphs for run in paragraph if run.entity_id is not None]
    assert len(links) == len(set(links))
