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


def test_of_the_newest_five_the_first_with_a_picture_leads_where_pictures_are_shown():
    hits = [a_hit(article_id=f"{n:032x}", image_url=f"https://a.example/{n}" if n in (2, 3) else None) for n in range(7)]

    front = build_front_page(hits, prefers_pictures=True)

    assert front.lead == hits[2]
    assert numbers(front.beside) == [0, 1, 3, 4]
    assert build_front_page(hits).lead == hits[0]


def test_a_picture_further_down_does_not_lead():
    hits = [a_hit(article_id=f"{n:032x}", image_url="https://a.example/5" if n == 5 else None) for n in range(7)]

    assert build_front_page(hits, prefers_pictures=True).lead == hits[0]


def test_of_a_story_only_the_newest_article_stands_there():
    stories = ["a" * 32, None, "a" * 32, None, "b" * 32, "a" * 32]
    hits = [a_hit(article_id=f"{n:032x}", story_id=story) for n, story in enumerate(stories)]

    front = build_front_page(hits)

    assert numbers([front.lead, *front.beside]) == [0, 1, 3, 4]
    assert front.sections == ()
