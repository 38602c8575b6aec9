"""The command `dateline`: every action of an operator is a verb of it."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from ops.cli import dead_letters, feeds, index_command, popularity_command
from ops.cli.enrich_command import enrich
from ops.cli.publish_command import publish
from ops.cli.settings import CLISettings
from ops.cli.setup import create_indices, create_topics
from ops.cli.tokens import add_token, describe_token, new_token, read_tokens, revoke_tokens
from ops.cli.trying import extract_inputs, recognise_inputs
from ops.local.elasticsearch import remove
from ops.local.run import run as run_stack
from ops.local.settings import LocalSettings
from services.ingest.core.tokens import Scope
from shared.elastic import connect_elastic
from shared.failures import Misconfigured, Unavailable
from shared.service import EXIT_CONFIG, EXIT_SOFTWARE
from shared.settings import PREFIX, load_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Dateline: event-driven news ingestion.")
letters_app = typer.Typer(no_args_is_help=True, help="What could not be processed: look at it, put it back.")
app.add_typer(letters_app, name="dead-letters")
tokens_app = typer.Typer(no_args_is_help=True, help="The tokens file of ingest: who may publish, retract, and report views.")
app.add_typer(tokens_app, name="tokens")
app.add_typer(feeds.app, name="feeds")
app.add_typer(popularity_command.app, name="popularity")
app.add_typer(index_command.app, name="index")
app.command()(publish)
app.command()(enrich)
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
def setup() -> None:
    """Create topics, index templates, indices and aliases where they are missing. Safe to repeat."""
    settings = load_settings(CLISettings)
    topics = create_topics(settings.kafka, settings.topics.partitions, settings.topics.replication)
    done = create_indices(connect_elastic(settings.elasticsearch), replicas=settings.topics.replication - 1)
    typer.echo(f"Topics created: {', '.join(topics) or 'none, all were there'}.")
    typer.echo(done)


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
    language: Annotated[str | None, typer.Option(help="the language that the source declares")] = None,
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


@letters_app.command("list")
def list_letters() -> None:
    """One line a dead letter: its place, service, reason."""
    for letter in dead_letters.read_dead_letters(load_settings(CLISettings).kafka):
        typer.echo(f"{letter.record.place}\t{letter.service}\t{letter.code}\t{letter.detail}")


@letters_app.command("show")
def show_letter(place: str, *, raw: Annotated[bool, typer.Option(help="only the record's value, byte for byte")] = False) -> None:
    """One dead letter whole: reason, key, headers, value."""
    letter = dead_letters.find_dead_letter(load_settings(CLISettings).kafka, place)
    record = letter.record
    if raw:
        sys.stdout.buffer.write(record.value or b"")
        return
    shown = {
        "place": place,
        "service": letter.service,
        "code": letter.code,
        "detail": letter.detail,
        "key": _text(record.key),
        "headers": {name: _text(value) for name, value in record.headers},
        "value": _text(record.value),
    }
    sys.stdout.buffer.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2) + b"\n")


@letters_app.command("replay")
def replay_letters(
    places: Annotated[list[str] | None, typer.Argument(help="places, as `list` prints them")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="all dead letters")] = False,
) -> None:
    """Put records back into the topic they came from, and take them off the list."""
    kafka = load_settings(CLISettings).kafka
    if everything == bool(places):
        raise Misconfigured("name the places of the dead letters to replay, or --all of them")
    letters = list(dead_letters.read_dead_letters(kafka)) if everything else []
    letters += [dead_letters.find_dead_letter(kafka, place) for place in places or []]
    dead_letters.replay(kafka, letters)
    typer.echo(f"{len(letters)} put back.")


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")


def _tokens_file() -> Path:
    file = load_settings(CLISettings).cli.tokens_file
    if file is None:
        raise Misconfigured(f"which file? Set {PREFIX}CLI_TOKENS_FILE to what ingest reads as {PREFIX}INGEST_TOKENS_FILE")
    return file


def main() -> None:
    """The console script. An expected failure is one message and an exit code, never a traceback."""
    try:
        app()
    except Misconfigured as error:
        sys.stderr.write(f"dateline: {error}\n")
        sys.exit(EXIT_CONFIG)
    except Unavailable as error:
        sys.stderr.write(f"dateline: {error}\n")
        sys.exit(EXIT_SOFTWARE)


if __name__ == "__main__":
    main()
