"""`dateline feeds`: which feeds are polled and how they do, through the HTTP API of ingest."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from ops.cli.feed_tables import build_check, build_feed_table
from ops.cli.ingest_client import IngestClient, connect_ingest, reason_of
from ops.cli.settings import CLISettings
from services.ingest.core.feed_records import FullText, feed_id
from services.ingest.core.source_watch import Condition
from shared.failures import Misconfigured
from shared.settings import load_settings
from shared.text import clean_line

app = typer.Typer(no_args_is_help=True, help="The feeds that ingest polls: add, watch, try, pause, remove; OPML in and out.")
_PAGE = "1000"
_OPML = "text/x-opml"
Token = Annotated[str | None, typer.Option(help="bearer token; DATELINE_CLI_TOKEN or the local stack's when absent")]
Feeds = Annotated[list[str], typer.Argument(metavar="FEED…", help="ids as `list` shows them, or the beginning of one, or URLs")]
AsJSON = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command("add")
def add_feeds(
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="RSS, Atom, JSON Feed, news sitemap")],
    publisher: Annotated[str | None, typer.Option(help="of its articles; the feed's own title when absent")] = None,
    section: Annotated[str | None, typer.Option(help="of its articles; the entry's own when absent")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47, such as en or pt-BR")] = None,
    full_text: Annotated[FullText | None, typer.Option(help="whether pages of entries are fetched; teaser when absent")] = None,
    token: Token = None,
) -> None:
    """Add feeds. One that is known already is changed by the options given. They are polled soon; `list` tells how it went."""
    options = {"publisher": publisher, "section": section, "language": language, "full_text": full_text}
    given = {name: value for name, value in options.items() if value is not None}
    refused = 0
    with _connect(token) as client:
        for url in urls:
            status, answer = client.post("/v1/feeds", orjson.dumps({"url": url, **given}), "application/json")
            if status in (200, 201):
                typer.echo(f"{'added' if status == 201 else 'known'} {answer['id']} {answer['url']}")
                continue
            _require_admin(status, answer)
            refused += 1
            typer.echo(f"refused: {url}: {reason_of(answer)}", err=True)
    if refused:
        raise typer.Exit(1)


@app.command("list")
def list_feeds(
    condition: Annotated[Condition | None, typer.Option(help="only feeds in this condition")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="for programs: one JSON object a line")] = False,
    token: Token = None,
) -> None:
    """Every feed: its condition and why, when it was last read, when it last brought a new article."""
    wanted = {"condition": str(condition)} if condition else {}
    with _connect(token) as client:
        feeds = list(_read_feeds(client, **wanted))
    if as_json:
        for feed in feeds:
            typer.echo(orjson.dumps(feed))
    elif feeds:
        Console(highlight=False).print(build_feed_table(feeds, datetime.now(UTC)))
    elif condition:
        typer.echo(f"No feed is {condition}.")
    else:
        typer.echo("There are no feeds yet. Add one: dateline feeds add URL, or many: dateline feeds import FILE (OPML)")


@app.command("check")
def check_feed(url: str, *, as_json: AsJSON = False, token: Token = None) -> None:
    """Fetch a feed and show what would be taken of it. Nothing is published, and it is not added."""
    with _connect(token) as client:
        status, answer = client.post("/v1/feeds/check", orjson.dumps({"url": url}), "application/json")
    if status == 422:
        typer.echo(f"refused: {reason_of(answer)}", err=True)
        raise typer.Exit(1)
    _expect(status, answer, 200)
    if as_json:
        typer.echo(orjson.dumps(answer))
    elif answer["kind"] == "feed":
        Console(highlight=False).print(build_check(answer, url.strip(), datetime.now(UTC)))
    else:
        typer.echo("This is a web page; it names these feeds:")
        for named in answer["feeds"]:
            typer.echo(clean_line(f"{named['url']} ({named['format']}) {named['title']}"))
    if answer["kind"] != "feed":
        raise typer.Exit(1)


@app.command("pause")
def pause_feeds(feeds: Feeds, token: Token = None) -> None:
    """Keep feeds, and poll them no more."""
    _set_paused(feeds, token, paused=True)


@app.command("resume")
def resume_feeds(feeds: Feeds, token: Token = None) -> None:
    """Poll paused feeds again."""
    _set_paused(feeds, token, paused=False)


@app.command("remove")
def remove_feeds(feeds: Feeds, token: Token = None) -> None:
    """Take feeds out, with all that is known of them. Their articles stay."""
    with _connect(token) as client:
        for own_id in find_ids(client, feeds):
            status, answer = client.delete(f"/v1/feeds/{own_id}")
            _expect(status, answer, 204)
            typer.echo(f"removed {own_id}")


@app.command("import")
def import_feeds(
    file: Annotated[str, typer.Argument(metavar="FILE", help="OPML, or - for standard input")], token: Token = None
) -> None:
    """Add the feeds of an OPML file that are not known yet."""
    content = _read(file)
    with _connect(token) as client:
        status, answer = client.post("/v1/feeds.opml", content, _OPML)
    _expect(status, answer, 200)
    for feed in answer["refused"]:
        typer.echo(clean_line(f"refused: {feed['url']}: {feed['reason']}"), err=True)
    typer.echo(f"{answer['added']} added, {answer['known']} known already, {len(answer['refused'])} refused.")
    if answer["refused"]:
        raise typer.Exit(1)


@app.command("export")
def export_feeds(
    file: Annotated[Path | None, typer.Argument(help="where to write; standard output when absent")] = None, token: Token = None
) -> None:
    """Write all feeds as OPML."""
    with _connect(token) as client:
        content = client.download("/v1/feeds.opml")
    if file is None:
        sys.stdout.buffer.write(content)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Misconfigured(f"{file} cannot be written: {error.strerror}") from error


def _connect(token: str | None) -> IngestClient:
    return connect_ingest(load_settings(CLISettings).cli, token)


def _set_paused(feeds: list[str], token: str | None, *, paused: bool) -> None:
    with _connect(token) as client:
        for own_id in find_ids(client, feeds):
            status, answer = client.patch(f"/v1/feeds/{own_id}", orjson.dumps({"paused": paused}))
            _expect(status, answer, 200)
            typer.echo(f"{'paused' if paused else 'resumed'} {own_id} {answer['url']}")


def find_ids(client: IngestClient, names: list[str]) -> list[str]:
    """The ids of feeds that people named; all are known before anything is done to the first."""
    return [_find_id(client, name.strip()) for name in names]


def _find_id(client: IngestClient, name: str) -> str:
    if "://" in name:
        own_id = feed_id(name)
        status, answer = client.get(f"/v1/feeds/{own_id}")
        if status == 404:
            raise Misconfigured(f"there is no feed {name}; see `dateline feeds list`")
        _expect(status, answer, 200)
        return own_id
    found = [feed["id"] for feed in _read_feeds(client, q=name.lower()) if name and feed["id"].startswith(name.lower())]
    if not found:
        raise Misconfigured(f"no feed's id begins with {name}; see `dateline feeds list`")
    if len(found) > 1:
        raise Misconfigured(f"the ids of {len(found)} feeds begin with {name}: {', '.join(found[:5])}; give more digits")
    return str(found[0])


def _read_feeds(client: IngestClient, **wanted: str) -> Iterator[dict[str, Any]]:
    after: str | None = ""
    while after is not None:
        status, answer = client.get("/v1/feeds", limit=_PAGE, after=after, **wanted)
        _expect(status, answer, 200)
        yield from answer["feeds"]
        after = answer["next"]


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Misconfigured(f"{file} cannot be read: {error.strerror}") from error


def _require_admin(status: int, answer: dict[str, Any]) -> None:
    if status == 403:
        raise Misconfigured(reason_of(answer))


def _expect(status: int, answer: dict[str, Any], *wanted: int) -> None:
    if status not in wanted:
        raise Misconfigured(reason_of(answer))
