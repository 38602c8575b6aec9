"""Who else tells a story, and the article in other languages."""

from services.search.core.other_versions import build_other_versions, parse_other_versions
from tests.builders import ARTICLE_ID
from tests.unit.search.builders import a_document, an_answer, an_article_to_show

ORIGINAL, STORY = "a" * 32, "b" * 32


def asked_terms(body):
    """Every field and value that is asked for."""
    terms = []
    for group in body["query"]["bool"]["should"]:
        for each in group["constant_score"]["filter"]["bool"]["should"]:
            ((field, said),) = each["term"].items()
            terms.append((field, said["value"]))
    return terms


def found(*documents):
    answer = an_answer(*(a_document(article_id=f"{number:032x}", **own) for number, (_, own) in enumerate(documents)))
    for hit, (name, _) in zip(answer["hits"]["hits"], documents, strict=True):
        hit["matched_queries"] = [name]
    return parse_other_versions(answer, an_article_to_show())


def test_of_an_original_its_translations_are_asked_for_and_of_a_translation_the_original_and_its_sisters():
    assert asked_terms(build_other_versions(an_article_to_show())) == [
        ("article_id", ARTICLE_ID),
        ("translation_of", ARTICLE_ID),
    ]
    assert asked_terms(build_other_versions(an_article_to_show(translation_of=ORIGINAL, story_id=STORY))) == [
        ("article_id", ORIGINAL),
        ("translation_of", ORIGINAL),
        ("translation_of", ARTICLE_ID),
        ("story_id", STORY),
    ]


def test_neither_the_article_itself_nor_a_tombstone_is_another_version():
    conditions = build_other_versions(an_article_to_show())["query"]["bool"]

    assert conditions["must_not"] == [{"term": {"article_id": ARTICLE_ID}}]
    assert conditions["filter"] == [{"term": {"status": "published"}}]


def test_versions_are_one_of_each_other_language_by_its_name():
    others = found(
        ("version.translation_of", {"language": "fr"}),
        ("version.translation_of", {"language": "de"}),
        ("version.article_id", {"language": "fr"}),
    )

    assert [(other.language, int(other.article_id, 16)) for other in others.translations] == [("de", 1), ("fr", 0)]
    assert others.also_in == ()


def test_of_each_publisher_one_article_tells_the_story_and_so_does_a_version_in_the_same_language():
    others = found(
        ("version.translation_of", {"language": "en", "publisher": "A"}),
        ("story.story_id", {"publisher": "B"}),
        ("story.story_id", {"publisher": "B"}),
        ("story.story_id", {"publisher": "C", "language": "fr"}),
    )

    assert [other.publisher for other in others.also_in] == ["A", "B", "C"]
    assert others.translations == ()
