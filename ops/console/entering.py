"""Who may see and do what: pages ask for a session, forms also for its key, programs may show their token in a header."""

import hmac
import time
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import Depends, Request

from ops.console.sessions import Session, Sessions, find_holder

#: An article's value of 1 MiB, every byte of it escaped, and the rest of the form.
_MOST_FORM_BYTES = 4 * 1024 * 1024
_MOST_FIELDS = 1000
_OWN_SITE = ("same-origin", "none")

Form = Mapping[str, list[str]]


class MustEnter(Exception):
    """Nobody has entered: whoever asks is led to the door, and then to `path`."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Refused(Exception):
    """The request is not answered; the text says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def cookie_name(request: Request) -> str:
    """With https the browser itself holds that only this host can set it."""
    return "__Host-dateline-console" if request.app.state.settings.console.secure_cookie else "dateline-console"


def find_session(request: Request) -> Session | None:
    """The session that a request's cookie names."""
    sessions: Sessions = request.app.state.sessions
    return sessions.find(request.cookies.get(cookie_name(request)), time.monotonic())


def require_session(request: Request) -> Session:
    """The session of a page's request."""
    session = find_session(request)
    if session is None:
        query = f"?{request.url.query}" if request.url.query else ""
        raise MustEnter(f"{request.url.path}{query}")
    return session


def require_holder(request: Request) -> str:
    """Who asks, by a session or by `Authorization: Bearer`."""
    session = find_session(request)
    if session is not None:
        return session.who
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    holder = find_holder(token.strip(), request.app.state.token_hashes) if scheme.lower() == "bearer" else None
    if holder is None:
        raise Refused(401, "enter by the page, or send Authorization: Bearer with a token that may enter")
    return holder


async def read_form(request: Request) -> Form:
    """The fields of a form. One that comes from another site, is too large, or is no form, is refused."""
    check_own_site(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refused(415, "this is not a form of this page")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST_FORM_BYTES:
            raise Refused(413, "the form is too large: use `dateline dead-letters edit --value-file`")
    try:
        return parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise Refused(400, "the form cannot be read") from None


def check_own_site(request: Request) -> None:
    """Refuses what a page of another site sent."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site not in _OWN_SITE:
        raise Refused(403, "this form was sent by another site")
    if origin is not None and origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused(403, "this form was sent by another site")


class Change:
    """A form that changes something, from somebody who has entered and by a form of this page."""

    def __init__(self, session: Session, form: Form) -> None:
        self.session = session
        self.form = form

    def text(self, name: str) -> str:
        """The value of a field; empty when it is absent."""
        return self.form.get(name, [""])[-1]


async def require_change(request: Request) -> Change:
    """What a form asks to be changed."""
    session = require_session(request)
    change = Change(session, await read_form(request))
    if not hmac.compare_digest(change.text("form_key").encode(), session.form_key.encode()):
        raise Refused(403, "this form is of another session: open the page anew")
    return change


def safe_path(path: str) -> str:
    """A path of this page to go on to; `/` for anything else, such as the address of another site."""
    parts = urlsplit(path)
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return quote(path, safe="/?&=%:.-_~+,") if inside and path.isprintable() else "/"


Entered = Annotated[Session, Depends(require_session)]
Holder = Annotated[str, Depends(require_holder)]
Changed = Annotated[Change, Depends(require_change)]
