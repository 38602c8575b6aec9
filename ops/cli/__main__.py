"""The command `dateline`: every action of an operator is a verb of it."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from ops.cli import dead_letters_command, feeds, index_command, popularity_command
from ops.cli.enrich_command import enrich
from ops.cli.publish_command import publish
from ops.cli.security import PRINCIPAL, describe_security, set_up_security
from ops.cli.settings import CLISettings
from ops.cli.setup import create_indices, create_topics
from ops.cli.tokens import add_token, describe_token, new_token, read_tokens, revoke_tokens
from ops.cli.trying import extract_inputs, recognise_inputs
from ops.console.command import console as run_console
from ops.local.elasticsearch import remove
from ops.local.run import run as run_stack
from ops.local.settings import LocalSettings
from ops.status.command import status
from ops.trace.command import trace
from services.ingest.core.tokens import Scope
from shared.elastic import connect_elastic
from shared.failures import Misconfigured, NotLetIn, Unavailable
from shared.service import EXIT_CONFIG, EXIT_SOFTWARE
from shared.settings import PREFIX, load_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Dateline: event-driven news ingestion.")
app.add_typer(dead_letters_command.app, name="dead-letters")
tokens_app = typer.Typer(no_args_is_help=True, help="The tokens file of ingest: who may publish, retract, and report views.")
app.add_typer(tokens_app, name="tokens")
app.add_typer(feeds.app, name="feeds")
app.add_typer(popularity_command.app, name="popularity")
app.add_typer(index_command.app, name="index")
app.command()(publish)
app.command()(enrich)
app.command()(status)
app.command()(trace)
app.command("console")(run_console)
console = Console()


@app.command()
def run() -> None:
    """Run everything on this machine: Kafka, Elasticsearch, the six services, sample news. What `make run` calls."""
    run_stack(load_settings(LocalSettings).local, console)


@app.command()
def clean() -> None:
    """Remove the data, engines and logs of `dateline run`. What `make clean` calls."""
    home = load_settings(LocalSettings).local.home
    remove(home.absolute())
    typer.echo(f"Removed {home}.")


@app.command()
def setup(
    *,
    security: Annotated[
        bool, typer.Option("--security", help="also create ACLs in Kafka and roles in Elasticsearch; needs accounts that may")
    ] = False,
    print_security: Annotated[
        bool, typer.Option("--print-security", help="print these ACLs and roles as JSON, and do nothing; needs nothing running")
    ] = False,
    principal: Annotated[str, typer.Option(help="who each user is in Kafka's ACLs")] = PRINCIPAL,
) -> None:
    """Create topics, index templates, indices and aliases where they are missing. Safe to repeat."""
    if print_security:
        sys.stdout.buffer.write(orjson.dumps(describe_security(principal), option=orjson.OPT_INDENT_2) + b"\n")
        return
    settings = load_settings(CLISettings)
    topics = create_topics(settings.kafka, settings.topics.partitions, settings.topics.replication)
    done = create_indices(connect_elastic(settings.elasticsearch), replicas=settings.topics.replication - 1)
    typer.echo(f"Topics created: {', '.join(topics) or 'none, all were there'}.")
    typer.echo(done)
    if security:
        typer.echo(set_up_security(settings, principal))


@app.command()
def token() -> None:
    """Make a bearer token: give it to a publisher, and its hash to ingest."""
    made, its_hash = new_token()
    typer.echo(f"token {made}\n{PREFIX}INGEST_TOKEN_HASHES={its_hash}")


@app.command()
def extract(
    pages: Annotated[
        list[str], typer.Argument(help="pages (.html, .html.gz) or scraped text (.txt), folders, or - for standard input")
    ],
    url: Annotated[str | None, typer.Option(help="where the page was found; for a single page")] = None,
) -> None:
    """Print the article of each page as a line of JSON. Needs nothing running."""
    for article in extract_inputs(pages, url):
        typer.echo(orjson.dumps(article))


@app.command()
def recognise(
    texts: Annotated[list[str], typer.Argument(help="text files, folders, or - for standard input")],
    language: Annotated[str | None, typer.Option(help="which its source declares; asks for a recogniser of fr or ja")] = None,
    *,
    lines: Annotated[bool, typer.Option("--lines", help="every line is a text of its own")] = False,
) -> None:
    """Print the language of each text, and whom and what it names, as a line of JSON. Needs nothing running."""
    for told in recognise_inputs(texts, language, lines=lines):
        typer.echo(orjson.dumps(told))


@tokens_app.command("add")
def add(
    publisher: Annotated[str | None, typer.Option(help="for whom alone it publishes; for anybody when absent")] = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="may be repeated; publish and retract when absent")] = None,
) -> None:
    """Make a token and print it. It is stored as a hash only, so keep it."""
    typer.echo(add_token(_tokens_file(), publisher, scope or [Scope.PUBLISH, Scope.RETRACT]))


@tokens_app.command("list")
def list_tokens() -> None:
    """One line a token: the beginning of its SHA-256, its publisher, its scopes."""
    for each in read_tokens(_tokens_file()).tokens:
        typer.echo(describe_token(each))


@tokens_app.command("revoke")
def revoke(beginning: Annotated[str, typer.Argument(help="of the SHA-256, as `list` prints it")]) -> None:
    """Take a token out; ingest refuses it within 2 seconds."""
    count = revoke_tokens(_tokens_file(), beginning)
    if count == 0:
        raise Misconfigured(f"no token begins with {beginning}; see `dateline tokens list`")
    typer.echo(f"{count} revoked.")


def _tokens_file() -> Path:
    file = load_settings(CLISettings).cli.tokens_file
    if file is None:
        raise Misconfigured(f"which file? Set {PREFIX}CLI_TOKENS_FILE to what ingest reads as {PREFIX}INGEST_TOKENS_FILE")
    return file


def main() -> None:
    """The console script. An expected failure is one message and an exit code, never a traceback."""
    try:
        app()
    except (Misconfigured, NotLetIn) as error:
        sys.stderr.write(f"dateline: {error}\n")
        sys.exit(EXIT_CONFIG)
    except Unavailable as error:
        sys.stderr.write(f"dateline: {error}\n")
        sys.exit(EXIT_SOFTWARE)


if __name__ == "__main__":
    main()
