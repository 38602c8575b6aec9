"""Copies documents from one index to another with their versions, page by page, while others go on writing to the first.

What is copied is checked by a digest of all ids and versions, which does not depend on their order.
"""

import hashlib
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import orjson
from elasticsearch import Elasticsearch

from ops.cli.point_in_time import read_pages
from services.indexer.bulk_request import send_bulk, send_in_halves
from services.indexer.core.documents import Action
from services.indexer.core.verdicts import Retry, Stop, Verdict
from shared.backoff import Backoff
from shared.failures import Misconfigured, Unavailable
from shared.outcomes import DeadLettered

#: What is made of a document on its way.
Shape = Callable[[dict[str, Any]], dict[str, Any]]
#: The lines of a `_bulk` body that write a document.
Lines = Callable[[Action], Sequence[bytes | memoryview]]

#: A body takes a megabyte at the most, an article some kilobytes.
_PAGE_DOCUMENTS = 500
_BULK_BYTES = 8 * 1024 * 1024
_IN_FLIGHT = 3
_MOST_TRIES = 10
_MASK = 2**64 - 1
#: A copy stands for no record in Kafka.
_NOWHERE = ("", 0, 0)


@dataclass(frozen=True, slots=True)
class Versions:
    """How many documents, and the sum of a hash over each one's id and version, modulo 2^64: equal for equal sets of documents."""

    count: int = 0
    digest: int = 0

    def __add__(self, other: "Versions") -> "Versions":
        return Versions(self.count + other.count, (self.digest + other.digest) & _MASK)


def versions_of(documents: Iterable[tuple[str, int]]) -> Versions:
    """The sum over ids and versions."""
    total = Versions()
    for own_id, version in documents:
        hashed = hashlib.blake2b(f"{own_id}\n{version}".encode(), digest_size=8).digest()
        total += Versions(1, int.from_bytes(hashed))
    return total


def fetch_checkpoint(client: Elasticsearch, index: str) -> int:
    """The sequence number up to which, in every shard, all writes are done; -1 of an empty index.

    A refresh that begins after this shows all of them.
    """
    shards = client.indices.stats(index=index, level="shards", metric="docs")["indices"][index]["shards"]
    return min(int(copy["seq_no"]["global_checkpoint"]) for copies in shards.values() for copy in copies)


def copy_documents(
    client: Elasticsearch, source: str, target: str, above: int, shape: Shape, watch: Callable[[Sequence[tuple[str, int]]], None]
) -> None:
    """Copy what was written with a sequence number above `above`.

    A document that the target has in the same or an older version is overwritten, one that it has in a newer one is left.

    Args:
        client: Of both indices.
        source: Index to read, as a refresh shows it now.
        target: Index to write.
        above: -1 for all.
        shape: What the target is to hold of a document.
        watch: Told the ids and versions of each page that was read.

    Raises:
        Misconfigured: The target's mapping refuses a document.
        Unavailable: Elasticsearch takes no more.
    """
    client.indices.refresh(index=source)
    under_way: deque[Future[None]] = deque()
    with ThreadPoolExecutor(_IN_FLIGHT) as pool:
        for page in _fetch_pages(client, source, {"range": {"_seq_no": {"gt": above}}}, with_source=True):
            watch([(hit["_id"], hit["_version"]) for hit in page])
            copies = [Action(_NOWHERE, target, hit["_id"], hit["_version"], orjson.dumps(shape(hit["_source"]))) for hit in page]
            under_way.append(
                pool.submit(write_documents, client, target, copies, lambda copy: copy.lines(None, index=target, again=True))
            )
            while len(under_way) > _IN_FLIGHT:
                under_way.popleft().result()
        for each in under_way:
            each.result()


def fetch_versions(client: Elasticsearch, index: str) -> Versions:
    """The sum over all documents of an index that a refresh shows now."""
    client.indices.refresh(index=index)
    total = Versions()
    for page in _fetch_pages(client, index, {"match_all": {}}, with_source=False):
        total += versions_of((hit["_id"], hit["_version"]) for hit in page)
    return total


def _fetch_pages(
    client: Elasticsearch, index: str, query: Mapping[str, Any], *, with_source: bool
) -> Iterator[list[dict[str, Any]]]:
    pages = read_pages(
        client, index, _PAGE_DOCUMENTS, ["_shard_doc"], query=query, source=with_source, version=True, track_total_hits=False
    )
    with closing(pages):
        for page in pages:
            yield page["hits"]


def write_documents(client: Elasticsearch, index: str, actions: Sequence[Action], lines: Lines) -> None:
    """Write documents into an index; newer ones that are there stay. Errors as in `copy_documents`."""
    for chunk in _chunks(actions):
        left, failures, backoff = chunk, 0, Backoff()
        while left:
            left, reason = _write(client, index, left, lines)
            if left:
                failures += 1
                if failures >= _MOST_TRIES:
                    raise Unavailable(f"{index} did not take {len(left)} documents: {reason}")
                time.sleep(backoff.delay_seconds(failures, random.uniform))


def _write(client: Elasticsearch, index: str, actions: Sequence[Action], lines: Lines) -> tuple[list[Action], str]:
    """Those that must be tried again, and why."""

    def send(some: Sequence[Action]) -> list[Verdict]:
        return send_bulk(client, some, [part for action in some for part in lines(action)], f"writing to {index}")

    left: list[Action] = []
    reason = ""
    for action, verdict in zip(actions, send_in_halves(actions, send), strict=True):
        if isinstance(verdict, Stop):
            raise Misconfigured(f"{index} takes no documents: {verdict.reason}")
        if isinstance(verdict, DeadLettered):
            raise Misconfigured(f"{index} refuses document {action.id}: {verdict.detail}")
        if isinstance(verdict, Retry):
            left.append(action)
            reason = verdict.reason
    return left, reason


def _chunks(actions: Sequence[Action]) -> Iterator[list[Action]]:
    chunk: list[Action] = []
    size = 0
    for action in actions:
        if chunk and size + len(action.source) > _BULK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(action)
        size += len(action.source)
    if chunk:
        yield chunk
