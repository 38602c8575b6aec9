"""Whole results as files."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.search.api import Reader
from services.search.core.exports import MEDIA_TYPES, ExportParameters, write_header, write_rows
from services.search.core.matching import build_matching
from services.search.problems import problems
from services.search.streaming import LongAnswer
from services.search.whole_results import Exports, WholeResult
from shared.web import Problem

_LINES = {media_type.partition(";")[0]: {"schema": {"type": "string"}} for media_type in MEDIA_TYPES.values()}
_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The articles, newest first. A file that ends early is cut off without a last chunk, which clients report",
        "content": _LINES,
        "headers": {"X-Total-Count": {"description": "how many articles follow", "schema": {"type": "integer"}}},
    }
}


def get_exports(request: Request) -> Exports:
    """What exports for this app."""
    exports: Exports = request.app.state.exports
    return exports


router = APIRouter(prefix="/v1", default_response_class=Response)


@router.get(
    "/export",
    summary="Export articles",
    responses=_ANSWERED
    | problems(status_400="`q` cannot be read, the search is too complex, or more articles fit than one export holds"),
)
async def export(
    parameters: Annotated[ExportParameters, Query()], reading: Reader, exports: Annotated[Exports, Depends(get_exports)]
) -> Response:
    """All articles that fit, as they were when the export began, in a file that is read as fast as it is taken."""
    fields = (await reading.fetch_overview()).language_fields
    query = build_matching(parameters, fields, time.time())
    result = await exports.open(query, parameters.columns, parameters.page_size)
    wanted = result.total if parameters.rows is None else min(parameters.rows, result.total)
    if wanted > exports.most_rows:
        await exports.close(result)
        raise Problem(400, f"{wanted} articles fit, and one export holds {exports.most_rows}: narrow it down, or ask for `rows`")
    filename = f'attachment; filename="articles.{parameters.format}"'
    headers = {"X-Total-Count": str(wanted), "Content-Disposition": filename, "Cache-Control": "no-store"}
    return LongAnswer(_write(parameters, result, wanted), MEDIA_TYPES[parameters.format], lambda: exports.close(result), headers)


async def _write(parameters: ExportParameters, result: WholeResult, wanted: int) -> AsyncIterator[bytes]:
    yield write_header(parameters.format, parameters.columns)
    left = wanted
    async for page in result.pages():
        # A thread, for a page of whole texts takes tens of milliseconds, in which nobody else would be answered.
        yield await asyncio.to_thread(write_rows, parameters.format, parameters.columns, page[:left])
        left -= len(page[:left])
        if not left:
            return
