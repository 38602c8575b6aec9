"""Pages that only look: how everything is, the way of an article, the runbooks."""

import re
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse

from ops.console.entering import Entered, Holder, Refused
from ops.console.rendering import render
from ops.status.facts import Failure
from ops.status.judging import exit_code, judge
from ops.status.looking import look
from ops.status.report import build_report
from ops.trace.journey import judge_where
from ops.trace.log_search import Bounds
from ops.trace.naming import parse_name
from ops.trace.telling import build_trace_report, tell_facts, tell_looked
from ops.trace.tracing import trace_article
from shared.failures import Misconfigured

router = APIRouter(default_response_class=HTMLResponse)
_RUNBOOKS = Path(__file__).resolve().parents[1] / "runbooks"
_LONGEST_NAME = 2048


@router.get("/")
def show_status(request: Request, _: Entered, refresh: Annotated[int | None, Query(ge=2, le=3600)] = None) -> HTMLResponse:
    """How everything is. With `refresh` the browser asks again after so many seconds."""
    facts = look(request.app.state.settings)
    findings = judge(facts)
    failed = {
        name: each.reason
        for name in ("kafka", "elasticsearch", "letters", "feeds")
        if isinstance(each := getattr(facts, name), Failure)
    }
    shown = {"facts": facts, "findings": findings, "failed": failed, "code": int(exit_code(facts, findings)), "refresh": refresh}
    return render(request, "status.html", shown)


@router.get("/status.json")
def tell_status(request: Request, _: Holder) -> JSONResponse:
    """The same for programs, as `dateline status --json` prints it."""
    facts = look(request.app.state.settings)
    return JSONResponse(build_report(facts, judge(facts)))


@router.get("/trace")
def show_trace(
    request: Request,
    _: Entered,
    article: Annotated[str, Query(max_length=_LONGEST_NAME)] = "",
    publisher: Annotated[str, Query(max_length=_LONGEST_NAME)] = "",
) -> HTMLResponse:
    """The way of an article, and a box to ask for one."""
    shown: dict[str, Any] = {"article": article, "publisher": publisher, "journey": None, "verdict": None, "wrong": None}
    if article.strip():
        try:
            journey = trace_article(request.app.state.settings, parse_name(article, publisher.strip() or None), Bounds())
        except Misconfigured as error:
            return render(request, "trace.html", {**shown, "wrong": str(error)}, 400)
        shown |= {
            "journey": journey,
            "verdict": judge_where(journey),
            "facts": tell_facts(journey),
            "looked": tell_looked(journey.log.looked),
        }
    return render(request, "trace.html", shown)


@router.get("/trace.json")
def tell_trace(
    request: Request, _: Holder, article: Annotated[str, Query(max_length=_LONGEST_NAME)], publisher: str | None = None
) -> JSONResponse:
    """The same for programs, as `dateline trace --json` prints it."""
    journey = trace_article(request.app.state.settings, parse_name(article, publisher), Bounds())
    return JSONResponse(build_trace_report(journey, judge_where(journey)))


@router.get("/runbooks/{name}")
def show_runbook(request: Request, _: Entered, name: str) -> HTMLResponse:
    """The page of an alert, as it is written."""
    file = _RUNBOOKS / f"{name}.md"
    if not re.fullmatch(r"[A-Za-z]{1,60}", name) or not file.is_file():
        raise Refused(404, "there is no such page in ops/runbooks")
    return render(request, "runbook.html", {"name": name, "text": file.read_text(encoding="utf-8")})
