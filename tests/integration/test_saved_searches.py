"""Searches are saved, matched and read, on real engines: from the API of search, through Kafka and the indexer, and back."""

import hashlib
import json
import threading
import uuid
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient

from ops.cli.setup import create_indices, create_topics
from services.indexer.__main__ import serve
from services.indexer.settings import IndexerSettings
from services.search.app import build_search_app
from services.search.settings import ReadingSettings, SearchSettings
from shared import topics
from shared.events import Event, article_record
from shared.health import Health
from shared.producing import Producer
from shared.settings import ElasticsearchSettings, KafkaSettings
from tests.builders import a_retraction, an_enriched_article
from tests.indexed import serving_search
from tests.integration.test_streams import Stream
from tests.stack import eventually

TOKEN = "a-token-of-this-test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
HASH = hashlib.sha256(TOKEN.encode()).hexdigest()


@contextmanager
def searching(engines, **settings):
    own = SearchSettings(
        kafka=KafkaSettings(bootstrap_servers=engines.kafka_bootstrap),
        elasticsearch=ElasticsearchSettings(url=engines.elasticsearch_url),
        search=ReadingSettings(**{"saving_token_hashes": (HASH,), "changes_delay_seconds": 0} | settings),
    )
    with TestClient(build_search_app(own)) as client:
        yield client


@pytest.fixture(scope="module")
def search(engines):
    """Search, and an indexer that indexes what comes."""
    kafka = KafkaSettings(bootstrap_servers=engines.kafka_bootstrap)
    create_topics(kafka, 4, 1)
    with Elasticsearch(engines.elasticsearch_url) as elastic:
        create_indices(elastic)
    settings = IndexerSettings(kafka=kafka, elasticsearch=ElasticsearchSettings(url=engines.elasticsearch_url))
    stop = threading.Event()
    indexer = threading.Thread(target=serve, args=(settings, Health(), stop))
    indexer.start()
    with searching(engines) as client:
        yield client
    stop.set()
    indexer.join()


@pytest.fixture(scope="module")
def publish(engines):
    """Hand articles, or retractions, to the indexer, as accepted now."""
    with Producer(KafkaSettings(bootstrap_servers=engines.kafka_bootstrap), "dateline-test") as producer:

        def send(*bodies):
            now = datetime.now(UTC)
            events = [Event(uuid.uuid4().hex, "dateline/test", now, now, body) for body in bodies]
            producer.send_all([article_record(event, topics.ENRICHED) for event in events])

        yield send


@pytest.fixture
def word():
    """A word that no other test's articles have."""
    return "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex)


def eventually_connected(port, path):
    """The stream, as soon as the server listens."""

    def connect():
        try:
            return Stream(port, path)
        except OSError:
            return None

    return eventually(connect, bool)


def an_article(word, **fields):
    return an_enriched_article(**{"article_id": uuid.uuid4().hex, "body": f"The {word} is here.", "publisher": "Courier"} | fields)


def save(search, **asked):
    answer = search.post("/v1/saved-searches", json=asked, headers=BEARER)
    assert answer.status_code == 201, answer.text
    saved = answer.json()
    eventually(lambda: search.get(f"/v1/saved-searches/{saved['search_id']}").status_code, lambda status: status == 200)
    return saved


def matches_of(search, saved, **asked):
    return search.get(f"/v1/saved-searches/{saved['search_id']}/matches", params=asked).raise_for_status().json()


def matched_ids(search, saved, count):
    found = eventually(lambda: matches_of(search, saved)["matches"], lambda matches: len(matches) == count)
    return [match["article"]["article_id"] for match in found]


def test_a_saved_search_is_answered_as_it_was_asked(search, word):
    saved = save(search, name="Watch", q=f'{word} "harbour bridge"', section=["World"], **{"from": "2026-01-01"})

    found = search.get(f"/v1/saved-searches/{saved['search_id']}").json()
    assert found == {
        "search_id": saved["search_id"],
        "name": "Watch",
        "q": f'{word} "harbour bridge"',
        "filters": {"section": ["World"], "from": ["2026-01-01"]},
        "has_webhook": False,
        "created": saved["created"],
    }


def test_an_article_that_fits_becomes_a_match_with_its_source(search, publish, word):
    saved, other = save(search, q=word), save(search, q=f"{word} nothing")
    article = an_article(word)

    publish(article)

    (match,) = eventually(lambda: matches_of(search, saved)["matches"], bool)
    assert (match["search_id"], match["revision"]) == (saved["search_id"], article.revision)
    assert (match["article"]["article_id"], match["article"]["publisher"]) == (article.article_id, "Courier")
    assert matches_of(search, other)["matches"] == []


