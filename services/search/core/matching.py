"""Which articles a search wants, as one condition: for whoever reads them in another order than that of relevance."""

from collections.abc import Sequence
from typing import Any

from services.search.core.paging import first_page
from services.search.core.parameters import SearchFilters, SearchParameters
from services.search.core.search_body import build_count
from shared.indices import RETRACTED


def build_matching(filters: SearchFilters, fields: Sequence[str], now_seconds: float) -> dict[str, Any]:
    """The query that published articles fit which have all words, and pass all filters. Raises QueryError."""
    asked = SearchParameters.model_validate({name: getattr(filters, name) for name in SearchFilters.model_fields})
    query: dict[str, Any] = build_count(asked, fields, first_page(now_seconds))["query"]
    return query


def build_following(filters: SearchFilters, fields: Sequence[str], now_seconds: float) -> dict[str, Any]:
    """What whoever follows a search is told: articles that fit, and every retraction. Raises QueryError.

    Nothing is left of a retracted article by which it could be told whether it fitted.
    """
    wanted = [build_matching(filters, fields, now_seconds), {"term": {"status": RETRACTED}}]
    return {"bool": {"should": wanted, "minimum_should_match": 1}}
