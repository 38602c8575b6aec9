"""Builds an index anew while the old one serves, and puts it in its place; or puts the old one back.

First everything is copied as it stood at a moment, and checked by a digest. Then what was written meanwhile, and meanwhile again,
until little is left. Then the old index refuses writes, which the indexer waits out, the last is copied and checked, and the alias
is swapped. Searches go on all the time, and see either index whole.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from elasticsearch import Elasticsearch

from ops.cli.index_copying import Shape, Versions, copy_documents, fetch_checkpoint, fetch_versions, versions_of
from ops.cli.index_family import (
    Family,
    allow_writes,
    block_writes,
    fetch_family,
    mark_building,
    mark_replaced,
    mark_serving,
    swap,
)
from shared.failures import Misconfigured, Unavailable

#: So few may be left for the moment in which nothing is written: they take some tenths of a second.
_FEW = 500
_MOST_PASSES = 20
#: Says what is done, and how many documents so far.
Watch = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Replaced:
    """What took whose place, with how many documents, and for how long nothing could be written."""

    old: str
    new: str
    documents: int
    blocked_seconds: float


def rebuild_index(
    client: Elasticsearch, family: Family, name: str, shape: Shape, add_log: Callable[[str], None] | None, watch: Watch
) -> Replaced:
    """Build an index anew from the one of that name, and swap them.

    Args:
        client: Of the cluster.
        family: The alias.
        name: The index to build anew, one that is read.
        shape: What the new index is to hold of a document.
        add_log: Adds to an index what Kafka's log holds, if that is wanted.
        watch: Told how far it is.

    Raises:
        Misconfigured: The new mapping refuses a document. The old index serves on.
        Unavailable: Elasticsearch does not take the documents, or has not what it took. The old index serves on.
    """
    new = family.next_name
    client.indices.create(index=new)
    mark_building(client, new)
    lasting = client.indices.get_settings(index=new, flat_settings=True)[new]["settings"]
    client.indices.put_settings(index=new, settings={"index.refresh_interval": "-1", "index.number_of_replicas": 0})
    checkpoint = fetch_checkpoint(client, name)
    _copy_all(client, name, new, shape, watch)
    if add_log is not None:
        add_log(new)
    restored = {key: lasting.get(key) for key in ("index.refresh_interval", "index.number_of_replicas")}
    client.indices.put_settings(index=new, settings=restored)
    return _replace(client, family, (name, new), checkpoint, shape, watch)


def roll_back(client: Elasticsearch, family: Family, name: str, watch: Watch) -> Replaced:
    """Put the index of that name back into the place that another took, with what was written since then.

    Fields that it does not know are left out. Raises as `rebuild_index`.
    """
    old = family.named(name)
    if old.is_read or old.replaced_by is None or old.replaced_at is None:
        raise Misconfigured(f"{name} was not replaced by another index; `dateline index list` says which were")
    if not family.named(old.replaced_by).is_read:
        raise Misconfigured(f"{old.replaced_by}, which took the place of {name}, does not serve any more")
    allow_writes(client, name)
    known = old.fields
    return _replace(
        client,
        family,
        (old.replaced_by, name),
        old.replaced_at,
        lambda document: {field: value for field, value in document.items() if field in known},
        watch,
    )


def _copy_all(client: Elasticsearch, source: str, target: str, shape: Shape, watch: Watch) -> None:
    read = Versions()

    def count(page: Sequence[tuple[str, int]]) -> None:
        nonlocal read
        read += versions_of(page)
        watch(f"copying {source} to {target}", read.count)

    copy_documents(client, source, target, -1, shape, count)
    written = fetch_versions(client, target)
    if written != read:
        raise Unavailable(
            f"{read.count} documents of {source} were copied, but {target} has others ({written.count}): build it again"
        )


def _replace(client: Elasticsearch, family: Family, pair: tuple[str, str], above: int, shape: Shape, watch: Watch) -> Replaced:
    old, new = pair
    carried: dict[str, int] = {}

    def carry(page: Sequence[tuple[str, int]]) -> None:
        carried.update(page)
        watch(f"catching up from {old} to {new}", len(carried))

    for _ in range(_MOST_PASSES):
        checkpoint = fetch_checkpoint(client, old)
        if checkpoint - above <= _FEW:
            break
        copy_documents(client, old, new, above, shape, carry)
        above = checkpoint
    client.indices.refresh(index=new)
    started = time.monotonic()
    block_writes(client, old)
    try:
        copy_documents(client, old, new, above, shape, carry)
        documents = _check(client, old, new, carried)
        mark_replaced(client, old, new, fetch_checkpoint(client, new))
        mark_serving(client, new)
        swap(client, fetch_family(client, family.alias), old, new)
    except BaseException:
        allow_writes(client, old)
        raise
    return Replaced(old, new, documents, time.monotonic() - started)


def _check(client: Elasticsearch, old: str, new: str, carried: dict[str, int]) -> int:
    """How many documents the new index has, when it has what was carried over and no fewer than the old one."""
    client.indices.refresh(index=new)
    ids = list(carried)
    for first in range(0, len(ids), 1000):
        chunk = ids[first : first + 1000]
        found = client.mget(index=new, ids=chunk, source=False)["docs"]
        missing = [own_id for own_id, doc in zip(chunk, found, strict=True) if doc.get("_version", -1) < carried[own_id]]
        if missing:
            raise Unavailable(f"{new} does not have the newest of {len(missing)} documents, such as {missing[0]}: try again")
    counts = {name: int(client.count(index=name)["count"]) for name in (old, new)}
    if counts[new] < counts[old]:
        raise Unavailable(f"{new} has {counts[new]} documents and {old} {counts[old]}: build it again")
    return counts[new]
