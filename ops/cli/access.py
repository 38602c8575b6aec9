"""Who may do what in Kafka and Elasticsearch, and nothing else: one table, which `dateline setup --security` applies.

A test has every service work with these rights only, and has every other operation refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ops.cli.stepping_over import STEPPABLE
from shared import indices, topics

#: What consumer groups and transactional ids of Dateline begin with.
_OWN = "dateline"


@dataclass(frozen=True, slots=True)
class KafkaRights:
    """What one user may do in Kafka.

    Attributes:
        reads: Topics that it may read; what may be read or written may also be described.
        writes: Topics that it may write to.
        creates: Topics that it may create and describe.
        groups: Consumer groups that it may join, and whose offsets it may commit.
        groups_seen: What consumer groups begin with that it may look at: members and committed offsets.
        transactional_ids: What transactional ids begin with that it may write under.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    creates: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    groups_seen: tuple[str, ...] = ()
    transactional_ids: tuple[str, ...] = ()


def _letters_of(*names: str) -> tuple[str, ...]:
    return tuple(topics.dead_letters_of(name) for name in names)


_ALL_TOPICS = tuple(topic.name for topic in topics.all_topics())
_INDEXED = (topics.ENRICHED, topics.COMMENTS, topics.RANKED, topics.SIGNALS, topics.SEARCHES, topics.MATCHES)
_COUNTED = (topics.ENGAGEMENT, topics.COMMENTS, topics.READING)
_DELIVERED = (topics.MATCHES, topics.WEBHOOK_RETRIES)

#: By user: the services, `setup` (the command, once at each update) and `operator` (all other commands of `dateline`).
KAFKA_RIGHTS: Mapping[str, KafkaRights] = MappingProxyType(
    {
        "ingest": KafkaRights(
            reads=(topics.INBOUND, topics.MEMORY, topics.FEEDS_STATE),
            writes=(
                topics.PUBLISHED,
                *_COUNTED,
                topics.MEMORY,
                topics.FEEDS_STATE,
                *_letters_of(topics.INBOUND),
            ),
            groups=("dateline.ingest", "dateline.feeds"),
        ),
        "enrich": KafkaRights(
            reads=(topics.PUBLISHED, topics.FINGERPRINTS),
            writes=(topics.ENRICHED, topics.FINGERPRINTS, *_letters_of(topics.PUBLISHED)),
            groups=("dateline.enrich",),
        ),
        "popularity": KafkaRights(
            reads=(*_COUNTED, topics.ENRICHED, topics.COUNTS),
            writes=(topics.COUNTS, topics.RANKED, topics.SIGNALS, *_letters_of(*_COUNTED)),
            groups=("dateline.popularity",),
            transactional_ids=("dateline.popularity-",),
        ),
        "indexer": KafkaRights(reads=_INDEXED, writes=(topics.MATCHES, *_letters_of(*_INDEXED)), groups=("dateline.indexer",)),
        "search": KafkaRights(writes=(topics.SEARCHES,)),
        "webhooks": KafkaRights(
            reads=(topics.SEARCHES, *_DELIVERED),
            writes=(topics.WEBHOOK_RETRIES, *_letters_of(*_DELIVERED)),
            groups=("dateline.webhooks", "dateline.webhooks-retries"),
        ),
        "setup": KafkaRights(creates=_ALL_TOPICS),
        "operator": KafkaRights(
            reads=_ALL_TOPICS,
            writes=_ALL_TOPICS,
            creates=_ALL_TOPICS,
            groups=tuple(f"{_OWN}.{service}" for service in STEPPABLE),
            groups_seen=(_OWN,),
            transactional_ids=(_OWN,),
        ),
    }
)

#: `/readyz` asks for it; the named privilege `monitor` would allow much more.
_HEALTH = "cluster:monitor/health"


def _indices_of(*aliases: str) -> list[str]:
    """Aliases and the indices behind them."""
    return [name for alias in aliases for name in (alias, f"{alias}-0*")]


@dataclass(frozen=True, slots=True)
class ElasticsearchRole:
    """What one user may do in Elasticsearch: privileges of the cluster, and by indices."""

    cluster: tuple[str, ...] = ()
    privileges: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The role as `PUT _security/role/…` takes it, and an API key among its `role_descriptors`."""
        by_index = [{"names": list(names), "privileges": list(what)} for names, what in self.privileges.items()]
        return {"cluster": list(self.cluster), "indices": by_index}


#: By user, as KAFKA_RIGHTS; a user that is not here has no account in Elasticsearch.
ELASTICSEARCH_ROLES: Mapping[str, ElasticsearchRole] = MappingProxyType(
    {
        "indexer": ElasticsearchRole(
            (_HEALTH,),
            {
                # Not the named privilege `write`, with which Elasticsearch 8 would let mappings be changed too.
                tuple(_indices_of(*indices.ALIASES)): (
                    "read",
                    "indices:data/write/*",
                    "view_index_metadata",
                    "indices:admin/refresh*",
                ),
                # The indexer's own: it is made, used and made anew.
                tuple(_indices_of(indices.MATCHING)): (
                    "read",
                    "write",
                    "view_index_metadata",
                    "create_index",
                    "delete_index",
                    "indices:admin/analyze*",
                    "indices:admin/aliases",
                ),
            },
        ),
        "search": ElasticsearchRole((_HEALTH,), {tuple(_indices_of(*indices.ALIASES)): ("read",)}),
        "setup": ElasticsearchRole(
            (_HEALTH, "manage_index_templates", "cluster:admin/analyze"),
            {tuple(_indices_of(*indices.ALIASES)): ("create_index", "manage", "view_index_metadata")},
        ),
        "operator": ElasticsearchRole(
            ("monitor", "manage_index_templates", "create_snapshot"),
            {tuple(_indices_of(*indices.ALIASES)): ("all",)},
        ),
    }
)
