"""Whole results as a file: CSV (RFC 4180) for spreadsheets, NDJSON for programs.

Before this: `services.search.whole_results`, which reads them page by page.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import orjson
from pydantic import Field

from services.search.core.answers import ArticleSummary
from services.search.core.parameters import SearchFilters
from services.search.core.plain_texts import plain_document

Json = Mapping[str, Any]

#: The columns, in order; `body` comes last where it is asked for.
COLUMNS = (*ArticleSummary.model_fields, "keywords", "keywords_found", "entity_names", "word_count")
_LISTS = frozenset({"authors", "keywords", "keywords_found", "entity_names"})
_LIST_SEPARATOR = "; "
#: What spreadsheets take for a formula when a cell begins with it, also in the wide forms of East Asian keyboards (OWASP).
_LIKE_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
#: Articles that are read at a time, so that a page of large ones still fits into some tens of MB.
_PAGE, _PAGE_WITH_TEXT = 500, 50


class ExportForm(StrEnum):
    """In which form an export is wanted."""

    CSV = "csv"
    NDJSON = "ndjson"


MEDIA_TYPES = {ExportForm.CSV: "text/csv; charset=utf-8; header=present", ExportForm.NDJSON: "application/x-ndjson"}


class ExportParameters(SearchFilters):
    """Which articles are exported, and how."""

    format: ExportForm = Field(description="`csv` (RFC 4180, UTF-8, with a header row) or `ndjson` (a JSON object a line)")
    text: bool = Field(default=False, description="with the text of the articles, in `body`")
    rows: Annotated[int, Field(ge=1)] | None = Field(default=None, description="only the newest so many")

    @property
    def columns(self) -> tuple[str, ...]:
        """What is told of each article."""
        return (*COLUMNS, "body") if self.text else COLUMNS

    @property
    def page_size(self) -> int:
        """Articles that are read at a time."""
        size = _PAGE_WITH_TEXT if self.text else _PAGE
        return size if self.rows is None else min(size, self.rows)


def build_export(query: Json, columns: Sequence[str], size: int, after: Sequence[Any] | None) -> dict[str, Any]:
    """One page of what fits a query, newest first, without the point in time that it is read at; the first counts them all."""
    body: dict[str, Any] = {
        "query": query,
        "sort": [{"date": "desc"}, {"article_id": "asc"}],
        "size": size,
        "track_total_hits": after is None,
        "_source": list(columns),
    }
    if after is not None:
        body["search_after"] = list(after)
    return body


def write_header(form: ExportForm, columns: Sequence[str]) -> bytes:
    """What stands before the first article."""
    return _csv([columns]) if form is ExportForm.CSV else b""


def write_rows(form: ExportForm, columns: Sequence[str], sources: Iterable[Json]) -> bytes:
    """Articles as lines of the file. In CSV a cell that a spreadsheet could take for a formula gets a `'` before it."""
    rows = [_values(plain_document(source), columns) for source in sources]
    if form is ExportForm.CSV:
        return _csv([[_cell(value) for value in row] for row in rows])
    return b"".join(orjson.dumps(dict(zip(columns, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _values(document: Json, columns: Sequence[str]) -> list[Any]:
    return [_listed(document.get(name)) if name in _LISTS else document.get(name) for name in columns]


def _listed(value: Any) -> list[Any]:
    """Elasticsearch gives back what it was given: a list of one may stand there without its brackets."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _cell(value: Any) -> str:
    text = _LIST_SEPARATOR.join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if _LIKE_FORMULA.match(text) else text


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode()
