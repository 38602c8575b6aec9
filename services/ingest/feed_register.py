"""Adds, changes and takes out feeds: Kafka has acknowledged before anybody is told so, and the table shows it at once.

Before it: `feeds_api`. After it: the topic `feeds.state`, from which every process learns (`tailing`, `feed_table`).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import ValidationError

from services.ingest.core.feed_records import FeedDefinition, feed_id, feed_record, forget_feed
from services.ingest.core.feed_submissions import FeedChange, FeedSubmission
from services.ingest.core.opml import OutlinedFeed
from services.ingest.door import now_utc
from services.ingest.feed_table import FeedTable, KnownFeed
from services.ingest.outbox import Outbox
from shared.addresses import Network, may_connect
from shared.guarded_fetch import FetchFailed, check_url
from shared.outcomes import NewRecord

_WEB_PORTS = {"http": 80, "https": 443}


class FeedRefused(Exception):
    """A feed that could never be fetched; the text says why, in words for people."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of outlined feeds; `refused` are those that were not taken, each with the reason."""

    added: int
    known: int
    refused: tuple[tuple[OutlinedFeed, str], ...] = ()


class FeedRegister:
    """Used from one event loop: changes of one feed follow one another."""

    def __init__(self, table: FeedTable, outbox: Outbox, allowed: Sequence[Network] = ()) -> None:
        """`allowed` are networks that may be fetched from though they are not public."""
        self.table = table
        self._outbox = outbox
        self._allowed = allowed
        self._writing = asyncio.Lock()

    async def add(self, submission: FeedSubmission) -> tuple[KnownFeed, bool]:
        """The feed as it is now, and whether it is new. FeedRefused, or Unavailable when Kafka does not acknowledge."""
        judge_address(submission.url, self._allowed)
        async with self._writing:
            known = self.table.get(feed_id(submission.url))
            before = known.definition if known else _new_definition(submission.url)
            return await self._store(submission.applied_to(before)), known is None

    async def change(self, own_id: str, change: FeedChange) -> KnownFeed | None:
        """The feed as it is now, or None when there is none of this id."""
        async with self._writing:
            known = self.table.get(own_id)
            return None if known is None else await self._store(change.applied_to(known.definition))

    async def remove(self, own_id: str) -> bool:
        """Whether there was such a feed. All that is known of it goes with it."""
        async with self._writing:
            known = self.table.get(own_id)
            if known is None:
                return False
            await self._write(forget_feed(own_id, self.table.partition_of(known.definition.url)))
            return True

    async def take_in(self, outlined: Sequence[OutlinedFeed]) -> Imported:
        """Add the feeds that are not known yet; what is wrong with one does not hold up the others."""
        definitions, refused = await asyncio.to_thread(_judge_outlined, outlined, self._allowed)
        async with self._writing:
            new = {each.feed_id: each for each in definitions if self.table.get(each.feed_id) is None}
            await self._write([feed_record(each, self.table.partition_of(each.url)) for each in new.values()])
        return Imported(len(new), len(definitions) - len(new), tuple(refused))

    async def _store(self, definition: FeedDefinition) -> KnownFeed:
        await self._write([feed_record(definition, self.table.partition_of(definition.url))])
        return self.table.get(definition.feed_id) or KnownFeed(definition)

    async def _write(self, records: Sequence[NewRecord]) -> None:
        if records:
            await self._outbox.send(records)
            self.table.learn(records)


def judge_address(url: str, allowed: Sequence[Network]) -> None:
    """FeedRefused for an address that no fetch would ever be sent to. Names are not resolved here, but with every fetch."""
    try:
        check_url(url)
    except FetchFailed as error:
        raise FeedRefused(str(error)) from error
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        literal = str(ip_address(host))
    except ValueError:  # a name, or a spelling that only the resolver knows: judged when it is fetched
        return
    if not may_connect(literal, parts.port or _WEB_PORTS[parts.scheme], allowed):
        raise FeedRefused(f"{host} is not a public web server")


def _new_definition(url: str) -> FeedDefinition:
    return FeedDefinition(feed_id=feed_id(url), url=url.strip(), added=now_utc())


def _judge_outlined(
    outlined: Sequence[OutlinedFeed], allowed: Sequence[Network]
) -> tuple[list[FeedDefinition], list[tuple[OutlinedFeed, str]]]:
    definitions: list[FeedDefinition] = []
    refused: list[tuple[OutlinedFeed, str]] = []
    for feed in outlined:
        try:
            definitions.append(_outlined_definition(feed, allowed))
        except FeedRefused as error:
            refused.append((feed, str(error)))
    return definitions, refused


def _outlined_definition(feed: OutlinedFeed, allowed: Sequence[Network]) -> FeedDefinition:
    try:
        submission = FeedSubmission(url=feed.url)
    except ValidationError as error:
        raise FeedRefused("; ".join(f"the address {each['msg']}" for each in error.errors())) from error
    judge_address(submission.url, allowed)
    return _new_definition(submission.url).model_copy(update={"section": feed.section})
