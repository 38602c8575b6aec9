"""Articles in a real index as the indexer writes them, for tests of what search hands out."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient

from ops.cli.setup import create_indices
from ops.local.ports import free_ports
from services.search.app import build_search_app
from services.search.settings import ReadingSettings, SearchSettings
from shared.serving import serve_http
from shared.settings import ElasticsearchSettings
from tests.builders import NOON

#: Newer than whatever other tests write.
LATE = NOON.replace(year=2097)


class Newsroom:
    """The articles of one test module, told apart from those of others by `mark`."""

    def __init__(self, elastic: Elasticsearch) -> None:
        self.mark = uuid.uuid4().hex
        self.publisher = f"Courier {self.mark}"
        self.section = f"Section {self.mark}"
        self._elastic = elastic
        self._written: dict[tuple[str, str], None] = {}

    def id_of(self, name: str) -> str:
        """The id of an article of this module."""
        return uuid.uuid5(uuid.NAMESPACE_URL, self.mark + name).hex

    def a_document(self, name: str, minutes: int = 0, **fields: Any) -> dict[str, Any]:
        """An article in English, with one stamp for all its times but when it was indexed."""
        date = (LATE + timedelta(minutes=minutes)).isoformat()
        own = {
            "article_id": self.id_of(name),
            "revision": 1,
            "enrichment": 0,
            "status": "published",
            "headline": {"en": f"Headline of {name}"},
            "body": {"en": f"Body of {name}."},
            "url": f"https://courier.example/{name}",
            "publisher": self.publisher,
            "section": self.section,
            "language": "en",
            "date": date,
            "date_published": date,
            "date_retrieved": date,
            "date_indexed": date,
        }
        return own | fields

    def write(self, *documents: dict[str, Any]) -> None:
        """Index articles, searchable when it returns."""
        for document in documents:
            self._index("articles", document["article_id"], document)
        self._elastic.indices.refresh(index="articles")

    def write_superseded(self, *documents: dict[str, Any]) -> None:
        """Keep older revisions, as the indexer does when it overwrites one."""
        for content in documents:
            own = {name: content[name] for name in ("article_id", "revision", "enrichment")}
            kept = {**own, "date_superseded": NOON.isoformat(), "content": content}
            self._index("revisions", f"{own['article_id']}.{own['revision']}", kept)
        self._elastic.indices.refresh(index="revisions")

    def write_list(self, measure: str, window: str, counts: dict[str, int]) -> None:
        """A Most Popular list of articles of this module."""
        entries = [{"article_id": self.id_of(name), "count": count} for name, count in counts.items()]
        name = f"{measure}.{window}.{self.mark}"
        own = {"list_id": name, "revision": 1, "measure": measure, "window": window, "as_of": NOON.isoformat(), "entries": entries}
        self._index("most-popular", name, own)
        self._elastic.indices.refresh(index="most-popular")

    def write_document(self, index: str, document_id: str, document: dict[str, Any]) -> None:
        """Any document, searchable when it returns."""
        self._index(index, document_id, document)
        self._elastic.indices.refresh(index=index)

    def clear(self) -> None:
        """Delete what was written, so that no other test finds it."""
        for index, document_id in self._written:
            self._elastic.options(ignore_status=404).delete(index=index, id=document_id)

    def _index(self, index: str, document_id: str, document: dict[str, Any]) -> None:
        self._written[index, document_id] = None
        self._elastic.index(index=index, id=document_id, document=document)


@contextmanager
def open_newsroom(url: str) -> Iterator[Newsroom]:
    """A newsroom in a cluster that is set up, cleared afterwards."""
    with Elasticsearch(url) as elastic:
        create_indices(elastic)
        newsroom = Newsroom(elastic)
        yield newsroom
        newsroom.clear()


@contextmanager
def asking(url: str, **settings: Any) -> Iterator[TestClient]:
    """A client of search on this cluster."""
    own = SearchSettings(elasticsearch=ElasticsearchSettings(url=url), search=ReadingSettings(**settings))
    with TestClient(build_search_app(own)) as client:
        yield client


@contextmanager
def serving_search(elastic_url: str, **settings: Any) -> Iterator[int]:
    """Search as a process serves it, with real connections; yields its port, at which it soon listens."""
    (port,) = free_ports(1)
    own = SearchSettings(elasticsearch=ElasticsearchSettings(url=elastic_url), search=ReadingSettings(**settings))
    stop = threading.Event()
    thread = threading.Thread(target=serve_http, args=(build_search_app(own, stop), "127.0.0.1", port, "SEARCH", stop))
    thread.start()
    try:
        yield port
    finally:
        stop.set()
        thread.join()
