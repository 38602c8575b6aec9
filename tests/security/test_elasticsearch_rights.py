"""What is not in the table of roles is refused by a real Elasticsearch, for every user."""

import pytest
from elasticsearch import ApiError, Elasticsearch

from ops.cli.access import ELASTICSEARCH_ROLES
from ops.cli.elastic_roles import create_roles
from shared.elastic import check_elastic, connect_elastic
from shared.failures import Misconfigured
from shared.settings import ElasticsearchSettings
from tests.secured_engines import ADMIN, STRANGER

USERS = ("indexer", "search", "setup", "operator", STRANGER)
#: What may be tried, and by whom it would be done; whoever is not named is refused.
OPERATIONS = {
    ("GET", "/articles/_search"): {"indexer", "search", "operator"},
    ("GET", "/articles-000001/_doc/x"): {"indexer", "search", "operator"},
    ("GET", "/comments/_mget"): {"indexer", "search", "operator"},
    ("GET", "/revisions/_search"): {"indexer", "search", "operator"},
    ("GET", "/saved-searches/_search"): {"indexer", "search", "operator"},
    ("POST", "/articles/_doc/x"): {"indexer", "operator"},
    ("DELETE", "/articles/_doc/x"): {"indexer", "operator"},
    ("POST", "/most-popular/_doc/x"): {"indexer", "operator"},
    ("POST", "/saved-searches/_doc/x"): {"indexer", "operator"},
    ("GET", "/matching-000001/_search"): {"indexer"},
    ("DELETE", "/matching-000001"): {"indexer"},
    ("POST", "/articles/_refresh"): {"indexer", "setup", "operator"},
    ("PUT", "/articles/_mapping"): {"setup", "operator"},
    ("PUT", "/articles/_settings"): {"setup", "operator"},
    ("POST", "/articles/_close"): {"setup", "operator"},
    ("DELETE", "/articles-000001"): {"setup", "operator"},
    ("PUT", "/_index_template/dateline-articles"): {"setup", "operator"},
    ("PUT", "/articles-000099"): {"setup", "operator"},
    ("GET", "/accounts/_search"): set(),
    ("POST", "/accounts/_doc/x"): set(),
    ("PUT", "/accounts-2"): set(),
    ("GET", "/_nodes/stats"): {"operator"},
    ("GET", "/_cluster/settings"): {"operator"},
    ("PUT", "/_cluster/settings"): set(),
    ("PUT", "/_snapshot/anywhere"): set(),
    ("POST", "/_security/api_key"): set(),
    ("GET", "/_security/user"): set(),
    ("PUT", "/_security/role/all"): set(),
}
FORBIDDEN = [(user, *operation) for operation, may in OPERATIONS.items() for user in USERS if user not in may]
#: Enough of a body for a request to be looked at; it is judged after who asks.
BODIES = {
    "_mget": {"ids": ["x"]},
    "_mapping": {"properties": {}},
    "_settings": {"index.refresh_interval": "1s"},
    "/_cluster/settings": {"persistent": {"cluster.max_shards_per_node": 2000}},
    "_index_template": {"index_patterns": ["articles-0*"]},
    "/_snapshot": {"type": "fs", "settings": {"location": "anywhere"}},
    "api_key": {"name": "k"},
    "/role/": {"cluster": ["all"]},
}


@pytest.fixture(scope="module")
def clients(secured):
    with connect_elastic(secured.elasticsearch(ADMIN)) as admin:
        admin.options(ignore_status=400).indices.create(index="accounts")
    clients = {user: connect_elastic(secured.elasticsearch(user)) for user in USERS}
    yield clients
    for client in clients.values():
        client.close()


def status_of(client: Elasticsearch, method: str, path: str) -> int:
    fitting = (body for part, body in BODIES.items() if part in path and (method != "GET" or part == "_mget"))
    body = next(fitting, {} if method == "POST" and "_doc" in path else None)
    headers = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if body is not None else {})
    try:
        return client.perform_request(method, path, headers=headers, body=body).meta.status
    except ApiError as error:
        return error.meta.status


def test_the_matrix_is_large():
    assert len(FORBIDDEN) >= 90


@pytest.mark.parametrize(("user", "method", "path"), FORBIDDEN)
def test_what_is_not_a_user_s_is_refused(clients, user, method, path):
    assert status_of(clients[user], method, path) == 403


@pytest.mark.parametrize("path", ["/articles/_search", "/_cluster/health", "/_security/_authenticate"])
def test_nobody_is_let_in_without_an_account(secured, path):
    anonymous = ElasticsearchSettings(url=secured.url, ca_file=str(secured.authority.file))
    with connect_elastic(anonymous) as client:
        assert status_of(client, "GET", path) == 401
        assert "401" in (check_elastic(client) or "")


def test_a_cluster_that_keeps_no_roles_is_told_what_to_do(secured):
    with (
        connect_elastic(secured.elasticsearch(ADMIN)) as client,
        pytest.raises(Misconfigured, match=r"roles\.yml"),
    ):
        create_roles(client.options(request_timeout=60), ELASTICSEARCH_ROLES, "dateline-{user}")
