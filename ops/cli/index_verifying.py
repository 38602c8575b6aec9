"""Compares Kafka's log with the index: what the log holds must stand in the index, in that version or a newer one, once."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from services.indexer.core.documents import Action
from shared.indices import RETRACTED
from shared.outcomes import OutcomeName

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest state of a document that the log holds, and where its record stands there: `topic-partition-offset`."""

    version: int
    is_retracted: bool
    place: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One document that is not in the index as the log has it."""

    id: str
    detail: str


def collect_newest(actions: Iterable[Action]) -> dict[str, Newest]:
    """The newest state of each document in the log."""
    newest: dict[str, Newest] = {}
    for action in actions:
        known = newest.get(action.id)
        if known is None or action.version > known.version:
            place = "-".join(map(str, action.place))
            newest[action.id] = Newest(action.version, action.outcome is OutcomeName.RETRACTED, place)
    return newest


def find_differences(
    newest: Mapping[str, Newest], found: Mapping[str, Sequence[Mapping[str, Any]]], refused: Container[str] = ()
) -> Iterator[Difference]:
    """Where the index differs.

    Args:
        newest: What it should hold.
        found: The documents that there are of each id, of all indices.
        refused: Places of records that the indexer dead-lettered.
    """
    for own_id, asked in newest.items():
        there = found.get(own_id, ())
        if not there:
            yield Difference(own_id, f"is missing: the log has version {asked.version}{_why(asked, refused)}")
            continue
        if len(there) > 1:
            yield Difference(own_id, f"stands in {len(there)} indices: {', '.join(str(each['_index']) for each in there)}")
        best = max(there, key=lambda each: int(each["_version"]))
        if best["_version"] < asked.version:
            yield Difference(
                own_id, f"is old: version {best['_version']} in {best['_index']}, {asked.version} in the log{_why(asked, refused)}"
            )
        elif asked.is_retracted and best["_version"] == asked.version and best["_source"].get("status") != RETRACTED:
            yield Difference(own_id, f"is shown in {best['_index']} although it was retracted")


def _why(asked: Newest, refused: Container[str]) -> str:
    return f"; that is dead letter {asked.place}" if asked.place in refused else ""


def verify(
    client: Elasticsearch, names: Sequence[str], newest: Mapping[str, Newest], refused: Container[str]
) -> Iterator[Difference]:
    """Look all documents up in the indices of those names, as they stand this moment, and tell where they differ."""
    ids = list(newest)
    for first in range(0, len(ids), _AT_ONCE):
        chunk = ids[first : first + _AT_ONCE]
        asked = {own_id: newest[own_id] for own_id in chunk}
        yield from find_differences(asked, fetch_documents(client, names, chunk), refused)


def fetch_documents(client: Elasticsearch, names: Sequence[str], ids: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    """The documents of some ids in some indices: id, index, version and status, without a wait for a refresh."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for name in names:
        for doc in client.mget(index=name, ids=list(ids), source_includes=["status"])["docs"]:
            if doc.get("found"):
                found.setdefault(doc["_id"], []).append(doc)
    return found
