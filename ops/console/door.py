"""Entering and leaving the operators' page; whether it answers."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ops.console.entering import Changed, Form, cookie_name, read_form, safe_path
from ops.console.rendering import render
from ops.console.sessions import SESSION_SECONDS, find_holder

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/readyz")
@router.get("/healthz")
def tell_ready() -> JSONResponse:
    """It answers; whether what it looks at is well, its pages say."""
    return JSONResponse({"status": "ready"})


@router.get("/login")
def show_door(request: Request, next: str = "/") -> HTMLResponse:  # noqa: A002 - the name that the address has
    """Where a token is asked for."""
    return render(request, "login.html", {"next": safe_path(next), "wrong": False})


@router.post("/login")
def enter(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
    """A session for a token."""
    path = safe_path(form.get("next", ["/"])[-1])
    holder = find_holder(form.get("token", [""])[-1].strip(), request.app.state.token_hashes)
    if holder is None:
        return render(request, "login.html", {"next": path, "wrong": True}, 403)
    session = request.app.state.sessions.begin(holder, time.monotonic())
    answer = RedirectResponse(path, 303)
    answer.set_cookie(
        cookie_name(request),
        session.session_id,
        max_age=SESSION_SECONDS,
        path="/",
        secure=request.app.state.settings.console.secure_cookie,
        httponly=True,
        samesite="strict",
    )
    return answer


@router.post("/logout")
def leave(request: Request, change: Changed) -> Response:
    """The session ends."""
    request.app.state.sessions.end(change.session)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_name(request), path="/")
    return answer