def test_the_same_event_again_makes_no_second_match(search, publish, word):
    saved = save(search, q=word)
    first, last = an_article(word), an_article(word)

    publish(first, first)
    publish(first, last)

    assert sorted(matched_ids(search, saved, 2)) == sorted([first.article_id, last.article_id])


def test_matches_are_paged_by_a_cursor(search, publish, word):
    saved = save(search, q=word)
    articles = [an_article(word) for _ in range(5)]
    publish(*articles)
    matched_ids(search, saved, 5)

    pages: list[list[str]] = []
    cursor = None
    while cursor or not pages:
        answer = matches_of(search, saved, size=2, **({"cursor": cursor} if cursor else {}))
        pages.append([match["article"]["article_id"] for match in answer["matches"]])
        cursor = answer["cursor"]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert {each for page in pages for each in page} == {article.article_id for article in articles}


def test_a_retracted_article_is_no_match_any_more(search, publish, word):
    saved = save(search, q=word)
    article = an_article(word)
    publish(article)
    matched_ids(search, saved, 1)

    publish(a_retraction(article_id=article.article_id, revision=article.revision + 1))

    assert matched_ids(search, saved, 0) == []


def test_a_deleted_search_is_gone(search, publish, word):
    saved = save(search, q=word)
    path = f"/v1/saved-searches/{saved['search_id']}"

    assert search.delete(path).status_code == 401
    assert search.delete(path, headers=BEARER).status_code == 204

    eventually(lambda: search.get(path).status_code, lambda status: status == 404)
    assert search.get(f"{path}/matches").status_code == 404
    assert search.get(f"/feeds/saved/{saved['search_id']}.rss").status_code == 404


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_matches_are_a_feed(search, publish, word, form):
    saved = save(search, q=word, name="Bridges & ports")
    publish(an_article(word, headline=f"Headline {word}"))
    matched_ids(search, saved, 1)

    feed = search.get(f"/feeds/saved/{saved['search_id']}.{form}").raise_for_status()

    assert f"Headline {word}" in feed.text
    assert "Bridges &" in feed.text


def test_the_stream_of_a_saved_search_tells_what_newly_fits(engines, search, publish, word):
    saved = save(search, q=word)
    article = an_article(word)
    with (
        serving_search(engines.elasticsearch_url, changes_delay_seconds=2) as port,
        closing(eventually_connected(port, f"saved/{saved['search_id']}")) as stream,
    ):
        stream.next()
        publish(article)
        event = stream.next()
        while "data" not in event:
            event = stream.next()

    assert json.loads(event["data"])["article_id"] == article.article_id


def test_the_stream_of_an_unknown_search_is_not_found(search):
    assert search.get(f"/v1/stream/saved/{uuid.uuid4().hex}").status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
def test_saving_needs_the_token(search, headers):
    answer = search.post("/v1/saved-searches", json={"q": "bridge"}, headers=headers)

    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_saving_is_off_without_tokens(engines, search):
    with searching(engines, saving_token_hashes=()) as closed:
        answer = closed.post("/v1/saved-searches", json={"q": "bridge"}, headers=BEARER)

    assert answer.status_code == 403
    assert "DATELINE_SEARCH_SAVING_TOKEN_HASHES" in answer.json()["detail"]


def test_no_more_searches_than_may_be(engines, search, word):
    save(search, q=word)
    with searching(engines, most_saved_searches=1) as full:
        eventually(
            lambda: full.post("/v1/saved-searches", json={"q": word}, headers=BEARER).status_code, lambda status: status == 409
        )


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"q": "(bridge"}, 400, "character"),
        ({}, 422, "every article"),
        ({"name": "only a name"}, 422, "every article"),
        ({"q": "bridge", "has_comments": True}, 422, "has_comments"),
        ({"q": "bridge", "size": 5}, 422, "size"),
        ({"q": "%LANG%"}, 422, "%LANG%"),
        ({"q": "x" * 100_000}, 422, "q"),
        ({"q": 7}, 422, "q"),
        ({"q": "bridge", "webhook": "ftp://desk.example"}, 422, "webhook"),
    ],
)
def test_what_cannot_be_saved_is_refused_and_says_why(search, asked, status, said):
    answer = search.post("/v1/saved-searches", json=asked, headers=BEARER)

    assert answer.status_code == status
    assert said in json.dumps(answer.json())


def test_an_error_in_the_query_points_at_its_character(search):
    answer = search.post("/v1/saved-searches", json={"q": "bridge AND"}, headers=BEARER).json()

    assert answer["errors"][0]["field"] == "q"
    assert answer["errors"][0]["caret"].splitlines()[0] == "bridge AND"
