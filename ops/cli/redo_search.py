"""Reads articles out of the index page by page, as it stood at the beginning, while services go on writing to it."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from ops.cli.point_in_time import read_pages
from ops.cli.redo_events import NEEDED
from shared.elastic import failure_of
from shared.events import format_time, parse_time
from shared.failures import Misconfigured
from shared.indices import ARTICLES, PUBLISHED

_WHAT = f"reading {ARTICLES}"
#: A body takes a megabyte at the most.
_PAGE_DOCUMENTS = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Some documents, and how many there are on all pages together."""

    documents: Sequence[Mapping[str, Any]]
    total: int


def build_query(since: str | None, languages: Sequence[str]) -> dict[str, Any]:
    """The articles that are not retracted, of `since` (a day, or a time with its offset) or later, in one of the languages.

    An article's time is that of its publication, or where that is not known, of its retrieval. Raises Misconfigured.
    """
    filters: list[dict[str, Any]] = [{"term": {"status": PUBLISHED}}]
    if since is not None:
        filters.append({"range": {"date": {"gte": format_time(_parse_since(since))}}})
    if languages:
        filters.append({"terms": {"language": list(languages)}})
    return {"bool": {"filter": filters}}


def _parse_since(text: str) -> datetime:
    found = parse_time(text)
    if found is None:
        try:
            found = datetime.combine(date.fromisoformat(text), time(), UTC)
        except ValueError:
            raise Misconfigured(
                f"--since {text}: neither a day such as 2026-11-21 nor a time with its offset such as 2026-11-21T06:00:00Z"
            ) from None
    return found


def fetch_pages(client: Elasticsearch, query: Mapping[str, Any]) -> Generator[Page]:
    """All articles that a query finds, the oldest first: what tells a story first is then seen first.

    Close it when it is not read to its end. Raises Unavailable and Misconfigured as `failure_of`.
    """
    try:
        with closing(
            read_pages(
                client,
                ARTICLES,
                _PAGE_DOCUMENTS,
                [{"date": "asc"}, {"article_id": "asc"}],
                query=query,
                source={"includes": list(NEEDED)},
                track_total_hits=True,
            )
        ) as pages:
            for page in pages:
                yield Page([hit["_source"] for hit in page["hits"]], page["total"]["value"])
    except (ApiError, TransportError) as error:
        raise failure_of(error, _WHAT) from error
