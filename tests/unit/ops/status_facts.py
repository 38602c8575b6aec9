"""Facts of a Dateline that is well, for tests that take something away from it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ops.local.services import NAMES
from ops.status.facts import (
    Disk,
    ElasticFacts,
    Facts,
    FeedsFacts,
    GroupFacts,
    KafkaFacts,
    LettersFacts,
    ListsFacts,
    ServiceFacts,
    TopicFacts,
)
from shared.indices import ALIASES
from tests.builders import NOON

_GB = 10**9
_READERS = {
    "ingest": "articles.inbound",
    "enrich": "articles.published",
    "indexer": "articles.enriched",
    "popularity": "engagement.recorded",
}


def kafka_facts(**fields: Any) -> KafkaFacts:
    """One broker; an article came a minute ago, and a view."""
    minute_ago = NOON - timedelta(minutes=1)
    topics = [
        TopicFacts("articles.published", 4, 100, retention_ms=30 * 86_400_000, newest=minute_ago),
        TopicFacts("engagement.recorded", 4, 1000, newest=minute_ago),
    ]
    groups = [GroupFacts(f"dateline.{service}", "Stable", 1, {topic: 0}) for service, topic in _READERS.items()]
    own = KafkaFacts(["127.0.0.1:9092"], topics, groups, disk=Disk(50 * _GB, 100 * _GB))
    return replace(own, **fields)


def elastic_facts(**fields: Any) -> ElasticFacts:
    """One green node; the newest article is searchable since 50 seconds."""
    newest = NOON - timedelta(seconds=50)
    own = ElasticFacts("green", 1, "8.19.21", dict.fromkeys(ALIASES, 1), newest=newest, lists=ListsFacts(9, newest))
    return replace(own, **fields)


def well(**fields: Any) -> Facts:
    """All is well."""
    services = [ServiceFacts(name, f"http://127.0.0.1:{9101 + number}") for number, name in enumerate(NAMES)]
    own = Facts(NOON, kafka_facts(), elastic_facts(), services, LettersFacts(), FeedsFacts({"ok": 3}))
    return replace(own, **fields)
