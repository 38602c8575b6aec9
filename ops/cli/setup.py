"""`dateline setup`: topics, index templates, indices and aliases. Doing it again changes nothing; it never deletes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError

from ops.cli.analysis import PATIENCE_SECONDS, Analysis, build_analysis, choose_analysis, name_other_analysis, read_file
from ops.cli.mapping import is_mapped_otherwise, new_fields
from shared import indices
from shared.elastic import failure_of
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import connect_admin
from shared.settings import KafkaSettings
from shared.topics import Topic, all_topics


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


def build_template(alias: str, variant: str, shards: int, replicas: int, without: Collection[str] = ()) -> dict[str, Any]:
    """The index template of an alias, from the files under schemas/elasticsearch; the last two as of `build_analysis`."""
    analysis = build_analysis(variant, without) if alias == indices.ARTICLES else {}
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
        "template": {"settings": {"index": settings}, "mappings": read_file(alias)},
    }


@dataclass(frozen=True, slots=True)
class IndicesSetUp:
    """What was done: the indices created, how texts are analysed in new ones, and which old ones do it in another way."""

    created: list[str]
    analysis: Analysis
    analysed_otherwise: list[str]

    def __str__(self) -> str:
        lines = [f"Indices created: {', '.join(self.created) or 'none, all were there'}.", f"Analysis: {self.analysis}."]
        if self.analysed_otherwise:
            names = ", ".join(self.analysed_otherwise)
            lines.append(
                f"{names}: made with another analysis or mapping, which goes on; `dateline index rebuild` brings this one."
            )
        return "\n".join(lines)


def create_indices(client: Elasticsearch, shards: int = 1, replicas: int = 0) -> IndicesSetUp:
    """Put the templates, and create the first index behind every alias that has none.

    Indices that are there get new fields, so that setting up again after an update is enough. Their analysis cannot change.
    """
    client = client.options(request_timeout=PATIENCE_SECONDS)
    try:
        analysis = choose_analysis(client)
        created: list[str] = []
        otherwise: set[str] = set()
        for alias in indices.ALIASES:
            template = build_template(alias, analysis.variant, shards, replicas, analysis.without)
            client.indices.put_index_template(name=f"dateline-{alias}", **template)
            if client.indices.exists_alias(name=alias):
                # The template is for indices to come; those that are there get the fields that a newer version added.
                otherwise |= _add_fields(client, alias, template["template"]["mappings"]["properties"])
            else:
                client.indices.create(index=indices.first_index(alias), aliases={alias: {"is_write_index": True}})
                created.append(indices.first_index(alias))
        otherwise |= set(name_other_analysis(client, build_analysis(analysis.variant, analysis.without)))
    except (ApiError, TransportError) as error:
        raise failure_of(error, "setting up the indices") from error
    return IndicesSetUp(created, analysis, sorted(otherwise))


def _add_fields(client: Elasticsearch, alias: str, properties: Mapping[str, Any]) -> set[str]:
    """Add the fields that indices lack; answers those of them whose other fields are indexed in another way."""
    otherwise = set()
    for name, described in client.indices.get_mapping(index=alias).items():
        there = described["mappings"].get("properties", {})
        missing = new_fields(properties, there)
        if missing:
            client.indices.put_mapping(index=name, properties=missing)
        if is_mapped_otherwise(properties, there):
            otherwise.add(name)
    return otherwise
