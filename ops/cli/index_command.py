"""The command `dateline index`: its options, and what it prints. The work is done by `index_rebuilding` and `index_verifying`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Annotated

import typer
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch
from rich.console import Console

from ops.cli.dead_letters import read_dead_letters
from ops.cli.index_family import Family, Index, allow_writes, fetch_family
from ops.cli.index_log import TOPICS, add_counts, add_log, read_actions, read_signals
from ops.cli.index_rebuilding import Replaced, Watch, rebuild_index, roll_back
from ops.cli.index_verifying import collect_newest, fetch_documents, verify
from ops.cli.settings import CLISettings
from services.indexer.core.documents import rebuild_document
from shared.elastic import connect_elastic, failure_of
from shared.failures import Misconfigured
from shared.indices import ALIASES, ARTICLES
from shared.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="The indices of Elasticsearch: build them anew, compare them with Kafka's log.")

AliasArgument = Annotated[str, typer.Argument(help=f"one of {', '.join(ALIASES)}")]
_BULK_SECONDS = 120.0
_MOST_SHOWN = 100


@contextmanager
def _connected() -> Iterator[tuple[Elasticsearch, CLISettings]]:
    settings = load_settings(CLISettings)
    with connect_elastic(settings.elasticsearch) as connected:
        try:
            yield connected.options(request_timeout=_BULK_SECONDS), settings
        except (ApiError, TransportError) as error:
            raise failure_of(error, "dateline index") from error


def _family(client: Elasticsearch, alias: str) -> Family:
    if alias not in ALIASES:
        raise Misconfigured(f"{alias} is none of {', '.join(ALIASES)}")
    family = fetch_family(client, alias)
    if not family.read:
        raise Misconfigured(f"there is no index behind {alias}: run `dateline setup`")
    return family


@app.command("list")
def list_indices() -> None:
    """One line an index: what it is for, how many documents it has, and its size."""
    with _connected() as (client, _):
        for alias in ALIASES:
            family = fetch_family(client, alias)
            for index in family.indices:
                total = client.indices.stats(index=index.name, metric="docs,store")["indices"][index.name]["primaries"]
                size = total["store"]["size_in_bytes"] / 1e6
                typer.echo(f"{index.name}\t{_describe(index)}\t{total['docs']['count']} documents\t{size:.1f} MB")


def _describe(index: Index) -> str:
    if index.is_read:
        return "serves" + (", takes no writes" if index.is_blocked else "")
    if index.is_building:
        return "unfinished rebuild"
    return f"replaced by {index.replaced_by}" if index.replaced_by else "unused"


@app.command()
def rebuild(
    alias: AliasArgument = ARTICLES,
    *,
    whole_log: Annotated[
        bool, typer.Option("--whole-log", help="add all that Kafka's log holds: after a loss, or when `verify` finds differences")
    ] = False,
    restart: Annotated[bool, typer.Option("--restart", help="remove what an interrupted rebuild left")] = False,
) -> None:
    """Build each index of an alias anew, by the mapping of now, while the old one serves; then swap them. Old ones are kept."""
    with _connected() as (client, settings):
        family = _tidy(client, _family(client, alias), restart=restart)
        for index in family.read:
            family = fetch_family(client, alias)
            with _shown() as watch:
                add = partial(_add_log, client, settings, family, index, watch) if whole_log else None
                done = rebuild_index(client, family, index.name, _shape(alias), add, watch)
            _tell(done)


@app.command()
def rollback(
    name: Annotated[
        str | None, typer.Argument(help="the replaced index, as `list` prints it; that of the last rebuild when absent")
    ] = None,
) -> None:
    """Put an index back into the place that a rebuild took, with all that was written since."""
    with _connected() as (client, _):
        alias = next((each for each in ALIASES if name is None or name.startswith(f"{each}-0")), None)
        if alias is None:
            raise Misconfigured(f"{name} is no index of {', '.join(ALIASES)}")
        family = _family(client, alias)
        with _shown() as watch:
            done = roll_back(client, family, name or family.last_replaced.name, watch)
        _tell(done)


@app.command()
def drop(name: Annotated[str, typer.Argument(help="an index that serves no more, as `list` prints it")]) -> None:
    """Delete an index that was replaced or never finished. One that serves is refused."""
    with _connected() as (client, _):
        known = {index.name: index for alias in ALIASES for index in fetch_family(client, alias).indices}
        if name not in known:
            raise Misconfigured(f"there is no index {name}; `dateline index list` says which there are")
        if known[name].is_read:
            raise Misconfigured(f"{name} serves: it is not deleted")
        client.indices.delete(index=name)
        typer.echo(f"{name} deleted.")


@app.command("verify")
def verify_index(alias: AliasArgument = ARTICLES) -> None:
    """Compare what the indexer has done of Kafka's log with the index, and name every difference. Exit 1 where they differ."""
    with _connected() as (client, settings):
        family = _family(client, alias)
        if alias not in TOPICS:
            raise Misconfigured(f"{alias} has no log of its own")
        newest = collect_newest(read_actions(settings.kafka, alias, only_indexed=True))
        refused = {letter.record.place for letter in read_dead_letters(settings.kafka, (TOPICS[alias],))}
        count = 0
        names = [index.name for index in family.read]
        for count, each in enumerate(verify(client, names, newest, refused), start=1):
            if count <= _MOST_SHOWN:
                typer.echo(f"{each.id} {each.detail}")
        if count > _MOST_SHOWN:
            typer.echo(f"and {count - _MOST_SHOWN} more")
        typer.echo(f"{len(newest)} documents of the log compared with {alias}, {count} differ.")
        if count:
            typer.echo(
                f"`dateline index rebuild {alias} --whole-log` brings what is missing or old; dead letters first want to be mended "
                "and put back."
            )
            raise typer.Exit(1)


