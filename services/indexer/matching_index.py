"""The index `matching`: articles of the batches that are compared with saved searches, for as long as that takes.

It analyses texts exactly as the index of articles does, since it is made from that one.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from shared.elastic import failure_of
from shared.indices import ARTICLES, MATCHING, first_index
from shared.logs import get_logger

_log = get_logger(__name__)
#: Fields that no condition asks for, and that would only cost time.
_LEFT_OUT = ("words", "completions")
_DIGEST_BYTES = 12


def build_matching_index(articles: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings and settings of `matching`, from what Elasticsearch says of an index of articles."""
    properties = {
        name: _without_copies(field) for name, field in articles["mappings"]["properties"].items() if name not in _LEFT_OUT
    }
    analysis = articles["settings"]["index"].get("analysis", {})
    made_of = hashlib.blake2b(orjson.dumps([properties, analysis], option=orjson.OPT_SORT_KEYS), digest_size=_DIGEST_BYTES)
    settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1", "translog.durability": "async"}
    return {
        "mappings": {
            "dynamic": False,
            "_source": {"enabled": False},
            "_meta": {"made_of": made_of.hexdigest()},
            "properties": properties,
        },
        "settings": {"index": {**settings, "analysis": analysis}},
    }


def _without_copies(field: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in field.items() if name != "copy_to"}
    if "properties" in plain:
        plain["properties"] = {name: _without_copies(each) for name, each in plain["properties"].items()}
    return plain


def ensure_matching_index(client: Elasticsearch) -> None:
    """Have the index there, as the newest index of articles would have it. Raises Unavailable and Misconfigured."""
    try:
        behind = client.indices.get(index=ARTICLES, features="mappings,settings").body
        wanted = build_matching_index(behind[max(behind)])
        there = client.options(ignore_status=404).indices.get_mapping(index=first_index(MATCHING)).body
        if first_index(MATCHING) in there:
            made_of = there[first_index(MATCHING)]["mappings"].get("_meta", {}).get("made_of")
            if made_of == wanted["mappings"]["_meta"]["made_of"]:
                return
            client.options(ignore_status=404).indices.delete(index=first_index(MATCHING))
        client.indices.create(index=first_index(MATCHING), aliases={MATCHING: {}}, **wanted)
    except ApiError as error:
        if error.meta.status == 400 and "resource_already_exists" in str(error.body):  # by another indexer
            return
        raise failure_of(error, f"making the index {MATCHING}") from error
    except TransportError as error:
        raise failure_of(error, f"making the index {MATCHING}") from error
    _log.info("made the index in which articles are compared with saved searches", index=first_index(MATCHING))
