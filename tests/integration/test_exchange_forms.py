"""Articles in the forms of other programs, on a real Elasticsearch."""

import json

import pytest

from tests.indexed import asking, open_newsroom
from tests.unit.search.builders import HOSTILE


@pytest.fixture(scope="module")
def newsroom(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        gone = newsroom.a_document("gone", status="retracted", date_retracted="2097-01-01T10:00:00Z")
        newsroom.write(newsroom.a_document("bridge", headline={"en": HOSTILE}), gone)
        yield newsroom


@pytest.fixture(scope="module")
def search(engines, newsroom):
    with asking(engines.elasticsearch_url, site_url="https://news.example") as client:
        yield client


@pytest.mark.parametrize(("form", "media_type"), [("jsonld", "application/ld+json"), ("ninjs", "application/json")])
def test_an_article_is_given_in_the_form_that_is_asked_for_and_once(search, newsroom, form, media_type):
    path = f"/v1/articles/{newsroom.id_of('bridge')}/{form}"
    answer = search.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert HOSTILE in (answer.json().get("headline"), answer.json().get("headlines", [{}])[0].get("value"))
    assert search.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("form", ["jsonld", "ninjs"])
@pytest.mark.parametrize(("name", "status"), [("gone", 410), ("never published", 404)])
def test_what_is_not_published_is_given_in_no_form(search, newsroom, form, name, status):
    assert search.get(f"/v1/articles/{newsroom.id_of(name)}/{form}").status_code == status


def test_the_page_of_an_article_holds_it_as_news_article(search, newsroom):
    page = search.get(f"/articles/{newsroom.id_of('bridge')}").text

    held = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert json.loads(held)["headline"] == HOSTILE
    assert json.loads(held)["@id"] == f"https://news.example/articles/{newsroom.id_of('bridge')}"
    assert "articleBody" not in json.loads(held)
