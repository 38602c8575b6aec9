"""Dead letters on the operators' page: listed, looked at, mended, put back."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ops.cli.dead_letters import find_dead_letter, read_dead_letters
from ops.cli.dead_letters_command import describe_letter
from ops.cli.editing import compact, judge_record, pretty
from ops.cli.replaying import Replayed, edited, put_back
from ops.console.entering import Changed, Entered, Refused
from ops.console.rendering import render
from shared.dead_letters import DeadLetter, Replay

router = APIRouter(default_response_class=HTMLResponse)
_PAGE = 100
#: A larger value is not put into a text field.
_MOST_EDITED_BYTES = 1024 * 1024


@router.get("/dead-letters")
def list_letters(
    request: Request,
    session: Entered,
    topic: str | None = None,
    code: str | None = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    put_back: Annotated[int | None, Query(ge=0)] = None,
    gone: Annotated[int, Query(ge=0)] = 0,
) -> HTMLResponse:
    """Dead letters, the newest first, of a topic or a reason if one is asked for."""
    every = read_dead_letters(request.app.state.settings.kafka)
    found = [each for each in every if topic in (None, "", each.record.topic) and code in (None, "", each.code)]
    found.sort(key=lambda letter: -letter.written_ms)
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    context = {
        "letters": [_row(letter) for letter in shown],
        "kinds": Counter((letter.record.topic, letter.service, letter.code) for letter in every).most_common(),
        "found": len(found),
        "topic": topic or "",
        "code": code or "",
        "page": page,
        "has_more": page * _PAGE < len(found),
        "put_back": put_back,
        "gone": gone,
        "form_key": session.form_key,
    }
    return render(request, "letters.html", context)


@router.post("/dead-letters")
def replay_letters(request: Request, change: Changed) -> Response:
    """Those that were ticked go back to where they came from."""
    kafka = request.app.state.settings.kafka
    places = set(change.form.get("place", []))
    if not places:
        raise Refused(400, "tick those that are to be put back")
    letters = [letter for letter in read_dead_letters(kafka) if letter.record.place in places]
    done = put_back(kafka, letters, Replay(change.session.who, datetime.now(UTC)))
    return _back_to_list(Replayed(done.put_back, (*done.gone, *(places - {letter.record.place for letter in letters}))))


@router.get("/dead-letters/{place}")
def show_letter(request: Request, session: Entered, place: str) -> HTMLResponse:
    """One of them whole, in a form."""
    letter = find_dead_letter(request.app.state.settings.kafka, place)
    return render(request, "letter.html", _letter(letter, session.form_key))


@router.post("/dead-letters/{place}")
def mend_letter(request: Request, change: Changed, place: str) -> Response:
    """It goes back as it is, or as it was typed; what is still wrong does not, and is shown again with the reason."""
    kafka = request.app.state.settings.kafka
    letter = find_dead_letter(kafka, place)
    if change.text("action") == "replay":
        return _back_to_list(put_back(kafka, [letter], Replay(change.session.who, datetime.now(UTC))))
    typed = change.text("value").replace("\r\n", "\n")
    mended = letter if typed == pretty(letter.record.value) else edited(letter, compact(typed), letter.record.headers)
    wrong = judge_record(mended.record, datetime.now(UTC))
    if wrong is not None or change.text("action") == "check":
        shown = _letter(letter, change.session.form_key) | {"typed": typed, "wrong": wrong, "checked": wrong is None}
        return render(request, "letter.html", shown, 200 if wrong is None else 422)
    replay = Replay(change.session.who, datetime.now(UTC), is_edited=mended != letter)
    return _back_to_list(put_back(kafka, [mended], replay))


def _back_to_list(done: Replayed) -> Response:
    return RedirectResponse(f"/dead-letters?put_back={done.put_back}&gone={len(done.gone)}", 303)


def _row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "place": letter.record.place,
        "service": letter.service,
        "code": letter.code,
        "detail": letter.detail[:300],
        "written": datetime.fromtimestamp(letter.written_ms / 1000, UTC),
        "replays": letter.replays,
    }


def _letter(letter: DeadLetter, form_key: str) -> dict[str, Any]:
    value = letter.record.value or b""
    return {
        "letter": describe_letter(letter),
        "is_text": _is_text(value) and len(value) <= _MOST_EDITED_BYTES,
        "typed": pretty(value),
        "wrong": None,
        "checked": False,
        "form_key": form_key,
    }


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
