"""The articles, comments or lists that Kafka's log holds, as the documents that the indexer makes of them, with their counts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice

from elasticsearch import Elasticsearch
from kafka.errors import KafkaError

from ops.cli.index_copying import write_documents
from ops.cli.log_reading import Stretch, fetch_stretches, read_stretch
from services.indexer.core.documents import Action, build_action
from services.indexer.core.history import Standing
from services.indexer.core.signals import Signal, count_anew, is_counted, join_signals, read_record
from shared.events import Record, format_time
from shared.failures import Misconfigured, Unavailable
from shared.indices import ARTICLES, COMMENTS, MATCHES, MOST_POPULAR, SAVED_SEARCHES
from shared.kafka_connection import connect_consumer
from shared.settings import KafkaSettings
from shared.topics import COMMENTS as COMMENTS_TOPIC
from shared.topics import ENRICHED, RANKED, SEARCHES, SIGNALS
from shared.topics import MATCHES as MATCHES_TOPIC

#: The topic that each alias is fed from.
TOPICS = {
    ARTICLES: ENRICHED,
    COMMENTS: COMMENTS_TOPIC,
    MOST_POPULAR: RANKED,
    SAVED_SEARCHES: SEARCHES,
    MATCHES: MATCHES_TOPIC,
}
_INDEXER_GROUP = "dateline.indexer"
_BATCH = 500
#: Documents that are read whole at once; an article takes 1 MiB at most.
_WHOLE_AT_ONCE = 50


def read_actions(settings: KafkaSettings, alias: str, *, only_indexed: bool) -> Iterator[Action]:
    """What the log holds for an alias; what cannot be a document is passed over, as the indexer dead-letters it.

    With `only_indexed`, up to where the indexer has done it. Raises Unavailable and Misconfigured.
    """
    for record in _read_log(settings, TOPICS[alias], only_indexed=only_indexed):
        action = build_action(record)
        if isinstance(action, Action):
            yield action


def read_signals(settings: KafkaSettings) -> Iterator[Signal]:
    """The counts of every article as popularity told them last, some more than once. Raises Unavailable and Misconfigured."""
    for record in _read_log(settings, SIGNALS, only_indexed=False):
        signal = read_record(record)
        if isinstance(signal, Signal):
            yield signal


def _read_log(settings: KafkaSettings, topic: str, *, only_indexed: bool) -> Iterator[Record]:
    group = _INDEXER_GROUP if only_indexed else None
    try:
        with closing(connect_consumer(settings, "dateline-index", group_id=group)) as consumer:
            stretches = fetch_stretches(consumer, topic)
            if not stretches:
                raise Misconfigured(f"Kafka at {settings.bootstrap_servers} has no topic {topic}: run `dateline setup`")
            done = {place: consumer.committed(place) or 0 for place in stretches} if only_indexed else {}
            for place, stretch in stretches.items():
                yield from read_stretch(consumer, place, Stretch(stretch.start, min(stretch.end, done.get(place, stretch.end))))
    except (KafkaError, OSError) as error:
        raise Unavailable(f"reading {topic} at {settings.bootstrap_servers}: {error}") from error


def add_log(
    client: Elasticsearch,
    actions: Iterator[Action],
    target: str,
    lives_here: Callable[[Sequence[str]], frozenset[str]],
    watch: Callable[[str, int], None],
) -> None:
    """Add what the log holds to an index that is being built; what the index has in a newer version stays.

    `lives_here` says which of some ids belong into this index: all of them where an alias has one index only.
    """
    done = 0
    batch: list[Action] = []
    for action in actions:
        batch.append(action)
        if len(batch) == _BATCH:
            _add(client, batch, target, lives_here)
            done += len(batch)
            batch = []
            watch(f"adding the log to {target}", done)
    _add(client, batch, target, lives_here)


def _add(
    client: Elasticsearch, batch: Sequence[Action], target: str, lives_here: Callable[[Sequence[str]], frozenset[str]]
) -> None:
    here = lives_here([action.id for action in batch])
    stamp = format_time(datetime.now(UTC))
    own = [action for action in batch if action.id in here]
    counted = _fetch_standing(client, target, [action.id for action in own if action.alias == ARTICLES])

    def lines(action: Action) -> Sequence[bytes | memoryview]:
        there = counted.get(action.id)
        return action.lines(stamp, index=target, counts=b"" if there is None else there.counts_for(action))

    write_documents(client, target, own, lines)


def _fetch_standing(client: Elasticsearch, index: str, ids: Sequence[str]) -> dict[str, Standing]:
    """Of those that are there."""
    docs = client.mget(index=index, ids=list(ids), source_includes=["views", "comments"])["docs"] if ids else []
    return {
        doc["_id"]: Standing(index, doc["_version"], doc["_source"].get("views") or 0, doc["_source"].get("comments") or 0)
        for doc in docs
        if doc.get("found")
    }


def add_counts(client: Elasticsearch, signals: Iterable[Signal], target: str, watch: Callable[[str, int], None]) -> None:
    """Raise the counts of articles in an index that is being built to what popularity told; higher ones stay.

    Articles that the index does not have are passed over. Errors as in `add_log`.
    """
    done = 0
    left = iter(signals)
    while batch := list(islice(left, _BATCH)):
        joined = join_signals(batch)
        standing = _fetch_standing(client, target, list(joined))
        higher = [own_id for own_id, there in standing.items() if _is_higher(joined[own_id], there)]
        for first in range(0, len(higher), _WHOLE_AT_ONCE):
            docs = client.mget(index=target, ids=higher[first : first + _WHOLE_AT_ONCE])["docs"]
            published = [doc for doc in docs if doc.get("found") and is_counted(doc["_source"])]
            counted = [count_anew(joined[doc["_id"]], doc["_version"], doc["_source"]) for doc in published]
            raised = [action for action in counted if action is not None]
            write_documents(client, target, raised, lambda action: action.lines(None, index=target, again=True))
        done += len(batch)
        watch(f"adding counts to {target}", done)


def _is_higher(signal: Signal, there: Standing) -> bool:
    return signal.views > there.views or signal.comments > there.comments
