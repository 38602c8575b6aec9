"""`dateline dead-letters list|show|edit|replay|step-over`: what could not be processed, why, mended and put back."""

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import click
import orjson
import typer

from ops.cli.dead_letters import find_dead_letter, read_dead_letters
from ops.cli.editing import NotEditable, compact, judge_record, pretty, set_headers, set_values
from ops.cli.replaying import Replayed, edited, put_back, whoami
from ops.cli.settings import CLISettings
from ops.cli.stepping_over import step_over
from shared.dead_letters import DeadLetter, Replay
from shared.events import format_time
from shared.failures import Misconfigured
from shared.settings import KafkaSettings, load_settings
from shared.text import clean_line

app = typer.Typer(no_args_is_help=True, help="What could not be processed: look at it, mend it, put it back.")
Place = Annotated[str, typer.Argument(help="of the record, as `list` prints it: articles.published-3-1042")]


@app.command("list")
def list_letters(
    topic: Annotated[str | None, typer.Option(help="only those of this topic")] = None,
    code: Annotated[str | None, typer.Option(help="only those with this reason, such as invalid")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="for programs: one JSON object a line")] = False,
    count: Annotated[bool, typer.Option("--count", help="only how many there are, by topic, service and reason")] = False,
) -> None:
    """One line a dead letter: its place, service, reason."""
    letters = [
        letter
        for letter in read_dead_letters(load_settings(CLISettings).kafka)
        if topic in (None, letter.record.topic) and code in (None, letter.code)
    ]
    if count:
        for key, number in Counter((each.record.topic, each.service, each.code) for each in letters).most_common():
            typer.echo("\t".join((str(number), *key)))
        return
    for letter in letters:
        if as_json:
            typer.echo(orjson.dumps(describe_letter(letter)))
        else:
            typer.echo(f"{letter.record.place}\t{letter.service}\t{letter.code}\t{clean_line(letter.detail)}")


@app.command("show")
def show_letter(place: Place, *, raw: Annotated[bool, typer.Option(help="only the record's value, byte for byte")] = False) -> None:
    """One dead letter whole: reason, key, headers, value."""
    letter = find_dead_letter(_kafka(), place)
    if raw:
        sys.stdout.buffer.write(letter.record.value or b"")
        return
    sys.stdout.buffer.write(orjson.dumps(describe_letter(letter), option=orjson.OPT_INDENT_2) + b"\n")


def describe_letter(letter: DeadLetter) -> dict[str, Any]:
    """A letter for people and programs; what is no UTF-8 is shown with replacement characters."""
    record = letter.record
    return {
        "place": record.place,
        "service": letter.service,
        "code": letter.code,
        "detail": letter.detail,
        "written": format_time(datetime.fromtimestamp(letter.written_ms / 1000, UTC)),
        "replays": letter.replays,
        "key": _text(record.key),
        "headers": {name: _text(value) for name, value in record.headers},
        "value": _text(record.value),
    }


@app.command("edit")
def edit_letter(
    place: Place,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="in the JSON: section=World, entities.0.count=2")
    ] = None,
    removals: Annotated[list[str] | None, typer.Option("--remove", metavar="PATH", help="from the JSON")] = None,
    headers: Annotated[
        list[str] | None, typer.Option("--header", metavar="NAME=VALUE", help="ce_type=…; without a value it is removed")
    ] = None,
    value_file: Annotated[Path | None, typer.Option(help="the whole value; - for standard input", allow_dash=True)] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say whether it would be taken, and show it")] = False,
) -> None:
    """Change a record and put it back. Without options the value is opened in $EDITOR. What is still wrong is not put back."""
    kafka = _kafka()
    letter = find_dead_letter(kafka, place)
    try:
        changed = set_headers(letter.record.headers, headers or [])
        if value_file is not None:
            value: bytes | None = sys.stdin.buffer.read() if str(value_file) == "-" else _read(value_file)
        elif assignments or removals:
            value = set_values(letter.record.value, assignments or [], removals or [])
        elif headers:
            value = letter.record.value
        else:
            value = _open_editor(letter.record.value)
    except NotEditable as error:
        raise Misconfigured(str(error)) from None
    mended = edited(letter, value, changed)
    if mended == letter:
        typer.echo("Nothing was changed, so nothing was put back.")
        return
    wrong = judge_record(mended.record, datetime.now(UTC))
    if wrong is not None:
        raise Misconfigured(f"not put back, for it would come to the same end: {wrong}{_keep_draft(mended)}")
    if dry_run:
        typer.echo(f"It would be taken:\n{pretty(value)}", nl=False)
        return
    _tell(put_back(kafka, [mended], Replay(whoami(), datetime.now(UTC), is_edited=True)))


@app.command("replay")
def replay_letters(
    places: Annotated[list[str] | None, typer.Argument(help="places, as `list` prints them")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="all dead letters")] = False,
    code: Annotated[str | None, typer.Option(help="with --all: only those with this reason")] = None,
    topic: Annotated[str | None, typer.Option(help="with --all: only those of this topic")] = None,
) -> None:
    """Put records back into the topic they came from, and take them off the list: each once, however often it is asked for."""
    kafka = _kafka()
    if everything == bool(places) or ((code or topic) and not everything):
        raise Misconfigured("name the places of the dead letters to replay, or --all of them (of a --code, of a --topic)")
    letters = read_dead_letters(kafka) if everything else [find_dead_letter(kafka, place) for place in places or []]
    letters = [each for each in letters if code in (None, each.code) and topic in (None, each.record.topic)]
    _tell(put_back(kafka, letters, Replay(whoami(), datetime.now(UTC))))


@app.command("step-over")
def step_over_record(
    service: Annotated[str, typer.Argument(help="ingest, enrich, indexer, webhooks or webhooks-retries; it must be stopped")],
    place: Annotated[str, typer.Argument(help="where it stands, such as articles.published-3-1042")],
) -> None:
    """Have a service go on behind a record that it cannot get past. The record is kept as a dead letter first."""
    done = step_over(_kafka(), service, place, whoami(), datetime.now(UTC))
    kept = "It is kept as a dead letter." if done.was_read else "It could not be read; a dead letter says so."
    typer.echo(f"{service} will go on behind {done.place}. {kept}")


def _tell(done: Replayed) -> None:
    typer.echo(f"{done.put_back} put back.")
    for place in done.gone:
        typer.echo(f"{place} is no dead letter any more: it was put back before.")


def _open_editor(value: bytes | None) -> bytes | None:
    before = pretty(value)
    after = click.edit(before, extension=".json")
    return value if after is None or after == before else compact(after)


def _keep_draft(letter: DeadLetter) -> str:
    """Keeps what was typed, so that it need not be typed again; where to."""
    folder = Path(click.get_app_dir("dateline"))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / f"{letter.record.place}.json"
        file.touch(mode=0o600)
        file.write_bytes(letter.record.value or b"")
    except OSError:
        return ""
    return f"\nWhat was changed is in {file}; go on with --value-file"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{file}: {error.strerror}") from error


def _kafka() -> KafkaSettings:
    return load_settings(CLISettings).kafka


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")
