"""The one place that makes Elasticsearch clients, and says in Dateline's terms what went wrong with one."""

from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, Elasticsearch
from elasticsearch.serializer import NdjsonSerializer, OrjsonSerializer

from shared.failures import Misconfigured, Unavailable
from shared.settings import ElasticsearchSettings

_FORBIDDEN = (401, 403)


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
    if settings.api_key is not None:
        arguments["api_key"] = settings.api_key.get_secret_value()
    elif settings.username is not None and settings.password is not None:
        arguments["basic_auth"] = (settings.username, settings.password.get_secret_value())
    if settings.ca_file is not None:
        arguments["ca_certs"] = settings.ca_file
    return arguments


def connect_elastic(settings: ElasticsearchSettings) -> Elasticsearch:
    """A client for threads. It connects with its first request."""
    return Elasticsearch(**_arguments(settings))


def connect_elastic_async(settings: ElasticsearchSettings) -> AsyncElasticsearch:
    """A client for an event loop. It connects with its first request."""
    return AsyncElasticsearch(**_arguments(settings))


def failure_of(error: ApiError | TransportError, what: str) -> Unavailable | Misconfigured:
    """What a failed request means: Misconfigured where an operator must act (401, 403, 404), else Unavailable."""
    if isinstance(error, TransportError):
        return Unavailable(f"{what}: Elasticsearch does not answer: {error}")
    status = error.meta.status
    reason = f"{what}: Elasticsearch answered {status}: {error.message}"
    blocked = "cluster_block_exception" in str(error.message)  # 403 of a full disk, which clears itself
    if status in _FORBIDDEN and not blocked:
        return Misconfigured(f"{reason}; check the user or API key, and its role")
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
