"""The feed of changes on a real Elasticsearch."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.indexed import asking, open_newsroom

#: Before anything else that is stamped, so that a page from the beginning has these first.
EARLY = datetime(2001, 1, 1, tzinfo=UTC)
SOON = datetime(2190, 1, 1, tzinfo=UTC)


def stamped(newsroom, name, seconds, **fields):
    return newsroom.a_document(name, date_indexed=(EARLY + timedelta(seconds=seconds)).isoformat(), **fields)


@pytest.fixture(scope="module")
def newsroom(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        retracted = {"status": "retracted", "enrichment": 1023, "date_retracted": EARLY.isoformat()}
        newsroom.write(
            stamped(newsroom, "second", 2, revision=7, enrichment=1),
            stamped(newsroom, "first", 1),
            stamped(newsroom, "third", 3, **retracted),
            *(stamped(newsroom, f"same instant {number}", 4) for number in range(5)),
            newsroom.a_document("from the future", date_indexed=SOON.isoformat()),
        )
        unstamped = newsroom.a_document("before there were stamps")
        del unstamped["date_indexed"]
        newsroom.write(unstamped)
        yield newsroom


@pytest.fixture(scope="module")
def search(engines, newsroom):
    with asking(engines.elasticsearch_url) as client:
        yield client


def get(search, **parameters):
    answer = search.get("/v1/changes", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def read_all(search, size):
    """Every change up to now."""
    changes, cursor = [], None
    while True:
        page = get(search, size=size, **({"since": cursor} if cursor else {}))
        changes += page["changes"]
        cursor = page["cursor"]
        if page["is_end"]:
            return changes


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_of_any_size_hold_each_article_once_in_the_order_of_indexing(search, newsroom, size):
    known = {newsroom.id_of(name): name for name in ("before there were stamps", "first", "second", "third")}
    known |= {newsroom.id_of(f"same instant {number}"): "same instant" for number in range(5)}

    found = [known[change["article_id"]] for change in read_all(search, size) if change["article_id"] in known]

    assert found == ["before there were stamps", "first", "second", "third", *["same instant"] * 5]


def test_a_change_tells_the_newest_state_of_its_article(search, newsroom):
    by_id = {change["article_id"]: change for change in read_all(search, 100)}

    changed, gone = by_id[newsroom.id_of("second")], by_id[newsroom.id_of("third")]
    assert (changed["kind"], changed["revision"], changed["enrichment"]) == ("published", 7, 1)
    assert changed["article"]["headline"] == "Headline of second"
    assert changed["date_indexed"] == "2001-01-01T00:00:02Z"
    assert (gone["kind"], gone["article"], gone["date_retracted"]) == ("retracted", None, "2001-01-01T00:00:00Z")


def test_what_was_stamped_within_the_delay_is_held_back(search, newsroom):
    assert newsroom.id_of("from the future") not in {change["article_id"] for change in read_all(search, 100)}


def test_an_empty_page_gives_a_cursor_that_shows_what_comes_next(engines, newsroom):
    with asking(engines.elasticsearch_url, changes_delay_seconds=0) as search:
        before = get(search, since="now")
        assert before["changes"] == []
        assert before["is_end"]

        again = get(search, since=before["cursor"])
        assert (again["changes"], again["cursor"]) == ([], before["cursor"])

        newsroom.write(newsroom.a_document("later", date_indexed=datetime.now(UTC).isoformat(timespec="milliseconds")))
        after = get(search, since=again["cursor"])

        assert newsroom.id_of("later") in [change["article_id"] for change in after["changes"]]
        assert after["cursor"] != before["cursor"]


@pytest.mark.parametrize("since", ["yesterday", "bm90IGEgY3Vyc29y", "%00", "a" * 500])
def test_what_is_no_cursor_is_refused(search, since):
    answer = search.get("/v1/changes", params={"since": since})

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_cursor_of_a_search_is_none_of_the_feed(search, newsroom):
    cursor = search.get("/v1/search", params={"publisher": newsroom.publisher, "size": 1}).json()["cursor"]

    assert search.get("/v1/changes", params={"since": cursor}).status_code == 400
