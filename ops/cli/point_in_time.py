"""Reads indices page by page as they stood at the beginning, while services go on writing to them."""

from collections.abc import Generator, Sequence
from typing import Any

from elasticsearch import Elasticsearch

#: How long Elasticsearch keeps the state of the beginning after each page.
_KEPT = "15m"


def read_pages(client: Elasticsearch, index: str, size: int, sort: Sequence[Any], **asked: Any) -> Generator[dict[str, Any]]:
    """The `hits` of each page, `size` documents at most, until there are no more; `asked` is what else a search takes.

    Close it when it is not read to its end. Raises what the client raises.
    """
    point = client.open_point_in_time(index=index, keep_alive=_KEPT)["id"]
    after: list[Any] | None = None
    try:
        while True:
            answer = client.search(
                pit={"id": point, "keep_alive": _KEPT},
                size=size,
                sort=sort,
                search_after=after,
                allow_partial_search_results=False,
                **asked,
            )
            page: dict[str, Any] = answer["hits"]
            yield page
            if len(page["hits"]) < size:
                return
            after = page["hits"][-1]["sort"]
    finally:
        client.close_point_in_time(id=point)
