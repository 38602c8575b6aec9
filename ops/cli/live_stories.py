"""Which story the running services would find a text to tell: from the topic where they say so, which is only read."""

from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import islice

from kafka.errors import KafkaError

from ops.cli.log_reading import fetch_stretches, read_stretch
from services.enrich.core.fingerprint import Fingerprint
from services.enrich.core.story_table import Entry
from services.enrich.story_log import StoryLog
from shared.failures import Misconfigured, Unavailable
from shared.kafka_connection import connect_consumer
from shared.outcomes import NewRecord
from shared.settings import KafkaSettings
from shared.topics import FINGERPRINTS

_RECORDS_AT_ONCE = 2_000

#: The articles that have nearly the text of a fingerprint, the first to tell it first.
FindTold = Callable[[Fingerprint], Sequence[Entry]]


def read_stories(settings: KafkaSettings, most_articles: int) -> FindTold:
    """All stories that are known now.

    Raises:
        Unavailable: Kafka does not answer.
        Misconfigured: It has no such topic.
    """
    log = StoryLog(most_articles, _send_nothing)
    with closing(connect_consumer(settings, "dateline-cli", group_id=None)) as consumer:
        try:
            stretches = fetch_stretches(consumer, FINGERPRINTS)
            if not stretches:
                raise Misconfigured(f"topic {FINGERPRINTS} does not exist: run `dateline setup`")
            for place, stretch in stretches.items():
                reading = read_stretch(consumer, place, stretch)
                while records := list(islice(reading, _RECORDS_AT_ONCE)):
                    log.learn(records)
        except KafkaError as error:
            raise Unavailable(f"Kafka at {settings.bootstrap_servers} does not give {FINGERPRINTS}: {error}") from error
    log.finish_reading()
    return log.find_told


def _send_nothing(_records: Sequence[NewRecord]) -> None:
    """Nothing is claimed: it is only asked."""
