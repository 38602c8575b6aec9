"""The command `dateline popularity`: its options, and what it prints. The work is done by `recount`."""

from typing import Annotated

import typer

from ops.cli.recount import recount_all
from services.popularity.settings import PopularitySettings
from shared.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="What popularity has counted.")

_MOST_SHOWN = 20


@app.callback()
def popularity() -> None:
    """What popularity has counted."""


@app.command()
def recount(
    *, verify: Annotated[bool, typer.Option("--verify", help="change nothing: tell where the log and the counts differ")] = False
) -> None:
    """Count the log again and put that in the place of the counts; or, with --verify, only compare. Exit 1 where they differed.

    Popularity must not run while counts are replaced. It publishes the lists of the new counts when it starts.
    """
    differing = 0
    for each in recount_all(load_settings(PopularitySettings), replace=not verify):
        differing += len(each.differences)
        done = "replaced" if each.replaced else "compared"
        typer.echo(f"partition {each.partition}: {each.articles} articles {done}, {len(each.differences)} differ")
        for difference in each.differences[:_MOST_SHOWN]:
            views, comments = zip(difference.stored, difference.recounted, strict=True)
            typer.echo(
                f"  {difference.article}: views {views[0]} stored, {views[1]} in the log; comments {comments[0]}, {comments[1]}"
            )
        if len(each.differences) > _MOST_SHOWN:
            typer.echo(f"  and {len(each.differences) - _MOST_SHOWN} more")
    if verify and differing:
        raise typer.Exit(1)