@app.command()
def rollover(
    alias: AliasArgument = ARTICLES,
    *,
    size_gb: Annotated[float, typer.Option(min=0, help="begin a new index when the largest shard has so many GB")] = 40.0,
    documents: Annotated[int | None, typer.Option(min=1, help="or when a shard has so many documents")] = None,
) -> None:
    """Begin a new index behind the alias when the one that is written to is large enough. All of them are searched."""
    with _connected() as (client, _):
        family = _family(client, alias)
        written = family.written
        if not written.is_written:  # the first one is, but for indices of old
            client.indices.update_aliases(actions=[{"add": {"index": written.name, "alias": alias, "is_write_index": True}}])
        conditions: dict[str, object] = {"max_primary_shard_size": f"{max(1, round(size_gb * 1024**3))}b"}
        if documents is not None:
            conditions["max_primary_shard_docs"] = documents
        client.indices.refresh(index=written.name)
        answer = client.indices.rollover(alias=alias, new_index=family.next_name, conditions=conditions)
        if answer["rolled_over"]:
            typer.echo(f"New articles go to {answer['new_index']}; {answer['old_index']} keeps its own.")
        else:
            typer.echo(f"{written.name} is not large enough yet.")


def _shape(alias: str) -> Callable[[dict[str, object]], dict[str, object]]:
    return rebuild_document if alias == ARTICLES else lambda document: document


def _tidy(client: Elasticsearch, family: Family, *, restart: bool) -> Family:
    """The family without what an interrupted rebuild left."""
    unfinished = [index.name for index in family.indices if index.is_building and not index.is_read]
    if unfinished and not restart:
        raise Misconfigured(
            f"{', '.join(unfinished)} is being built, or was when that was interrupted: wait for it, or remove it with --restart"
        )
    for name in unfinished:
        client.indices.delete(index=name)
    for index in family.read:
        if index.is_blocked and restart:
            allow_writes(client, index.name)
    return fetch_family(client, family.alias)


def _add_log(client: Elasticsearch, settings: CLISettings, family: Family, index: Index, watch: Watch, target: str) -> None:
    others = [each.name for each in family.read if each.name != index.name]

    def lives_here(ids: Sequence[str]) -> frozenset[str]:
        if not others:
            return frozenset(ids)
        elsewhere = fetch_documents(client, others, ids).keys()
        if index == family.written:
            return frozenset(ids) - elsewhere
        return frozenset(fetch_documents(client, [index.name], ids))

    add_log(client, read_actions(settings.kafka, family.alias, only_indexed=False), target, lives_here, watch)
    if family.alias == ARTICLES:
        add_counts(client, read_signals(settings.kafka), target, watch)


@contextmanager
def _shown() -> Iterator[Watch]:
    """What is being done, on standard error, if that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _doing, _count: None
        return
    with console.status("") as status:
        yield lambda doing, count: status.update(f"{doing}: {count:,} documents")


def _tell(done: Replaced) -> None:
    typer.echo(
        f"{done.new} serves in the place of {done.old}, with {done.documents} documents; "
        f"writes waited {done.blocked_seconds:.1f} s. `dateline index rollback {done.old}` would put it back."
    )
