"""Answers of Elasticsearch and of search, for the tests of search."""

from typing import Any

from services.search.core.answers import Article, Hit, MostPopular, PopularEntry, RecentComment
from services.search.core.results import parse_article, parse_hits
from tests.builders import ARTICLE_ID, NOON

#: What must never come out as HTML, wherever it is put in.
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def a_document(**fields: Any) -> dict[str, Any]:
    """An article as the indexer writes it."""
    own = {
        "article_id": ARTICLE_ID,
        "revision": 1_700_000_000_000,
        "enrichment": 0,
        "status": "published",
        "headline": {"en": "Harbour bridge reopens"},
        "body": {"en": "The bridge over the harbour reopened on Monday.\n\nTraffic was light."},
        "url": "https://courier.example/bridge",
        "section": "World",
        "language": "en",
        "date": NOON.isoformat(),
        "date_published": NOON.isoformat(),
        "date_retrieved": NOON.isoformat(),
    }
    return own | fields


def an_answer(*documents: dict[str, Any], highlight: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A complete answer with these documents as hits."""
    hits = [{"_id": str(n), "_score": 1.5, "_source": source, "sort": [1.5, n, "a"]} for n, source in enumerate(documents)]
    for hit in hits:
        hit.update({"highlight": highlight} if highlight else {})
    counted = {"total": {"value": len(documents), "relation": "eq"}, "hits": hits}
    return {"took": 3, "timed_out": False, "_shards": {"total": 1, "failed": 0}, "hits": counted, **more}


def an_article_to_show(**fields: Any) -> Article:
    """An article as it is answered."""
    article = parse_article(an_answer(a_document(**fields)))
    assert isinstance(article, Article)
    return article


def a_hit(**fields: Any) -> Hit:
    """A hit as it is answered."""
    return parse_hits(an_answer(a_document(**fields)))[0]


def lists_to_show(**fields: Any) -> dict[str, Any]:
    """What stands beside every page, with one entry of each."""
    hit = a_hit(**fields)
    entry = PopularEntry(**hit.model_dump(), rank=1, count=1200)
    text = fields.get("section", "Well done")
    comment = RecentComment(comment_id="c", article_id=ARTICLE_ID, author=text, text=text, time=NOON, article=hit)
    popular = MostPopular.model_validate({"measure": "views", "window": "24h", "as_of": NOON, "entries": [entry]})
    return {"popular": popular, "recent": (comment,), "sections": (fields.get("section", "World"),)}
