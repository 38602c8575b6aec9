"""The command `dateline publish`: its options, its progress bar, and what it prints. The work is done by `publishing`."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from ops.cli.delivery import Delivery
from ops.cli.ingest_client import connect_ingest
from ops.cli.news_files import Kind, NewsFile, find_files
from ops.cli.outcomes import Outcome, Summary
from ops.cli.publish_journal import FileJournal
from ops.cli.publishing import Publisher, Watch
from ops.cli.settings import CLISettings
from shared.failures import Misconfigured, Unavailable
from shared.settings import load_settings

_FILES = (
    "pages (.html), scraped text (.txt), .ndjson, ninjs (.json), feeds (.rss .atom .xml), .warc, each also packed; folders; or -"
)

#: The bar is drawn anew around what is written, which takes longer than publishing.
_IDS_AT_ONCE = 100


def publish(
    files: Annotated[list[Path], typer.Argument(help=_FILES)],
    url: Annotated[str | None, typer.Option(help="where the page was found; for a single page")] = None,
    token: Annotated[str | None, typer.Option(help="bearer token; DATELINE_CLI_TOKEN or the local stack's when absent")] = None,
    kind: Annotated[Kind | None, typer.Option("--as", help="what the files hold, whatever their endings say; for - always")] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="connections that send pages at the same time")] = 4,
    journal: Annotated[
        Path | None, typer.Option(help="file that remembers what was acknowledged; a second run goes on there")
    ] = None,
    patience: Annotated[float, typer.Option(min=0, help="seconds to wait for ingest when it is away, a request")] = 60.0,
) -> None:
    """Publish files of news, and print the id of every article. Exit code 1 when anything was refused."""
    settings = load_settings(CLISettings).cli
    found = list(dict.fromkeys(find_files(files, kind)))
    if url and (len(found) != 1 or found[0].kind not in (Kind.HTML, Kind.TEXT)):
        raise Misconfigured("--url says where one page was found; give it with a single file of HTML or text")
    summary = Summary()
    try:
        with ExitStack() as stack:
            client = stack.enter_context(connect_ingest(settings, token))
            memory = stack.enter_context(FileJournal(journal, settings.ingest_url)) if journal else None
            delivery = stack.enter_context(Delivery(client, jobs, patience))
            watch = stack.enter_context(_shown_progress(found))
            with Publisher(delivery, summary, memory, watch) as publisher:
                for file in found:
                    publisher.publish(file, url)
    except Unavailable as error:
        again = "the same command goes on from there" if journal else "with --journal FILE a second run would go on from there"
        raise Unavailable(f"given up: {error}. Until then {summary.counts()}; {again}") from error
    finally:
        sys.stdout.flush()
        for line in summary.lines():
            typer.echo(line, err=True)
    if not summary.is_clean:
        raise typer.Exit(1)


@contextmanager
def _shown_progress(files: list[NewsFile]) -> Iterator[Watch]:
    """A bar on standard error by the bytes that were read, if that is a terminal; the ids go to standard output."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    # Standard output is led through the bar only where both are the same terminal: ids in a pipe must stay there.
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal, redirect_stdout=sys.stdout.isatty())
    before = dict(zip(files, _starts(files), strict=True))
    total = None if any(file.is_standard_input for file in files) else sum(file.size for file in files)
    task = bar.add_task("Publishing", total=total)

    ids: list[str] = []

    def print_ids() -> None:
        if ids:
            sys.stdout.write("\n".join([*ids, ""]))
            ids.clear()

    def take_id(_file: NewsFile, outcome: Outcome) -> None:
        if outcome.article_id:
            ids.append(outcome.article_id)
        if len(ids) >= _IDS_AT_ONCE:
            print_ids()

    def move(file: NewsFile, count: int) -> None:
        bar.update(task, completed=before[file] + count)

    with bar:
        try:
            yield Watch(take_id, move)
        finally:
            print_ids()


def _starts(files: list[NewsFile]) -> Iterator[int]:
    """How many bytes come before each file."""
    count = 0
    for file in files:
        yield count
        count += file.size
