"""What stands where on the front page."""

from services.search.core.front import FrontPage, build_front_page
from tests.unit.search.builders import a_hit


def latest(*sections):
    return [a_hit(article_id=f"{number:032x}", section=section) for number, section in enumerate(sections)]


def numbers(hits):
    return [int(hit.article_id, 16) for hit in hits]


def test_the_newest_leads_four_stand_beside_it_and_the_rest_by_section():
    hits = latest("A", "A", "B", "B", "B", "B", None, "A", "B", "C", "B", "B", "B")

    front = build_front_page(hits)

    assert front.lead == hits[0]
    assert numbers(front.beside) == [1, 2, 3, 4]
    assert [(block.name, numbers(block.hits)) for block in front.sections] == [
        ("B", [5, 8, 10, 11]),
        ("A", [7]),
        ("C", [9]),
        (None, [6]),
    ]


def test_without_articles_it_is_empty():
    assert build_front_page([]) == FrontPage(None, (), ())
