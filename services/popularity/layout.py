"""What popularity finds in Kafka when it starts: whether its topics are there, and how many partitions they have."""

from dataclasses import dataclass

from kafka.errors import KafkaError

from shared.failures import Misconfigured
from shared.kafka_connection import connect_admin, connection_failure
from shared.settings import KafkaSettings
from shared.topics import COMMENTS, COUNTS, ENGAGEMENT, ENRICHED, RANKED, READING, SIGNALS, dead_letters_of

#: The consumer group. With a partition it is a transactional id, by which each owner shuts out the one before: it must not change.
GROUP = "dateline.popularity"
#: The topics that are counted; by a recount, anew.
COUNTED_TOPICS = (ENGAGEMENT, COMMENTS, READING)
#: Those, and the one that says what is known of the articles. An article has the same partition in all of them, and in the topics
#: of the counts and of the signals.
SOURCES = (*COUNTED_TOPICS, ENRICHED)
_NEEDED = (*SOURCES, COUNTS, RANKED, SIGNALS, *map(dead_letters_of, COUNTED_TOPICS))


@dataclass(frozen=True)
class Layout:
    """Partitions of the counted topics, and the id of each of them: a topic that is created anew gets another."""

    partitions: int
    topic_ids: dict[str, str]


def fetch_layout(settings: KafkaSettings) -> Layout:
    """The layout that is there. Unavailable when no broker answers, Misconfigured when the topics are not as they must be."""
    admin = connect_admin(settings)
    try:
        found = {topic["name"]: topic for topic in admin.describe_topics() if not topic.get("error_code")}
    except (KafkaError, OSError) as error:
        raise connection_failure(settings, error) from error
    finally:
        admin.close()
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise Misconfigured(f"topics that do not exist at {settings.bootstrap_servers}: {', '.join(missing)}: run `dateline setup`")
    counts = {name: len(found[name]["partitions"]) for name in (*SOURCES, COUNTS, SIGNALS)}
    if len(set(counts.values())) != 1:
        listed = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise Misconfigured(f"topics that must have the same number of partitions differ: {listed}")
    return Layout(counts[COUNTS], {name: str(found[name]["topic_id"]) for name in SOURCES})
