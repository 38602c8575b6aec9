"""A dead letter's record, changed by hand, and whether a service would take it then (pure)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from services.ingest.core.incoming import judge_incoming, parse_incoming
from services.ingest.core.judgements import Origin, Refused
from shared.events import Record, decode_event, why_invalid
from shared.outcomes import DeadLettered
from shared.topics import INBOUND


class NotEditable(ValueError):
    """What was asked for cannot be done; the text says why."""


def set_values(value: bytes | None, assignments: Sequence[str], removals: Sequence[str] = ()) -> bytes:
    """A JSON object with some of its values set and some removed.

    Args:
        value: The object as JSON.
        assignments: Such as `section=World`, `entities.0.count=2`: a path of names and places in lists, and a value, which is read
            as JSON where it is JSON, and else as text.
        removals: Paths.
    """
    try:
        document = orjson.loads(value or b"")
    except orjson.JSONDecodeError as error:
        raise NotEditable(
            f"its value is no JSON ({error}), so nothing can be set in it: give a whole one by --value-file"
        ) from None
    for each in assignments:
        path, sign, text = each.partition("=")
        if not sign:
            raise NotEditable(f"--set {each}: not like section=World")
        _put(document, path, _read(text))
    for path in removals:
        _take(document, path)
    return orjson.dumps(document)


def set_headers(headers: tuple[tuple[str, bytes], ...], assignments: Sequence[str]) -> tuple[tuple[str, bytes], ...]:
    """Headers with some set, such as `ce_type=news.article.published.v1`; without a value behind the `=` one is removed."""
    changed = list(headers)
    for each in assignments:
        name, sign, text = each.partition("=")
        if not sign or not name:
            raise NotEditable(f"--header {each}: not like ce_type=news.article.published.v1")
        changed = [header for header in changed if header[0] != name]
        if text:
            changed.append((name, text.encode()))
    return tuple(changed)


def pretty(value: bytes | None) -> str:
    """A value as people edit it: JSON with one field a line, in the order it has; other text as it is."""
    try:
        return orjson.dumps(orjson.loads(value or b""), option=orjson.OPT_INDENT_2).decode() + "\n"
    except orjson.JSONDecodeError:
        return (value or b"").decode("utf-8", "replace")


def compact(text: str) -> bytes:
    """The value that edited text stands for: JSON without its blanks; other text as it is."""
    try:
        return orjson.dumps(orjson.loads(text))
    except orjson.JSONDecodeError:
        return text.encode()


def judge_record(record: Record, now: datetime) -> str | None:
    """Why the record would become a dead letter again at once; None when it is well formed."""
    if record.topic == INBOUND:
        return _judge_inbound(record.value or b"", now)
    decoded = decode_event(record)
    return f"{decoded.code}: {decoded.detail}" if isinstance(decoded, DeadLettered) else None


def _judge_inbound(value: bytes, now: datetime) -> str | None:
    try:
        parsed = parse_incoming(value, now)
        judged = parsed if isinstance(parsed, Refused) else judge_incoming(parsed, Origin(), lambda _: None, now)
    except ValidationError as error:
        return ": ".join(why_invalid(error))
    if isinstance(judged, Refused):
        return "; ".join(f"{field}: {detail}" for field, detail in judged.errors)
    return None


def _read(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _put(document: Any, path: str, value: Any) -> None:
    holder, last = _walk(document, path)
    if isinstance(holder, dict):
        holder[last] = value
    elif int(last) == len(holder):
        holder.append(value)
    else:
        holder[int(last)] = value


def _take(document: Any, path: str) -> None:
    holder, last = _walk(document, path)
    try:
        del holder[last if isinstance(holder, dict) else int(last)]
    except (KeyError, IndexError):
        raise NotEditable(f"{path} is not there") from None


def _walk(document: Any, path: str) -> tuple[Any, str]:
    """What holds the last step of a path; a list's end counts as a place of it."""
    *steps, last = path.split(".")
    holder = document
    for number, step in enumerate(steps):
        try:
            holder = holder[step] if isinstance(holder, dict) else holder[_place(holder, step, len(holder) - 1, path)]
        except (KeyError, TypeError):
            raise NotEditable(f"{path}: there is no {'.'.join(steps[: number + 1])}") from None
    if isinstance(holder, list):
        _place(holder, last, len(holder), path)
    elif not isinstance(holder, dict):
        raise NotEditable(f"{path}: {'.'.join(steps) or 'the value'} is neither an object nor a list")
    return holder, last


def _place(holder: Any, step: str, most: int, path: str) -> int:
    if not isinstance(holder, list) or not (step.isascii() and step.isdigit()) or int(step) > most:
        raise NotEditable(f"{path}: {step} is no place there")
    return int(step)
