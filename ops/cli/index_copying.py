"""Copies documents from one index to another with their versions, page by page, while others go on writing to the first.

What is copied is checked by a digest of all ids and versions, which does not depend on their order.
"""

import hashlib
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import orjson
from elasticsearch import Elasticsearch

from shared.backoff import Backoff
from shared.failures import Misconfigured, Unavailable

#: What is made of a document on its way.
Shape = Callable[[dict[str, Any]], dict[str, Any]]
#: A document to write: its id, and its two lines of a `_bulk` body with their ends.
Write = tuple[str, bytes]

#: A body takes a megabyte at the most, an article some kilobytes.
_PAGE_DOCUMENTS = 500
_BULK_BYTES = 8 * 1024 * 1024
_IN_FLIGHT = 3
_KEPT = "10m"
_MOST_TRIES = 10
_MASK = 2**64 - 1


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
            writes = [(hit["_id"], _lines(target, hit["_id"], hit["_version"], shape(hit["_source"]))) for hit in page]
            under_way.append(pool.submit(write_documents, client, target, writes))
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
    point = client.open_point_in_time(index=index, keep_alive=_KEPT)["id"]
    after: list[Any] | None = None
    try:
        while True:
            answer = client.search(
                query=query,
                pit={"id": point, "keep_alive": _KEPT},
                sort=["_shard_doc"],
                size=_PAGE_DOCUMENTS,
                version=True,
                source=with_source,
                search_after=after,
                track_total_hits=False,
                allow_partial_search_results=False,
            )
            hits: list[dict[str, Any]] = answer["hits"]["hits"]
            if hits:
                yield hits
            if len(hits) < _PAGE_DOCUMENTS:
                return
            after = hits[-1]["sort"]
    finally:
        client.close_point_in_time(id=point)


def write_documents(client: Elasticsearch, index: str, writes: Sequence[Write]) -> None:
    """Write documents into an index; newer ones that are there stay. Errors as in `copy_documents`."""
    for chunk in _chunks(writes):
        left, failures, backoff = chunk, 0, Backoff()
        while left:
            left, reason = _write(client, index, left)
            if left:
                failures += 1
                if failures >= _MOST_TRIES:
                    raise Unavailable(f"{index} did not take {len(left)} documents: {reason}")
                time.sleep(backoff.delay_seconds(failures, random.uniform))


def _write(client: Elasticsearch, index: str, writes: Sequence[Write]) -> tuple[list[Write], str]:
    """Those that must be tried again, and why."""
    answer = client.bulk(operations=cast("Any", b"".join(lines for _, lines in writes)))
    left: list[Write] = []
    reason = ""
    if not answer["errors"]:
        return left, reason
    for write, item in zip(writes, answer["items"], strict=True):
        result = item["index"]
        if result["status"] < 300 or result["status"] == 409:
            continue
        reason = f"{result['status']} {result['error'].get('type')}: {result['error'].get('reason')}"
        if result["status"] == 400:
            raise Misconfigured(f"the mapping of {index} refuses document {write[0]}: {reason}")
        left.append(write)
    return left, reason


def _lines(index: str, own_id: str, version: int, source: dict[str, Any]) -> bytes:
    meta = {"_index": index, "_id": own_id, "version": version, "version_type": "external_gte"}
    return b"%b\n%b\n" % (orjson.dumps({"index": meta}), orjson.dumps(source))


def _chunks(writes: Sequence[Write]) -> Iterator[list[Write]]:
    chunk: list[Write] = []
    size = 0
    for write in writes:
        if chunk and size + len(write[1]) > _BULK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(write)
        size += len(write[1])
    if chunk:
        yield chunk
