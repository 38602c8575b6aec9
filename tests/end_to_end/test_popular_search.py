"""What readers do reaches search: views make an article sort first, a comment makes it one that has comments."""

import uuid
from typing import Any

import pytest

from shared.events import Record
from shared.popularity import PopularitySignalled
from shared.producing import partition_of
from shared.settings import KafkaSettings
from shared.topics import SIGNALS
from tests.builders import body_of
from tests.counting import read_all
from tests.stack import Stack, eventually

MARK = uuid.uuid4().hex[:8]
SECTION = f"Popular {MARK}"
VIEWS = {"bridge": 9, "mill": 40, "meadow": 0}


@pytest.fixture(scope="module")
def ids(stack: Stack) -> dict[str, str]:
    """Articles that are indexed, by their names."""
    published = {}
    for name in VIEWS:
        article = {
            "headline": f"The {name} is open again {MARK}",
            "body": f"After two years of work the {name} by the river was opened again on Monday by the mayor of the town.",
            "section": SECTION,
            "url": f"https://courier.example/{MARK}/{name}",
        }
        published[name] = stack.ingest.post("/v1/articles", json=article).raise_for_status().json()["article_id"]
    eventually(lambda: found(stack), lambda hits: len(hits) == len(VIEWS))
    return published


def found(stack: Stack, **asked: Any) -> list[str]:
    """Ids of the articles of this test, in the order in which search finds them."""
    answer = stack.search.get("/v1/search", params={"section": SECTION, **asked}).raise_for_status().json()
    return [hit["article_id"] for hit in answer["hits"]]


def stored(stack: Stack, article_id: str) -> dict[str, Any]:
    document: dict[str, Any] = stack.elastic.get(index="articles", id=article_id)["_source"]
    return document


def view(stack: Stack, article_id: str, number: int) -> None:
    views = [{"article_id": article_id, "visitor": f"{uuid.uuid4().hex} {each}"} for each in range(number)]
    stack.ingest.post("/v1/views", json={"views": views}).raise_for_status()


def signals(stack: Stack) -> list[Record]:
    return read_all(KafkaSettings(bootstrap_servers=stack.engines.kafka_bootstrap), SIGNALS)


def test_what_is_viewed_most_is_found_first_and_a_comment_makes_an_article_one_that_has_some(
    stack: Stack, ids: dict[str, str]
) -> None:
    before = stored(stack, ids["mill"])
    for name, number in VIEWS.items():
        if number:
            view(stack, ids[name], number)
    comment = {"article_id": ids["bridge"], "author": "Ada", "text": "At last!"}
    stack.ingest.post("/v1/comments", json=comment).raise_for_status()

    eventually(lambda: found(stack, sort="popularity"), lambda hits: hits == [ids["mill"], ids["bridge"], ids["meadow"]])
    eventually(lambda: found(stack, has_comments=True), lambda hits: hits == [ids["bridge"]])
    after = stored(stack, ids["mill"])
    assert 8 <= after["views"] <= 40
    assert {**before, "views": 0, "comments": 0} == {**after, "views": 0, "comments": 0}


def test_a_correction_keeps_the_counts(stack: Stack, ids: dict[str, str]) -> None:
    view(stack, ids["bridge"], 20)
    views = eventually(lambda: stored(stack, ids["bridge"]).get("views", 0), lambda count: count >= 8)

    article = {"headline": f"The bridge is closed {MARK}", "body": "It is closed.", "url": f"https://courier.example/{MARK}/bridge"}
    stack.ingest.post("/v1/articles", json={**article, "section": SECTION}).raise_for_status()

    corrected = eventually(lambda: stored(stack, ids["bridge"]), lambda document: "closed" in str(document["headline"]))
    assert corrected["views"] >= views


def test_a_signal_stands_in_the_partition_of_its_article_and_says_what_search_shows(stack: Stack, ids: dict[str, str]) -> None:
    view(stack, ids["mill"], 20)
    eventually(lambda: [r for r in signals(stack) if r.key == ids["mill"].encode()], bool)

    own = [record for record in signals(stack) if record.key == ids["mill"].encode()]
    body = body_of(own[-1])
    assert isinstance(body, PopularitySignalled)
    assert {record.partition for record in own} == {partition_of(ids["mill"], 4)}
    shown = eventually(lambda: stored(stack, ids["mill"]).get("views", 0), lambda count: count >= body.views)
    assert shown >= body.views
