"""Keeps older revisions of articles in the alias `revisions`: written before they are overwritten, and none that was retracted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from services.indexer.bulk_request import send_bulk
from services.indexer.core.documents import Action
from services.indexer.core.history import Standing, build_purge, build_revision, find_superseded, revision_id
from services.indexer.core.verdicts import Retry, Stop
from services.indexer.standing import StandingArticles
from shared.elastic import failure_of
from shared.events import format_time
from shared.failpoints import FailPoint, fail_here
from shared.failures import Misconfigured, Unavailable
from shared.indices import REVISIONS
from shared.logs import get_logger
from shared.metrics import REVISIONS_KEPT
from shared.outcomes import DeadLettered

_log = get_logger(__name__)
#: So many articles are looked through at once for revisions beyond those that are kept.
_TRIMMED_AT_ONCE = 1000
_DELETED_AT_ONCE = 1000


class RevisionKeeper:
    """Keeps the last `kept` superseded revisions of each article; with 0, none."""

    def __init__(self, client: Elasticsearch, standing: StandingArticles, kept: int) -> None:
        self._client = client
        self._standing = standing
        self._kept = kept

    def keep(self, actions: Sequence[Action], standing: Mapping[str, Standing]) -> None:
        """Have acknowledged what the writing of these articles would lose. Raises Unavailable and Misconfigured."""
        if not self._kept:
            return
        superseded = find_superseded(actions, standing)
        fetched = self._standing.fetch([(own_id, standing[own_id]) for own_id in superseded.fetched]) if superseded.fetched else []
        now = format_time(datetime.now(UTC))
        writes = [_revision(own_id, version, build_revision(own_id, version, source, now)) for own_id, version, source in fetched]
        writes += [
            _revision(action.id, action.version, build_revision(action.id, action.version, action.content(), now))
            for action in superseded.own
        ]
        if writes:
            self._write(writes, now)
            fail_here(FailPoint.REVISIONS_KEPT)
            self._trim({own_id for own_id, _, _ in fetched} | {action.id for action in superseded.own})

    def purge(self, tombstones: Sequence[Action]) -> None:
        """Delete every revision that these retractions are of. Raises Unavailable and Misconfigured."""
        if tombstones:
            self._delete(build_purge(tombstones))

    def _write(self, writes: Sequence[Action], now: str) -> None:
        lines = [part for write in writes for part in write.lines(now, again=True)]
        verdicts = send_bulk(self._client, writes, lines, "keeping older revisions")
        for write, verdict in zip(writes, verdicts, strict=True):
            if isinstance(verdict, Stop):
                raise Misconfigured(f"Elasticsearch refuses to write to {REVISIONS}: {verdict.reason}; run `dateline setup`")
            if isinstance(verdict, Retry):
                raise Unavailable(f"Elasticsearch cannot keep an older revision now: {verdict.reason}")
            if isinstance(verdict, DeadLettered):  # its newer revision is not to wait for it
                _log.error("an older revision is not kept", revision=write.id, reason=verdict.detail)
        REVISIONS_KEPT.inc(len(writes))

    def _trim(self, ids: Iterable[str]) -> None:
        """Delete what is beyond the number kept, as far as a refresh shows it: the rest goes when the article changes again."""
        listed = list(ids)
        for first in range(0, len(listed), _TRIMMED_AT_ONCE):
            some = listed[first : first + _TRIMMED_AT_ONCE]
            terms = {"field": "article_id", "size": len(some), "min_doc_count": self._kept + 1}
            for article_id in self._buckets(some, terms):
                self._delete_beyond(article_id)

    def _buckets(self, ids: Sequence[str], terms: Mapping[str, Any]) -> list[str]:
        query = {"bool": {"filter": [{"terms": {"article_id": list(ids)}}]}}
        try:
            answer = self._client.search(index=REVISIONS, size=0, query=query, aggs={"articles": {"terms": dict(terms)}})
        except (ApiError, TransportError) as error:
            raise failure_of(error, "counting older revisions") from error
        return [bucket["key"] for bucket in answer["aggregations"]["articles"]["buckets"]]

    def _delete_beyond(self, article_id: str) -> None:
        own: dict[str, Any] = {"term": {"article_id": article_id}}
        try:
            found = self._client.search(
                index=REVISIONS,
                query={"bool": {"filter": [own]}},
                sort=[{"revision": "desc"}],
                from_=self._kept,
                size=1,
                source_includes=["revision"],
            )
        except (ApiError, TransportError) as error:
            raise failure_of(error, "looking for older revisions") from error
        for hit in found["hits"]["hits"]:
            self._delete({"bool": {"filter": [own, {"range": {"revision": {"lte": hit["_source"]["revision"]}}}]}}, fresh=False)

    def _delete(self, query: Mapping[str, Any], *, fresh: bool = True) -> None:
        """Search and delete until nothing is found: deleting by query is a module that not every cluster has."""
        try:
            if fresh:
                self._client.indices.refresh(index=REVISIONS)  # a search finds what a refresh has shown, and no more
            while True:
                found = self._client.search(index=REVISIONS, query=dict(query), size=_DELETED_AT_ONCE, source=False)["hits"]["hits"]
                if not found:
                    return
                deletes = [{"delete": {"_index": hit["_index"], "_id": hit["_id"]}} for hit in found]
                answer = self._client.bulk(operations=deletes, refresh=True, filter_path="items.*.status")
                left = [item for item in answer.get("items") or [{}] if item.get("delete", {}).get("status") not in (200, 404)]
                if left:
                    raise Unavailable(f"Elasticsearch does not delete {len(left)} older revisions now: {left[0]}")
        except (ApiError, TransportError) as error:
            raise failure_of(error, "deleting older revisions") from error


def _revision(article_id: str, version: int, source: bytes) -> Action:
    return Action(("", 0, 0), REVISIONS, revision_id(article_id, version), version, source)
