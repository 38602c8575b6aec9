"""The indices of one alias: those that it stands for, and those that a rebuild left beside them.

A rebuild marks what it makes in the mapping's `_meta`: an index that is being built, and one that another has taken the place of.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from shared.failures import Misconfigured

_MARK = "dateline"
_BUILDING = "building"
_REPLACED_BY = "replaced_by"
_CHECKPOINT = "replaced_at"
_NUMBERED = re.compile(r"(?P<alias>.+)-(?P<number>\d{6,})")


@dataclass(frozen=True, slots=True)
class Index:
    """One index. `replaced_at` is the highest sequence number below which `replaced_by` had nothing of its own."""

    name: str
    is_read: bool
    is_written: bool
    is_blocked: bool
    is_building: bool
    replaced_by: str | None = None
    replaced_at: int | None = None
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Family:
    """All indices of an alias, in the order of their numbers."""

    alias: str
    indices: tuple[Index, ...]

    @property
    def read(self) -> tuple[Index, ...]:
        """Those that are searched."""
        return tuple(each for each in self.indices if each.is_read)

    @property
    def written(self) -> Index:
        """That which takes new documents; Misconfigured when there is none."""
        for each in self.read:
            if each.is_written or len(self.read) == 1:
                return each
        raise Misconfigured(f"no index behind {self.alias} takes new documents: run `dateline setup`")

    @property
    def last_replaced(self) -> Index:
        """The newest of those that another took the place of which serves. Raises Misconfigured when there is none."""
        serving = {each.name for each in self.read}
        for each in reversed(self.indices):
            if each.replaced_by in serving and not each.is_read:
                return each
        raise Misconfigured(f"no index of {self.alias} was replaced by one that serves: there is nothing to put back")

    @property
    def next_name(self) -> str:
        """A name that no index has yet."""
        numbers = [int(found["number"]) for each in self.indices if (found := _NUMBERED.fullmatch(each.name))]
        return f"{self.alias}-{max(numbers, default=0) + 1:06d}"

    def named(self, name: str) -> Index:
        """The index of that name. Raises Misconfigured."""
        for each in self.indices:
            if each.name == name:
                return each
        raise Misconfigured(f"there is no index {name}; there are {', '.join(each.name for each in self.indices) or 'none'}")


def build_family(alias: str, described: Mapping[str, Any]) -> Family:
    """The family that `GET <alias>-0*` describes."""
    return Family(alias, tuple(_index(alias, name, described[name]) for name in sorted(described, key=lambda n: (len(n), n))))


def _index(alias: str, name: str, described: Mapping[str, Any]) -> Index:
    mark = described["mappings"].get("_meta", {}).get(_MARK, {})
    alias_of_it = described["aliases"].get(alias)
    blocks = described["settings"]["index"].get("blocks", {})
    return Index(
        name=name,
        is_read=alias_of_it is not None,
        is_written=bool((alias_of_it or {}).get("is_write_index")),
        is_blocked=blocks.get("write") in (True, "true"),
        is_building=bool(mark.get(_BUILDING)),
        replaced_by=mark.get(_REPLACED_BY),
        replaced_at=mark.get(_CHECKPOINT),
        fields=frozenset(described["mappings"].get("properties", {})),
    )


def fetch_family(client: Elasticsearch, alias: str) -> Family:
    """What there is of an alias."""
    return build_family(alias, client.indices.get(index=f"{alias}-0*").body)


def mark_building(client: Elasticsearch, name: str) -> None:
    """Say of an index that it is not complete yet."""
    _mark(client, name, {_BUILDING: True})


def mark_serving(client: Elasticsearch, name: str) -> None:
    """Take every mark off an index."""
    _mark(client, name, {})


def mark_replaced(client: Elasticsearch, name: str, by: str, checkpoint: int) -> None:
    """Say of an index which other took its place, and up to which sequence number of the other it knows everything."""
    _mark(client, name, {_REPLACED_BY: by, _CHECKPOINT: checkpoint})


def _mark(client: Elasticsearch, name: str, mark: Mapping[str, Any]) -> None:
    meta = client.indices.get_mapping(index=name)[name]["mappings"].get("_meta", {})
    client.indices.put_mapping(index=name, meta={**meta, _MARK: mark})


def block_writes(client: Elasticsearch, name: str) -> None:
    """Refuse writes to an index; returns once those under way are done. Who writes waits: to the indexer it is passing trouble."""
    client.indices.add_block(index=name, block="write")


def allow_writes(client: Elasticsearch, name: str) -> None:
    """Take writes again."""
    client.indices.put_settings(index=name, settings={"index.blocks.write": None})


def swap(client: Elasticsearch, family: Family, old: str, new: str) -> None:
    """Put one index into another's place behind the alias: one step, no search sees both or neither."""
    is_written = family.named(old).name == family.written.name
    client.indices.update_aliases(
        actions=[
            {"remove": {"index": old, "alias": family.alias}},
            {"add": {"index": new, "alias": family.alias, "is_write_index": is_written}},
        ]
    )
