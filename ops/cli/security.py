"""`dateline setup --security` and `--print-security`: who may do what in the engines, printed or put into force."""

import string
from typing import Any

from ops.cli.access import ELASTICSEARCH_ROLES, KAFKA_RIGHTS
from ops.cli.elastic_roles import create_roles
from ops.cli.kafka_acls import build_allowed, create_acls
from ops.cli.settings import CLISettings
from shared.elastic import connect_elastic
from shared.failures import Misconfigured

PRINCIPAL = "User:dateline-{user}"
ROLE = "dateline-{user}"


def describe_security(principal: str) -> dict[str, Any]:
    """The ACLs and roles as data, to be looked at or applied by other means."""
    _check(principal)
    acls = [
        {
            "principal": each.principal,
            "resource": each.resource,
            "name": each.name,
            "pattern": "prefixed" if each.is_prefix else "literal",
            "operation": each.operation,
        }
        for each in build_allowed(KAFKA_RIGHTS, principal)
    ]
    return {
        "kafka_acls": acls,
        "elasticsearch_roles": {ROLE.replace("{user}", user): role.body() for user, role in ELASTICSEARCH_ROLES.items()},
    }


def set_up_security(settings: CLISettings, principal: str) -> str:
    """Create what is missing in both engines; answers what was done, in words. Raises Misconfigured and Unavailable."""
    _check(principal)
    acls = create_acls(settings.kafka, build_allowed(KAFKA_RIGHTS, principal))
    with connect_elastic(settings.elasticsearch) as client:
        roles = create_roles(client, ELASTICSEARCH_ROLES, ROLE)
    return f"{acls}\nRoles written: {', '.join(roles)}."


def _check(principal: str) -> None:
    fields = {name for _, name, _, _ in string.Formatter().parse(principal) if name is not None}
    if fields != {"user"} or not principal.startswith("User:"):
        raise Misconfigured(f"--principal {principal}: it must begin with User: and have {{user}} in it, such as {PRINCIPAL}")
