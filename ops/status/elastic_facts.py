"""Asks Elasticsearch how it is: health, disk, what stands behind the aliases, how new the newest article and list are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from ops.status.facts import Disk, ElasticFacts, ListsFacts
from shared.elastic import connect_elastic, failure_of
from shared.events import parse_time
from shared.indices import ALIASES, ARTICLES, MOST_POPULAR, PUBLISHED
from shared.settings import ElasticsearchSettings


def fetch_elastic_facts(settings: ElasticsearchSettings, patience_seconds: float) -> ElasticFacts:
    """What Elasticsearch says. Raises Unavailable and Misconfigured as `failure_of`."""
    with connect_elastic(settings) as connected:
        client = connected.options(request_timeout=patience_seconds, max_retries=0)
        try:
            health = client.cluster.health()
            there = [alias for alias in ALIASES if client.indices.exists_alias(name=alias)]
            return ElasticFacts(
                health=str(health["status"]),
                nodes=int(health["number_of_nodes"]),
                version=_version(client),
                documents={alias: int(client.count(index=alias)["count"]) for alias in there},
                missing=[alias for alias in ALIASES if alias not in there],
                newest=_newest(client, there),
                lists=_lists(client, there),
                disk=_disk(client),
            )
        except (ApiError, TransportError) as error:
            raise failure_of(error, "asking how it is") from error


def _version(client: Elasticsearch) -> str:
    """Of a node, not asked at `/`, which the embedded one has not; empty where the role that we have may not ask."""
    try:
        nodes = client.nodes.info(metric="_none", filter_path="nodes.*.version").get("nodes", {})
    except ApiError:
        return ""
    return min((str(node["version"]) for node in nodes.values()), default="")


def _newest(client: Elasticsearch, there: list[str]) -> datetime | None:
    if ARTICLES not in there:
        return None
    of_articles = {"newest": {"max": {"field": "date_indexed"}}}
    found = client.search(index=ARTICLES, size=0, query={"term": {"status": PUBLISHED}}, aggs=of_articles)
    return _time(found["aggregations"]["newest"])


def _lists(client: Elasticsearch, there: list[str]) -> ListsFacts:
    if MOST_POPULAR not in there:
        return ListsFacts(0)
    found = client.search(index=MOST_POPULAR, size=0, track_total_hits=True, aggs={"newest": {"max": {"field": "as_of"}}})
    return ListsFacts(int(found["hits"]["total"]["value"]), _time(found["aggregations"]["newest"]))


def _time(aggregation: Mapping[str, Any]) -> datetime | None:
    return parse_time(aggregation.get("value_as_string"))


def _disk(client: Elasticsearch) -> Disk | None:
    """Of the fullest node; None where the role that we have may not ask."""
    try:
        nodes = client.nodes.stats(metric="fs", filter_path="nodes.*.fs.total")["nodes"].values()
    except ApiError:
        return None
    totals = [node["fs"]["total"] for node in nodes]
    told = [Disk(int(each["available_in_bytes"]), int(each["total_in_bytes"])) for each in totals if each]
    return max(told, key=lambda disk: disk.used, default=None)
