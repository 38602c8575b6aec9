"""`dateline setup`: topics, index templates, indices and aliases. Doing it again changes nothing; it never deletes."""

from pathlib import Path
from typing import Any

import orjson
from elastic_transport import TransportError
from elasticsearch import ApiError, BadRequestError, Elasticsearch
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError

from shared import indices
from shared.elastic import failure_of
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import connect_admin
from shared.settings import KafkaSettings
from shared.topics import Topic, all_topics

_TEMPLATES = Path(__file__).resolve().parents[2] / "schemas" / "elasticsearch"


def create_topics(settings: KafkaSettings, partitions: int, replication: int) -> list[str]:
    """Create the topics that do not exist yet; answers their names. Misconfigured when one has another partition count."""
    admin = connect_admin(settings)
    try:
        existing = _partition_counts(admin)
        wrong = {t.name: existing[t.name] for t in all_topics() if t.name in existing and existing[t.name] != _count(t, partitions)}
        if wrong:
            listed = ", ".join(f"{name} has {count}" for name, count in wrong.items())
            raise Misconfigured(
                f"topics with another number of partitions than {partitions}: {listed}. Articles keep to their partition, so the "
                f"count cannot change in place: set DATELINE_TOPICS_PARTITIONS to what they have, or create them anew and replay"
            )
        missing = [topic for topic in all_topics() if topic.name not in existing]
        if missing:
            new = [NewTopic(t.name, _count(t, partitions), replication, topic_configs=t.configs) for t in missing]
            _raise_errors(admin.create_topics(new, validate_only=False))
        return [topic.name for topic in missing]
    except (KafkaError, OSError) as error:
        raise Unavailable(f"creating topics at {settings.bootstrap_servers}: {error}") from error
    finally:
        admin.close()


def _count(topic: Topic, partitions: int) -> int:
    return 1 if topic.single else partitions


def _partition_counts(admin: KafkaAdminClient) -> dict[str, int]:
    return {found["name"]: len(found["partitions"]) for found in admin.describe_topics()}


def _raise_errors(answer: Any) -> None:
    for topic in answer.get("topics", []):
        if topic.get("error_code"):
            raise Misconfigured(f"Kafka did not create {topic['name']}: {topic.get('error_message') or topic['error_code']}")


def analysis_variant(client: Elasticsearch) -> str:
    """`builtin` where the cluster has the language analyzers, `standard` where it does not (as the embedded one)."""
    try:
        client.indices.analyze(analyzer="english", text="probe")
    except BadRequestError:
        return "standard"
    return "builtin"


def build_template(alias: str, variant: str, shards: int, replicas: int) -> dict[str, Any]:
    """The index template of an alias, from the files under schemas/elasticsearch."""
    analysis = _read(f"analysis-{variant}") if alias == indices.ARTICLES else {}
    settings = {
        "number_of_shards": shards,
        "number_of_replicas": replicas,
        "refresh_interval": "1s",
        "max_result_window": 1000,
        "translog.durability": "request",
        "analysis": analysis,
    }
    return {
        "index_patterns": [f"{alias}-0*"],
        "priority": 500,
        "template": {"settings": {"index": settings}, "mappings": _read(alias)},
    }


def create_indices(client: Elasticsearch, shards: int = 1, replicas: int = 0) -> list[str]:
    """Put the templates, and create the first index behind every alias that has none; answers the indices created.

    Indices that are there get new fields, so that setting up again after an update is enough.
    """
    try:
        variant = analysis_variant(client)
        created = []
        for alias in indices.ALIASES:
            template = build_template(alias, variant, shards, replicas)
            client.indices.put_index_template(name=f"dateline-{alias}", **template)
            if client.indices.exists_alias(name=alias):
                # The template is for indices to come; those that are there get the fields that a newer version added.
                client.indices.put_mapping(index=alias, properties=template["template"]["mappings"]["properties"])
            else:
                client.indices.create(index=indices.first_index(alias), aliases={alias: {"is_write_index": True}})
                created.append(indices.first_index(alias))
    except (ApiError, TransportError) as error:
        raise failure_of(error, "setting up the indices") from error
    return created


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads((_TEMPLATES / f"{name}.json").read_bytes())
    return content
