"""What stands in the index now, asked for before it is written over: in which index an article lives, and at which version."""

from collections.abc import Iterable, Sequence
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from services.indexer.core.history import LEFT_OUT, Standing
from shared.elastic import failure_of
from shared.events import parse_seconds
from shared.failures import Misconfigured, Unavailable
from shared.indices import ARTICLES

_SHOWN = ["views", "comments", "date_indexed"]


class StandingArticles:
    """Looks articles up by id as they are this moment, refreshed or not, in every index behind the alias."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client
        #: More than one only after a rollover. The alias itself can be asked as long as it stands for one index.
        self._indices: tuple[str, ...] = (ARTICLES,)

    def find(self, ids: Iterable[str]) -> dict[str, Standing]:
        """Where the articles stand that there are. Raises Unavailable, and Misconfigured where there is no alias."""
        unique = list(dict.fromkeys(ids))
        if len(self._indices) > 1:
            self._look_behind_alias()
        docs = self._get(unique)
        if len(self._indices) == 1 and any(_kind_of(doc) == "illegal_argument_exception" for doc in docs[:1]):
            self._look_behind_alias()
            docs = self._get(unique)
        found: dict[str, Standing] = {}
        for doc in docs:
            if doc.get("found") is True:
                before = found.get(doc["_id"])
                if before is None or before.version < doc["_version"]:
                    found[doc["_id"]] = _standing(doc)
            elif doc.get("found") is not False:
                raise _failure(doc)
        return found

    def home(self, standing: Standing | None) -> str | None:
        """The index to write to so that an article stays where it lives; None for a new one, which goes where the alias leads.

        The alias may lead elsewhere any moment: a rollover after the look-up must not make a second document of it.
        """
        return None if standing is None else standing.index

    def fetch(
        self, articles: Sequence[tuple[str, Standing]], left_out: Sequence[str] = LEFT_OUT
    ) -> list[tuple[str, int, dict[str, Any]]]:
        """Id, version and document of articles, as they are now, without some fields: those that `revisions` leaves out."""
        docs = [{"_index": standing.index, "_id": own_id} for own_id, standing in articles]
        answer = self._ask(docs, left_out)
        return [(doc["_id"], doc["_version"], doc["_source"]) for doc in answer if doc.get("found") or _raise(doc)]

    def _get(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        if not ids:
            return []
        if len(self._indices) == 1:
            return self._ask(ids)
        return self._ask([{"_index": index, "_id": own_id} for index in self._indices for own_id in ids])

    def _ask(self, docs: Sequence[Any], source_excludes: Sequence[str] | None = None) -> list[dict[str, Any]]:
        what: dict[str, Any] = {"docs": docs} if isinstance(docs[0], dict) else {"index": ARTICLES, "ids": docs}
        shown: dict[str, Any] = (
            {"source_includes": _SHOWN} if source_excludes is None else {"source_excludes": list(source_excludes)}
        )
        try:
            answer: list[dict[str, Any]] = self._client.mget(**what, **shown).body["docs"]
        except (ApiError, TransportError) as error:
            raise failure_of(error, "looking articles up") from error
        if len(answer) != len(docs):
            raise Unavailable(f"Elasticsearch answered a look-up of {len(docs)} articles with {len(answer)}")
        return answer

    def _look_behind_alias(self) -> None:
        try:
            behind = self._client.indices.get_alias(name=ARTICLES).body
        except (ApiError, TransportError) as error:
            raise failure_of(error, f"what is behind the alias {ARTICLES}") from error
        if len(behind) == 1:
            self._indices = (ARTICLES,)
        elif any(index["aliases"][ARTICLES].get("is_write_index") for index in behind.values()):
            self._indices = tuple(sorted(behind))
        else:
            raise Misconfigured(f"no index behind {ARTICLES} takes new documents: {', '.join(sorted(behind))}")


def _standing(doc: dict[str, Any]) -> Standing:
    source = doc.get("_source") or {}
    sent = parse_seconds(source.get("date_indexed"))
    return Standing(doc["_index"], doc["_version"], source.get("views") or 0, source.get("comments") or 0, sent)


def _kind_of(doc: dict[str, Any]) -> str | None:
    error = doc.get("error")
    return error.get("type") if isinstance(error, dict) else None


def _failure(doc: dict[str, Any]) -> Unavailable | Misconfigured:
    if _kind_of(doc) == "index_not_found_exception":
        return Misconfigured(f"there is no alias {ARTICLES} in Elasticsearch: run `dateline setup`")
    return Unavailable(f"Elasticsearch does not say whether an article is there: {str(doc)[:300]}")


def _raise(doc: dict[str, Any]) -> bool:
    """False for a document that is gone; raises for one that cannot be had now."""
    if doc.get("found") is False:
        return False
    raise _failure(doc)
