"""The sample news in a running stack, and the address of one page of each kind."""

import json
from pathlib import Path
from typing import Any

from ops.cli.ingest_client import IngestClient
from ops.cli.sample_news import publish_sample
from tests.stack import Stack, eventually

KINDS = ("front", "section", "article", "revisions", "entity", "nobody", "story", "search", "wrong query", "saving", "saved", "404")
_SAMPLE = Path(__file__).parents[2] / "ops" / "sample"
_NAIROBI = "https://basalt-review.example/technology/nairobi-voices-for-flood-warnings"
_COMET = "https://shiomi-shimbun.example/en/science/hayasaka-brandt-nagano"
_REVISED = {
    "url": "https://gazette.example/browser/tram",
    "headline": "Old trams return to Lisbon",
    "section": "Science",
    "language": "en",
}


def publish_news(stack: Stack) -> dict[str, str]:
    """Publish it, and what the other kinds of page need; answers the address of one page of each of `KINDS`."""
    addresses = publish_sample_news(stack)
    search_id, revised = _save(stack), _publish_revised(stack)
    _publish_again(stack)
    story = eventually(lambda: _stories(stack), bool)[0]
    others = {
        "revisions": f"/articles/{revised}/revisions",
        "nobody": "/entities/person:nobody",
        "story": f"/stories/{story}",
        "wrong query": "/search?q=%22comet",
        "saving": "/saved?q=comet&section=Science",
        "saved": f"/saved/{search_id}",
        "404": "/articles/nothing",
    }
    return {kind: (addresses | others)[kind] for kind in KINDS}


def publish_sample_news(stack: Stack) -> dict[str, str]:
    """Publish the sample news alone, and wait until pages show it; answers addresses of the main kinds of page."""
    with IngestClient(str(stack.ingest.base_url), stack.token) as client:
        ids = publish_sample(client, _SAMPLE)
    wanted = sorted(set(ids.values()))
    eventually(lambda: _count(stack, wanted), lambda count: count == len(wanted), 60)
    eventually(lambda: _ask(stack, "/v1/most-popular", window="24h")["entries"], bool)
    eventually(lambda: _ask(stack, "/v1/comments/recent")["comments"], bool)
    comet = ids[_COMET]
    entities = _ask(stack, f"/v1/articles/{comet}")["entities"]
    person = next(entity["entity_id"] for entity in entities if entity["type"] == "PERSON")
    return {
        "front": "/",
        "section": "/sections/Science",
        "article": f"/articles/{comet}",
        "entity": f"/entities/{person}",
        "search": "/search?q=comet&collapse=story",
    }


def _save(stack: Stack) -> str:
    """A saved search, known to search."""
    token = {"Authorization": f"Bearer {stack.token}"}
    saved = stack.search.post("/v1/saved-searches", json={"q": "trams", "name": "Trams"}, headers=token).raise_for_status().json()
    address = f"/v1/saved-searches/{saved['search_id']}"
    eventually(lambda: stack.search.get(address, headers=token).status_code, lambda status: status == 200)
    return str(saved["search_id"])


def _publish_revised(stack: Stack) -> str:
    """An article of two revisions."""
    article_id = ""
    for revision, body in enumerate(("They return on Monday, the city said.", "They returned on Tuesday, the city said."), 1):
        answer = stack.ingest.post("/v1/articles", json=_REVISED | {"body": body, "revision": revision}).raise_for_status().json()
        article_id = str(answer["article_id"])
        query = {"bool": {"filter": [{"term": {"article_id": article_id}}, {"range": {"revision": {"gte": revision}}}]}}
        eventually(lambda query=query: stack.elastic.count(index="articles", query=query)["count"], bool)  # type: ignore[misc]
    return article_id


def _publish_again(stack: Stack) -> None:
    """The text of an article, as somebody else has it."""
    rows = [json.loads(line) for line in (_SAMPLE / "articles.ndjson").read_text(encoding="utf-8").splitlines()]
    (told,) = [{name: row[name] for name in row if name != "id"} for row in rows if row["url"] == _NAIROBI]
    again = {
        "url": "https://harbour-courier.example/nairobi",
        "publisher": "Harbour Courier",
        "headline": f"{told['headline']}, report says",
    }
    own = stack.ingest.post("/v1/articles", json={**told, **again}).raise_for_status().json()["article_id"]
    eventually(lambda: _count(stack, [own]), bool)


def _count(stack: Stack, article_ids: list[str]) -> int:
    return int(stack.elastic.count(index="articles", query={"terms": {"article_id": article_ids}})["count"])


def _ask(stack: Stack, path: str, **asked: str) -> dict[str, Any]:
    answer: dict[str, Any] = stack.search.get(path, params=asked).raise_for_status().json()
    return answer


def _stories(stack: Stack) -> list[str]:
    """The stories that several articles tell, the one that most tell first."""
    hits = _ask(stack, "/v1/search", collapse="story", size="100")["hits"]
    told = [hit for hit in hits if hit.get("also_in")]
    return [hit["story_id"] for hit in sorted(told, key=lambda hit: -hit["also_in"]["count"])]
