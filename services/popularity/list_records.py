"""Lists → records of `popularity.ranked`, thousands at a time: what the lists of a family have in common is encoded once."""

from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from services.popularity.core.lists import Family
from services.popularity.core.windows import Span
from shared.events import Event, encode_event
from shared.outcomes import NewRecord
from shared.popularity import EVERYTHING, ListGroup, PopularityRanked, list_id
from shared.topics import RANKED

SOURCE = "dateline/popularity"
#: What the lists of a family differ in, besides the names of their groups.
_OWN_FIELDS = frozenset({"list_id", "groups_left_out", "entries"})
_OWN_HEADERS = frozenset({"ce_id", "ce_partitionkey"})


@dataclass(frozen=True, slots=True)
class ListForm:
    """The lists of one family and partition as of a time, without what is each one's own."""

    family: Family
    partition: int
    revision: int
    headers: tuple[tuple[str, bytes], ...]
    fields: bytes

    def fill(self, group: ListGroup, entries: bytes) -> NewRecord:
        """The list of a group of articles; `entries` is their JSON, without brackets."""
        return self._fill(group, {name: value for name, value in _fields_of(group) if value is not None}, entries)

    def fill_whole(self, entries: bytes, groups_left_out: int, groups_since: datetime | None) -> NewRecord:
        """The list of all articles, which also says which groups have lists."""
        return self._fill(EVERYTHING, {"groups_left_out": groups_left_out, "groups_since": groups_since}, entries)

    def _fill(self, group: ListGroup, own: dict[str, object], entries: bytes) -> NewRecord:
        name = list_id(self.family.measure, self.family.window, self.partition, group, self.family.fresh_days).encode()
        value = b'{"list_id":"%b",%b,%b,"entries":[%b]}' % (name, self.fields, orjson.dumps(own)[1:-1], entries)
        headers = (*self.headers, ("ce_id", b"%b.%d" % (name, self.revision)), ("ce_partitionkey", name))
        return NewRecord(RANKED, name, value, headers)


def _fields_of(group: ListGroup) -> tuple[tuple[str, str | None], ...]:
    return ("group", group.id), ("section", group.section), ("language", group.language), ("publisher", group.publisher)


def build_form(family: Family, partition: int, span: Span | None, as_of: datetime) -> ListForm:
    """What the lists of a family have in common; the span is that of its window."""
    name, revision = list_id(family.measure, family.window, partition), round(as_of.timestamp() * 1000)
    body = PopularityRanked(
        list_id=name,
        revision=revision,
        measure=family.measure,
        window=family.window,
        as_of=as_of,
        partition=partition,
        fresh_days=family.fresh_days,
        counted_from=None if span is None else _time(span.first * span.bucket_minutes),
        counted_until=None if span is None or span.end is None else _time(span.end * span.bucket_minutes),
        bucket_minutes=None if span is None else span.bucket_minutes,
        entries=(),
    )
    record = encode_event(Event(id=name, source=SOURCE, time=as_of, accepted=as_of, body=body), RANKED, name)
    fields = {field: value for field, value in orjson.loads(record.value or b"").items() if field not in _OWN_FIELDS}
    headers = tuple(header for header in record.headers if header[0] not in _OWN_HEADERS)
    return ListForm(family, partition, revision, headers, orjson.dumps(fields)[1:-1])


def _time(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
