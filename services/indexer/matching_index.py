"""The indices `matching-…`: articles of the batches that are compared with saved searches, for as long as that takes.

Each analyses texts exactly as an index of articles does, since it is made from that one, and is named by that: who knows the terms
of one analysis goes on with it until it notices that there is another.
"""

import hashlib
import time
from collections.abc import Mapping
from typing import Any

import orjson
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from shared.elastic import failure_of
from shared.indices import ARTICLES, MATCHING
from shared.logs import get_logger

_log = get_logger(__name__)
#: Fields that no condition asks for, and that would only cost time.
_LEFT_OUT = ("words", "completions")
_DIGEST_BYTES = 12
#: An index of another analysis is deleted when it is so old: an indexer that uses it has noticed by then.
_KEPT_SECONDS = 3600.0


def build_matching_index(articles: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name, which says how it analyses, and mappings and settings, from what Elasticsearch says of an index of articles."""
    properties = {
        name: _without_copies(field) for name, field in articles["mappings"]["properties"].items() if name not in _LEFT_OUT
    }
    analysis = articles["settings"]["index"].get("analysis", {})
    made_of = hashlib.blake2b(orjson.dumps([properties, analysis], option=orjson.OPT_SORT_KEYS), digest_size=_DIGEST_BYTES)
    settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1", "translog.durability": "async"}
    return f"{MATCHING}-0{made_of.hexdigest()}", {
        "mappings": {"dynamic": False, "_source": {"enabled": False}, "properties": properties},
        "settings": {"index": {**settings, "analysis": analysis}},
    }


def _without_copies(field: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in field.items() if name != "copy_to"}
    if "properties" in plain:
        plain["properties"] = {name: _without_copies(each) for name, each in plain["properties"].items()}
    return plain


def fetch_articles_names(client: Elasticsearch) -> frozenset[str]:
    """The names of the indices of articles: others, when one was built anew. Raises Unavailable and Misconfigured."""
    try:
        return frozenset(client.indices.get_alias(name=ARTICLES).body)
    except (ApiError, TransportError) as error:
        raise failure_of(error, f"what is behind the alias {ARTICLES}") from error


def ensure_matching_index(client: Elasticsearch) -> str:
    """Have an index that analyses as the newest index of articles does; its alias. Raises Unavailable and Misconfigured.

    By its alias, no write makes an index of that name when it was deleted.
    """
    try:
        behind = client.indices.get(index=ARTICLES, features="mappings,settings").body
        name, wanted = build_matching_index(behind[max(behind)])
        alias = f"{name}-alias"
        if not client.indices.exists_alias(name=alias):
            client.indices.create(index=name, aliases={alias: {}}, **wanted)
            _log.info("made an index in which articles are compared with saved searches", index=name)
            _delete_others(client, name)
    except ApiError as error:
        if error.meta.status == 400 and "resource_already_exists" in str(error.body):  # by another indexer
            return alias
        raise failure_of(error, f"making the index {MATCHING}") from error
    except TransportError as error:
        raise failure_of(error, f"making the index {MATCHING}") from error
    return alias


def _delete_others(client: Elasticsearch, name: str) -> None:
    others = client.indices.get(index=f"{MATCHING}-*", features="settings").body
    before_ms = (time.time() - _KEPT_SECONDS) * 1000
    for other, described in others.items():
        if other != name and int(described["settings"]["index"]["creation_date"]) < before_ms:
            client.options(ignore_status=404).indices.delete(index=other)
