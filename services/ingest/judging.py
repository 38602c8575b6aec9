"""From the body of a request to events: JSON, NDJSON, pages. What cannot be accepted is a Problem that names each field.

Before this: `api`. After it: `core.acceptance`, and `door` sends the events.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.ingest.answers import BatchResult, FieldError, LineResult
from services.ingest.core.acceptance import Refused, accept_article, accept_page
from services.ingest.core.extracted import ExtractedArticle, NoArticle
from services.ingest.core.html_page import extract_html_page
from services.ingest.core.submissions import ArticleSubmission, PageSubmission
from services.ingest.core.text_page import extract_text_page
from services.ingest.door import count_refused, now_utc
from shared.articles import ArticlePublished
from shared.events import Event
from shared.web import Problem, field_errors

M = TypeVar("M", bound=BaseModel)

#: Lines of one request: as many articles as make a good batch.
_MOST_LINES = 10_000


def judge_article(body: bytes, publisher: str | None) -> Event[ArticlePublished]:
    """The event of an article in JSON; `publisher` is whose token it came with."""
    return accepted(accept_article(parse_body(ArticleSubmission, body, "article"), now_utc(), publisher), "article")


def judge_lines(body: bytes, publisher: str | None) -> tuple[list[Event[ArticlePublished]], BatchResult]:
    """The events of the articles in NDJSON, and a result for each line; refused ones do not hold up the others."""
    results: list[LineResult] = []
    events: list[Event[ArticlePublished]] = []
    lines = body.splitlines()
    if len(lines) > _MOST_LINES:
        raise Problem(413, f"{len(lines)} lines are more than the {_MOST_LINES} that are taken at once; send them in parts")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        judged = _judge_line(line, publisher)
        if isinstance(judged, Refused):
            errors = [FieldError(field=field, detail=detail) for field, detail in judged.errors]
            results.append(LineResult(line=number, errors=errors))
        else:
            events.append(judged)
            results.append(LineResult(line=number, article_id=judged.body.article_id, revision=judged.body.revision))
    if not results:
        raise Problem(422, "the body holds no line", [{"field": "body", "detail": "is empty"}])
    refused = len(results) - len(events)
    count_refused("article", refused)
    return events, BatchResult(accepted=len(events), refused=refused, results=results)


def judge_page(body: bytes, kind: str, asked: PageSubmission, publisher: str | None) -> Event[ArticlePublished]:
    """The event of the article in a page; `kind` is the media type of the body, `asked` what the query says beside it."""
    page, named = _extract(body, kind, asked)
    if isinstance(page, NoArticle):
        count_refused("page")
        raise Problem(422, f"there is no article in this page: {page.reason}", [{"field": "html", "detail": page.reason}])
    return accepted(accept_page(page, named, now_utc(), publisher), "page")


def parse_body(model: type[M], body: bytes, kind: str) -> M:
    """A JSON body as a model; a Problem that names each field when it is none."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        count_refused(kind)
        raise Problem(422, f"this {kind} cannot be accepted as it is", field_errors(list(error.errors()), skip=0)) from None


def accepted(judged: Event[Any] | Refused, kind: str) -> Event[Any]:
    """The event of an accepted submission; a Problem for a refused one."""
    if isinstance(judged, Refused):
        count_refused(kind)
        errors = [{"field": field, "detail": detail} for field, detail in judged.errors]
        raise Problem(422, f"this {kind} cannot be accepted as it is", errors)
    return judged


def _judge_line(line: bytes, publisher: str | None) -> Event[ArticlePublished] | Refused:
    try:
        return accept_article(ArticleSubmission.model_validate_json(line), now_utc(), publisher)
    except ValidationError as error:
        return Refused(tuple((e["field"], e["detail"]) for e in field_errors(list(error.errors()), skip=0)))


def _extract(body: bytes, kind: str, asked: PageSubmission) -> tuple[ExtractedArticle | NoArticle, str | None]:
    if kind == "text/html":
        return extract_html_page(body, asked.url, now_utc()), asked.publisher
    if kind == "text/plain":
        return extract_text_page(body.decode("utf-8", "replace"), asked.url, now_utc()), asked.publisher
    if kind not in ("application/json", ""):
        raise Problem(415, f"a page is sent as text/html, text/plain or application/json, not as {kind[:100]}")
    page = parse_body(PageSubmission, body, "page")
    if (page.html is None) == (page.text is None):
        count_refused("page")
        raise Problem(422, "give either the html of the page or its text", [{"field": "html", "detail": "html or text is needed"}])
    if page.html is not None:
        return extract_html_page(page.html, page.url, now_utc()), page.publisher
    return extract_text_page(page.text or "", page.url, now_utc()), page.publisher
