"""The roles of `access` in Elasticsearch: written by its security API, for users and API keys to be given."""

from collections.abc import Mapping

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from ops.cli.access import ElasticsearchRole
from shared.elastic import failure_of
from shared.failures import Misconfigured


def create_roles(client: Elasticsearch, roles: Mapping[str, ElasticsearchRole], name: str) -> list[str]:
    """Write every role as the table has it; `{user}` in `name` is the user. Answers the names.

    Raises Misconfigured when security is switched off, or this cluster keeps no roles, and Unavailable.
    """
    written = []
    try:
        for user, role in roles.items():
            own = name.replace("{user}", user)
            client.perform_request(
                "PUT",
                f"/_security/role/{own}",
                headers={"Accept": "application/json", "Content-Type": "application/json"},
                body=role.body(),
            )
            written.append(own)
    except ApiError as error:
        if error.meta.status in (400, 405, 500, 503):
            raise Misconfigured(
                f"Elasticsearch keeps no roles ({error.meta.status}: {error.message}): switch xpack.security.enabled on, or put"
                " what `dateline setup --print-security` prints into roles.yml of every node"
            ) from error
        raise failure_of(error, "writing roles") from error
    except TransportError as error:
        raise failure_of(error, "writing roles") from error
    return written
