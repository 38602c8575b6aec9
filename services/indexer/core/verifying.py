"""Conditions → one request that says which of some articles fit which of them. Before this: `candidates`."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from shared.saved_searches import ANY_LANGUAGE


def build_verification(queries: Mapping[str, str], fields: Sequence[str], ids: Sequence[str]) -> bytes:
    """The body of a search of an index `matching-…`.

    Args:
        queries: conditions as they were saved, by the id of their search.
        fields: names of the language fields that the articles have text in.
        ids: of the documents that are compared.
    """
    filters = ",".join(f'"{search_id}":{for_languages(query, fields)}' for search_id, query in queries.items())
    articles = orjson.dumps({"terms": {"field": "article_id", "size": max(1, len(ids))}}).decode()
    chosen = orjson.dumps({"ids": {"values": list(ids)}}).decode()
    aggs = f'{{"searches":{{"filters":{{"filters":{{{filters}}}}},"aggs":{{"articles":{articles}}}}}}}'
    return f'{{"size":0,"track_total_hits":false,"query":{chosen},"aggs":{aggs}}}'.encode()


def for_languages(query: str, fields: Sequence[str]) -> str:
    """A condition for articles in any of these languages: a part is true in one of them as a whole."""
    if ANY_LANGUAGE not in query or not fields:
        return query
    asked = [query.replace(ANY_LANGUAGE, field) for field in fields]
    return asked[0] if len(asked) == 1 else f'{{"bool":{{"should":[{",".join(asked)}],"minimum_should_match":1}}}}'


def parse_verified(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(id of a search, id of an article that fits it)."""
    buckets = answer.get("aggregations", {}).get("searches", {}).get("buckets", {})
    return [(search_id, each["key"]) for search_id, bucket in buckets.items() for each in bucket["articles"]["buckets"]]
