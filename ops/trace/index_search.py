"""Finds what Elasticsearch has of one article: its document, older revisions, comments, matches, its story and lists."""

from collections.abc import Mapping
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from ops.trace.journey import InIndex
from shared.elastic import connect_elastic, failure_of
from shared.indices import ARTICLES, COMMENTS, MATCHES, MOST_POPULAR, REVISIONS
from shared.settings import ElasticsearchSettings

_PATIENCE_SECONDS = 10.0
#: Lists of all articles: measures times windows times partitions; those of groups are not looked through.
_MOST_LISTS = 1000
_MOST_MATCHES = 20
_SHOWN = (
    *("article_id", "revision", "enrichment", "status", "url", "publisher", "section", "language", "story_id", "views", "comments"),
    *("headline", "date_published", "date_indexed", "date_retracted", "retraction_reason", "recogniser"),
)


def find_by_address(settings: ElasticsearchSettings, url: str) -> str | None:
    """The id of the article that has an address in the index. Raises Unavailable and Misconfigured."""
    with connect_elastic(settings) as client:
        try:
            query = {"term": {"url": url}}
            found = _patient(client).search(index=ARTICLES, query=query, size=1, source=False, sort=[{"date": "desc"}])
        except (ApiError, TransportError) as error:
            raise failure_of(error, "looking for the address") from error
        hits = found["hits"]["hits"]
        return str(hits[0]["_id"]) if hits else None


def search_index(settings: ElasticsearchSettings, article_id: str) -> InIndex:
    """What there is. Raises Unavailable and Misconfigured."""
    with connect_elastic(settings) as connected:
        client = _patient(connected)
        try:
            document = _document(client, article_id)
            by_id = {"term": {"article_id": article_id}}
            story = document.get("story_id") if document is not None else None
            return InIndex(
                document=document,
                older_revisions=_count(client, REVISIONS, by_id),
                comments=_count(client, COMMENTS, by_id),
                matches=_matches(client, by_id),
                told_alike=_count(client, ARTICLES, {"term": {"story_id": story}}) if story else 0,
                lists=_lists(client, article_id),
            )
        except (ApiError, TransportError) as error:
            raise failure_of(error, "looking for the article") from error


def _patient(client: Elasticsearch) -> Elasticsearch:
    return client.options(request_timeout=_PATIENCE_SECONDS, max_retries=0)


def _document(client: Elasticsearch, article_id: str) -> dict[str, Any] | None:
    found = client.search(index=ARTICLES, query={"ids": {"values": [article_id]}}, source={"includes": list(_SHOWN)}, version=True)
    hits = found["hits"]["hits"]
    return {**hits[0]["_source"], "index": hits[0]["_index"], "version": hits[0]["_version"]} if hits else None


def _count(client: Elasticsearch, index: str, query: Mapping[str, Any]) -> int:
    return int(client.count(index=index, query=query)["count"])


def _matches(client: Elasticsearch, by_id: Mapping[str, Any]) -> list[str]:
    found = client.search(index=MATCHES, query=by_id, size=_MOST_MATCHES, source={"includes": ["search_id"]})
    return sorted({str(hit["_source"]["search_id"]) for hit in found["hits"]["hits"]})


def _lists(client: Elasticsearch, article_id: str) -> list[tuple[str, int, int]]:
    of_all = {"bool": {"must_not": [{"exists": {"field": "group"}}]}}
    found = client.search(index=MOST_POPULAR, query=of_all, size=_MOST_LISTS, source={"includes": ["list_id", "entries"]})
    lists = []
    for hit in found["hits"]["hits"]:
        for place, entry in enumerate(hit["_source"].get("entries", ()), 1):
            if entry["article_id"] == article_id:
                lists.append((str(hit["_source"]["list_id"]), place, int(entry["count"])))
    return sorted(lists)
