"""`dateline status`: the whole in one screen. Exit code 0: all is well; 1: something asks for attention; 2: nobody answers."""

import time
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.live import Live

from ops.cli.settings import CLISettings
from ops.status.judging import exit_code, judge
from ops.status.looking import look
from ops.status.report import build_report
from ops.status.screen import build_screen
from shared.settings import load_settings

_LEAST_COLUMNS = 120


def status(
    watch: Annotated[
        float | None, typer.Option("--watch", metavar="SECONDS", min=0.5, help="draw it anew every so often, until Ctrl-C")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="for programs: one JSON object")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="also topics that hold nothing, or dead letters")] = False,
) -> None:
    """How everything is: engines, services, topics, lag, dead letters, feeds; what asks for attention, and what to do.

    Exit code 0: all is well. 1: something asks for attention. 2: nobody answers.
    """
    settings = load_settings(CLISettings)
    console = Console(highlight=False)
    if not console.is_terminal and console.width < _LEAST_COLUMNS:
        console = Console(highlight=False, width=_LEAST_COLUMNS)
    if watch is not None:
        _watch(settings, console, watch, whole=whole)
        return
    facts = look(settings)
    findings = judge(facts)
    if as_json:
        typer.echo(orjson.dumps(build_report(facts, findings)))
    else:
        console.print(build_screen(facts, findings, whole=whole))
    raise typer.Exit(exit_code(facts, findings))


def _watch(settings: CLISettings, console: Console, seconds: float, *, whole: bool) -> None:
    with Live(console=console, screen=True, auto_refresh=False, vertical_overflow="crop") as live:
        try:
            while True:
                facts = look(settings)
                live.update(build_screen(facts, judge(facts), whole=whole), refresh=True)
                time.sleep(seconds)
        except KeyboardInterrupt:
            return
