"""`dateline trace`: the way of one article, and where it is now."""

from datetime import UTC, date, datetime
from datetime import time as clock
from typing import Annotated

import orjson
import typer
from rich.console import Console

from ops.cli.settings import CLISettings
from ops.trace.journey import State, judge_where
from ops.trace.log_search import Bounds
from ops.trace.naming import parse_name
from ops.trace.telling import build_trace_report, build_trace_screen
from ops.trace.tracing import trace_article
from shared.events import parse_time
from shared.failures import Misconfigured
from shared.settings import load_settings

_COLUMNS = 120
_DEFAULT = Bounds()


def trace(
    article: Annotated[str, typer.Argument(help="its id (32 hex digits), its address, or with --publisher the publisher's own id")],
    publisher: Annotated[str | None, typer.Option(help="of an article that is named by its publisher's own id")] = None,
    newest: Annotated[int, typer.Option(min=1, help="records of each log to look through, the newest")] = _DEFAULT.newest,
    since: Annotated[
        str | None, typer.Option(help="look from this day or time on instead: 2026-11-21, 2026-11-21T06:00:00Z")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, help="how long to look at most")] = _DEFAULT.seconds,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="for programs: one JSON object")] = False,
) -> None:
    """The way of an article: accepted, enriched, indexed, counted; where it is now, and why it was refused if it was.

    Exit code 0: it was found. 1: nothing is known of it.
    """
    settings = load_settings(CLISettings)
    bounds = Bounds(newest, _parse_since(since) if since is not None else None, seconds)
    journey = trace_article(settings, parse_name(article, publisher), bounds)
    verdict = judge_where(journey)
    if as_json:
        typer.echo(orjson.dumps(build_trace_report(journey, verdict)))
    else:
        console = Console(highlight=False)
        wide = console if console.is_terminal else Console(highlight=False, width=max(console.width, _COLUMNS))
        wide.print(build_trace_screen(journey, verdict))
    if verdict.state is State.UNKNOWN:
        raise typer.Exit(1)


def _parse_since(text: str) -> datetime:
    found = parse_time(text)
    if found is not None:
        return found
    try:
        return datetime.combine(date.fromisoformat(text), clock(), UTC)
    except ValueError:
        raise Misconfigured(f"--since {text}: neither a day such as 2026-11-21 nor a time with its offset") from None
