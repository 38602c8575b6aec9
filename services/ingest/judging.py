"""From the body of a request to events: JSON, NDJSON, pages. What cannot be accepted is a Problem that names each field.

Before this: `api`. After it: `core.acceptance`, and `door` sends the events.
"""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.ingest.answers import BatchResult, FieldError, LineResult
from services.ingest.core.acceptance import accept_page
from services.ingest.core.extracted import ExtractedArticle, NoArticle
from services.ingest.core.incoming import judge_incoming, parse_incoming
from services.ingest.core.judgements import Judged, NewRevision, Origin, Refused, Retraction, Unchanged
from services.ingest.core.memory import Draft, Look
from services.ingest.core.submissions import PageSubmission
from services.ingest.core.views import RefusedView
from services.ingest.door import count_refused, count_unchanged, now_utc
from services.ingest.page_extractor import PageExtractors
from shared.web import MOST_ERRORS, Problem, field_errors

M = TypeVar("M", bound=BaseModel)

#: Lines of one request: as many articles as make a good batch.
_MOST_LINES = 10_000


def judge_article(body: bytes, origin: Origin, look: Look) -> NewRevision | Unchanged | Retraction:
    """What an article in JSON is; a Problem when it is refused."""
    judged = _judge_document(body, origin, look)
    if isinstance(judged, Refused):
        raise refusal(judged, "article")
    return judged


def judge_lines(body: bytes, origin: Origin, draft: Draft) -> tuple[list[NewRevision | Retraction], BatchResult]:
    """What the articles in NDJSON are, and a result for each line; refused ones do not hold up the others."""
    results: list[LineResult] = []
    news: list[NewRevision | Retraction] = []
    lines = body.splitlines()
    if len(lines) > _MOST_LINES:
        raise Problem(413, f"{len(lines)} lines are more than the {_MOST_LINES} that are taken at once; send them in parts")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        judged = _judge_document(line, origin, draft.look)
        if isinstance(judged, NewRevision | Retraction):
            draft.add([judged.entry])
            news.append(judged)
        results.append(_line_result(number, judged))
    if not results:
        raise Problem(422, "the body holds no line", [{"field": "body", "detail": "is empty"}])
    refused = sum(result.errors is not None for result in results)
    count_refused("article", refused)
    unchanged = len(results) - len(news) - refused
    count_unchanged("article", unchanged)
    return news, BatchResult(accepted=len(news), unchanged=unchanged, refused=refused, results=results)


def judge_page(
    body: bytes, kind: str, asked: PageSubmission, sender: tuple[Origin, Look], extractors: PageExtractors
) -> NewRevision | Unchanged:
    """What the article in a page is; `kind` is the media type of the body, `asked` what the query says beside it."""
    page, named = _extract(body, kind, asked, extractors)
    if isinstance(page, NoArticle):
        count_refused("page")
        raise Problem(422, f"there is no article in this page: {page.reason}", [{"field": "html", "detail": page.reason}])
    judged = accept_page(page, named, *sender, now_utc())
    if isinstance(judged, Refused):
        raise refusal(judged, "page")
    return judged


def parse_body(model: type[M], body: bytes, kind: str) -> M:
    """A JSON body as a model; a Problem that names each field when it is none."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        count_refused(kind)
        raise Problem(422, f"this {kind} cannot be accepted as it is", field_errors(list(error.errors()), skip=0)) from None


def begins_with(body: bytes, field: str) -> bool:
    """Whether the first field of a JSON object has this name: `{"views": [...]}` holds many, `{"article_id": ...}` is one."""
    return body.lstrip()[1:].lstrip().startswith(f'"{field}"'.encode())


def none_accepted(kind: str, refused: Sequence[tuple[int, RefusedView]]) -> Problem:
    """What is answered when none of several views or shares could be accepted; each with its number in the request."""
    errors = [{"field": f"{kind}s.{number}.{why.field}", "detail": why.detail} for number, why in refused[:MOST_ERRORS]]
    return Problem(422, f"no {kind} could be accepted", errors)


def refusal(refused: Refused, kind: str) -> Problem:
    """What is answered for a refused submission; it is counted."""
    count_refused(kind)
    errors = [{"field": field, "detail": detail} for field, detail in refused.errors]
    return Problem(422, f"this {kind} cannot be accepted as it is", errors)


def _judge_document(document: bytes, origin: Origin, look: Look) -> Judged | Retraction:
    now = now_utc()
    try:
        incoming = parse_incoming(document, now)
    except ValidationError as error:
        return Refused(tuple((e["field"], e["detail"]) for e in field_errors(list(error.errors()), skip=0)))
    return incoming if isinstance(incoming, Refused) else judge_incoming(incoming, origin, look, now)


def _line_result(number: int, judged: Judged | Retraction) -> LineResult:
    if isinstance(judged, Refused):
        return LineResult(line=number, errors=[FieldError(field=field, detail=detail) for field, detail in judged.errors])
    if isinstance(judged, Unchanged):
        return LineResult(line=number, article_id=judged.article_id, revision=judged.revision, unchanged=True)
    return LineResult(line=number, article_id=judged.event.body.article_id, revision=judged.event.body.revision)


def _extract(
    body: bytes, kind: str, asked: PageSubmission, extractors: PageExtractors
) -> tuple[ExtractedArticle | NoArticle, str | None]:
    if kind == "text/html":
        return extractors.extract_html(body, asked.url, now_utc()), asked.publisher
    if kind == "text/plain":
        return extractors.extract_text(body.decode("utf-8", "replace"), asked.url, now_utc()), asked.publisher
    if kind not in ("application/json", ""):
        raise Problem(415, f"a page is sent as text/html, text/plain or application/json, not as {kind[:100]}")
    page = parse_body(PageSubmission, body, "page")
    if (page.html is None) == (page.text is None):
        count_refused("page")
        raise Problem(422, "give either the html of the page or its text", [{"field": "html", "detail": "html or text is needed"}])
    if page.html is not None:
        return extractors.extract_html(page.html, page.url, now_utc()), page.publisher
    return extractors.extract_text(page.text or "", page.url, now_utc()), page.publisher
