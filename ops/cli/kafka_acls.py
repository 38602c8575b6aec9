"""The rights of `access` as ACLs of Kafka: built, compared with what the cluster has, and created where they are missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import ClusterAuthorizationFailedError, KafkaError, SecurityDisabledError

from ops.cli.access import KafkaRights
from shared.failures import Misconfigured
from shared.kafka_connection import connect_admin, connection_failure
from shared.settings import KafkaSettings


@dataclass(frozen=True, slots=True, order=True)
class Allowed:
    """One thing that a principal may do; all resources whose name begins so where `is_prefix`."""

    principal: str
    resource: str
    name: str
    is_prefix: bool
    operation: str

    def __str__(self) -> str:
        return f"{self.principal} {self.operation} {self.resource} {self.name}{'*' if self.is_prefix else ''}"


def build_allowed(rights: Mapping[str, KafkaRights], principal: str) -> list[Allowed]:
    """All that the table allows; `{user}` in `principal` is the name of each of its users."""
    return sorted(set(_list_allowed(rights, principal)))


def _list_allowed(rights: Mapping[str, KafkaRights], principal: str) -> Iterator[Allowed]:
    for user, may in rights.items():
        who = principal.replace("{user}", user)
        for name in may.reads:
            yield Allowed(who, "topic", name, is_prefix=False, operation="read")
        for name in may.writes:
            yield Allowed(who, "topic", name, is_prefix=False, operation="write")
        for name in may.creates:
            yield Allowed(who, "topic", name, is_prefix=False, operation="create")
            yield Allowed(who, "topic", name, is_prefix=False, operation="describe")
        for name in may.groups:
            yield Allowed(who, "group", name, is_prefix=False, operation="read")
        for name in may.groups_seen:
            yield Allowed(who, "group", name, is_prefix=True, operation="describe")
        for name in may.transactional_ids:
            yield Allowed(who, "transactional_id", name, is_prefix=True, operation="write")
            yield Allowed(who, "transactional_id", name, is_prefix=True, operation="describe")


@dataclass(frozen=True, slots=True)
class AclsSetUp:
    """What was created, how many were there already, and what the cluster allows our users beyond the table."""

    created: list[Allowed]
    kept: int
    beyond: list[Allowed]

    def __str__(self) -> str:
        lines = [f"ACLs created: {len(self.created)}; {self.kept} were there."]
        lines += [f"Allowed, but not needed: {each}; take it away by kafka-acls --remove" for each in self.beyond]
        return "\n".join(lines)


def create_acls(settings: KafkaSettings, wanted: list[Allowed]) -> AclsSetUp:
    """Allow what is wanted and not allowed yet. Never takes a right away.

    Raises Misconfigured when the cluster has no authorizer, or does not let us change ACLs, and Unavailable.
    """
    admin = connect_admin(settings)
    try:
        found, _ = admin.describe_acls(_ANY)
        there = {allowed for acl in found if (allowed := _read(acl)) is not None}
        missing = [each for each in wanted if each not in there]
        failed = admin.create_acls([_build(each) for each in missing])["failed"] if missing else []
    except SecurityDisabledError as error:
        raise Misconfigured(
            f"Kafka at {settings.bootstrap_servers} has no authorizer, so everybody may do everything: set authorizer.class.name"
        ) from error
    except ClusterAuthorizationFailedError as error:
        raise Misconfigured(
            f"{settings.username or 'this client'} may not change ACLs of Kafka at {settings.bootstrap_servers}: use an account of "
            "super.users, or one with ALTER on the cluster"
        ) from error
    except (KafkaError, OSError) as error:
        raise connection_failure(settings, error) from error
    finally:
        admin.close()
    if failed:
        raise Misconfigured(f"Kafka at {settings.bootstrap_servers} refused {len(failed)} ACLs, the first: {failed[0].__name__}")
    users = {each.principal for each in wanted}
    beyond = sorted(each for each in there - set(wanted) if each.principal in users)
    return AclsSetUp(missing, len(wanted) - len(missing), beyond)


_ANY = ACLFilter(
    principal=None,
    host=None,
    operation=ACLOperation.ANY,
    permission_type=ACLPermissionType.ANY,
    resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)


def _build(allowed: Allowed) -> ACL:
    kind = ACLResourcePatternType.PREFIXED if allowed.is_prefix else ACLResourcePatternType.LITERAL
    return ACL(
        principal=allowed.principal,
        host="*",
        operation=ACLOperation[allowed.operation.upper()],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(ResourceType[allowed.resource.upper()], allowed.name, kind),
    )


def _read(acl: ACL) -> Allowed | None:
    """What an ACL of the cluster allows from every host; None for one that denies, or is for one host."""
    if acl.permission_type is not ACLPermissionType.ALLOW or acl.host != "*":
        return None
    pattern = acl.resource_pattern
    return Allowed(
        principal=acl.principal,
        resource=pattern.resource_type.name.lower(),
        name=pattern.resource_name,
        is_prefix=pattern.pattern_type is ACLResourcePatternType.PREFIXED,
        operation=acl.operation.name.lower(),
    )
