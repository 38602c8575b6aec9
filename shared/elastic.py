"""The one place that makes Elasticsearch clients, and says in Dateline's terms what went wrong with one."""

import re
from typing import Any

from elastic_transport import NodeConfig, TlsError, TransportError, Urllib3HttpNode
from elasticsearch import ApiError, AsyncElasticsearch, Elasticsearch
from elasticsearch.serializer import NdjsonSerializer, OrjsonSerializer
from urllib3 import HTTPSConnectionPool

from shared.failures import Misconfigured, NotLetIn, Unavailable
from shared.settings import PREFIX, ElasticsearchSettings
from shared.tls import build_tls_context


class _BuiltBodies(NdjsonSerializer):
    """Passes on what is the body of a bulk already; elastic-transport copies it twice."""

    def dumps(self, data: Any) -> bytes:
        return data if isinstance(data, bytes) and data.endswith(b"\n") else super().dumps(data)


def _arguments(settings: ElasticsearchSettings) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "hosts": settings.url.split(","),
        "request_timeout": settings.timeout_seconds,
        "max_retries": 2,
        "retry_on_timeout": False,
        "http_compress": False,
        "serializers": {"application/json": OrjsonSerializer(), "application/x-ndjson": _BuiltBodies()},
    }
    key = settings.read_api_key()
    if key is not None:
        arguments["api_key"] = key
    elif settings.username is not None:
        arguments["basic_auth"] = (settings.username, settings.read_password() or "")
    if settings.uses_tls:
        try:
            # Made here, and not by the client: that of an event loop does not check the name of hosts that are addresses.
            arguments["ssl_context"] = build_tls_context(settings)
        except ValueError as error:
            raise Misconfigured(f"{PREFIX}ELASTICSEARCH_{error}") from error
    return arguments


class _TrustingNode(Urllib3HttpNode):
    """Trusts what its TLS context trusts. elastic-transport 8.19 would have every public authority trusted beside the CA file."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        if isinstance(self.pool, HTTPSConnectionPool):
            self.pool.ca_certs = None


def connect_elastic(settings: ElasticsearchSettings) -> Elasticsearch:
    """A client for threads. It connects with its first request."""
    return Elasticsearch(**_arguments(settings), node_class=_TrustingNode)


def connect_elastic_async(settings: ElasticsearchSettings) -> AsyncElasticsearch:
    """A client for an event loop. It connects with its first request."""
    return AsyncElasticsearch(**_arguments(settings))


def failure_of(error: ApiError | TransportError, what: str) -> Unavailable | Misconfigured:
    """What a failed request means: NotLetIn (401), Misconfigured where an operator must act (403, 404), else Unavailable."""
    if isinstance(error, TransportError):
        cause = error.message if isinstance(error, TlsError) else error  # it would say "TLS error" of every certificate
        return Unavailable(f"{what}: Elasticsearch does not answer: {cause}")
    status = error.meta.status
    reason = f"{what}: Elasticsearch answered {status}: {error.message}"
    blocked = "cluster_block_exception" in str(error.message)  # 403 of a full disk, which clears itself
    if status == 401:
        return NotLetIn(f"{reason}; check {PREFIX}ELASTICSEARCH_API_KEY, or {PREFIX}ELASTICSEARCH_USERNAME and its password")
    if status == 403 and not blocked:
        action = re.search(r"action \[([\w:/\[\]*-]+?)\]", str(error.body))
        missing = f" for {action[1]}" if action else ""
        return Misconfigured(f"{reason}{missing}; `dateline setup --print-security` lists the rights of each service")
    if status == 404:
        return Misconfigured(f"{reason}; run `dateline setup`")
    return Unavailable(reason)


def check_elastic(client: Elasticsearch) -> str | None:
    """For `/readyz`: None when the cluster can be searched and written, or else why not."""
    try:
        health = client.options(request_timeout=2, max_retries=0).cluster.health()
    except (ApiError, TransportError) as error:
        return str(failure_of(error, "cluster health"))
    return (
        None if health["status"] != "red" else "Elasticsearch is red: some shard has no copy; see GET _cluster/allocation/explain"
    )
