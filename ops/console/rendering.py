"""Renders the templates of the operators' page; everything that is put in is escaped."""

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ops.console.entering import find_session
from ops.status.screen import tell_age, tell_bytes
from services.ingest.core.source_watch import duration

_TEMPLATES = Path(__file__).with_name("templates")


def build_environment() -> Environment:
    """The templates, with what they use to tell times and sizes."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"age": tell_age, "bytes": tell_bytes, "duration": duration}
    return environment


def render(request: Request, template: str, context: dict[str, Any], status: int = 200) -> HTMLResponse:
    """A page."""
    environment: Environment = request.app.state.templates
    session = find_session(request)
    return HTMLResponse(environment.get_template(template).render(session=session, path=request.url.path, **context), status)
