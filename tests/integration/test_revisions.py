"""What is told of the revisions of an article, on a real Elasticsearch."""

import pytest

from tests.indexed import asking, open_newsroom
from tests.unit.search.builders import HOSTILE


@pytest.fixture(scope="module")
def newsroom(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        first = newsroom.a_document("bridge", headline={"en": "Bridge opens"}, body={"en": "It opens on Monday."}, section="World")
        second = first | {"revision": 2, "headline": {"en": "Bridge reopens"}, "date_modified": "2097-01-01T10:00:00Z"}
        again = second | {"enrichment": 1, "section": "Local"}
        third = again | {"revision": 5, "body": {"en": "It reopens on Monday."}, "authors": ["Ada"], "correction": HOSTILE}
        newsroom.write(third, newsroom.a_document("single"))
        newsroom.write(newsroom.a_document("gone", status="retracted", date_retracted="2097-01-01T10:00:00Z"))
        newsroom.write_superseded(first, again, newsroom.a_document("gone"))
        yield newsroom


@pytest.fixture(scope="module")
def search(engines, newsroom):
    with asking(engines.elasticsearch_url) as client:
        yield client


def revisions(search, newsroom, name="bridge", **parameters):
    answer = search.get(f"/v1/articles/{newsroom.id_of(name)}/revisions", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["revisions"]


def changed(revision):
    """The changed fields, old and new, and the changed texts with what was deleted and inserted."""
    fields = {each["field"]: (each["old"], each["new"]) for each in revision["changes"]["fields"]}
    texts = {
        each["field"]: [(part["op"], part["text"]) for part in each["segments"] if part["op"] != "equal"]
        for each in revision["changes"]["texts"]
    }
    return fields, texts


def test_all_revisions_are_listed_newest_first_with_their_times(search, newsroom):
    found = revisions(search, newsroom)

    assert [(each["revision"], each["enrichment"], each["is_current"]) for each in found] == [
        (5, 1, True),
        (2, 1, False),
        (1, 0, False),
    ]
    assert [each["headline"] for each in found] == ["Bridge reopens", "Bridge reopens", "Bridge opens"]
    assert [each["date_superseded"] for each in found] == [None, "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"]
    assert [each["date_modified"] for each in found] == ["2097-01-01T10:00:00Z", "2097-01-01T10:00:00Z", None]


def test_each_revision_says_what_changed_since_the_one_before_it(search, newsroom):
    third, second, first = revisions(search, newsroom)

    assert changed(third) == (
        {"authors": ([], ["Ada"]), "correction": (None, HOSTILE)},
        {"body": [("delete", "opens"), ("insert", "reopens")]},
    )
    assert changed(second) == (
        {"date_modified": (None, "2097-01-01T10:00:00Z"), "section": ("World", "Local")},
        {"headline": [("delete", "opens"), ("insert", "reopens")]},
    )
    assert first["changes"] is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"from": 1, "to": 5}, [5, 1]),
        ({"from": 1}, [5, 1]),
        ({"from": 1, "to": 2}, [2, 1]),
        ({"to": 2}, [2, 1]),
        ({"to": 5}, [5, 2]),
    ],
)
def test_one_pair_can_be_asked_for(search, newsroom, asked, expected):
    found = revisions(search, newsroom, **asked)

    assert [each["revision"] for each in found] == expected
    assert found[0]["changes"]["since_revision"] == expected[1]
    assert found[1]["changes"] is None


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"from": 3}, 404),
        ({"to": 4}, 404),
        ({"to": 1}, 404),
        ({"from": 5, "to": 1}, 422),
        ({"from": 2, "to": 2}, 422),
        ({"from": 0}, 422),
        ({"to": "last"}, 422),
    ],
)
def test_a_pair_that_is_none_is_refused(search, newsroom, asked, status):
    assert search.get(f"/v1/articles/{newsroom.id_of('bridge')}/revisions", params=asked).status_code == status


@pytest.mark.parametrize(("name", "status"), [("gone", 410), ("never published", 404)])
@pytest.mark.parametrize("path", ["/v1/articles/{}/revisions", "/articles/{}/revisions"])
def test_what_is_not_published_has_no_revisions(search, newsroom, name, status, path):
    assert search.get(path.format(newsroom.id_of(name))).status_code == status


def test_an_article_that_never_changed_has_one_revision(search, newsroom):
    (only,) = revisions(search, newsroom, "single")

    assert only["is_current"]
    assert only["changes"] is None


def test_readers_see_what_was_deleted_and_inserted_and_nothing_hostile(search, newsroom):
    page = search.get(f"/articles/{newsroom.id_of('bridge')}/revisions").text

    assert "Bridge <del>opens</del><ins>reopens</ins></p>" in page
    assert "It <del>opens</del><ins>reopens</ins> on Monday.</p>" in page
    assert "<del>World</del> <ins>Local</ins>" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(("name", "is_linked"), [("bridge", True), ("single", False)])
def test_an_article_page_links_its_revisions_where_there_are_some(search, newsroom, name, is_linked):
    page = search.get(f"/articles/{newsroom.id_of(name)}").text

    assert (f"/articles/{newsroom.id_of(name)}/revisions" in page) == is_linked
