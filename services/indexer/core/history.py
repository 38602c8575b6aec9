"""Which older revisions of articles are kept, given what stands in the index now.

Before this: `documents`. After it: `services.indexer.keeping`, which writes them to `revisions` before they are overwritten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.indexer.core.derived import DERIVED
from services.indexer.core.documents import Action
from shared.articles import HIGHEST_ENRICHMENT
from shared.outcomes import OutcomeName

#: An article that came again so long after it was written is left as it is.
_DOUBTFUL_SECONDS = 86_400.0
#: What a document of `revisions` does not repeat: its stamp, what can be made from the rest, and counts, which are the article's.
LEFT_OUT = (*sorted(DERIVED), "date_indexed", "views", "comments")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the index under an id: where, at which version, with what counts of all time, and when it was sent there."""

    index: str
    version: int
    views: int = 0
    comments: int = 0
    sent_seconds: float | None = None

    def counts_for(self, action: Action) -> bytes:
        """The counts that the next document of the article takes over, as `Action.lines` takes them; a tombstone has none."""
        if not (self.views or self.comments) or action.outcome is OutcomeName.RETRACTED:
            return b""
        return b'"views":%d,"comments":%d,' % (self.views, self.comments)

    def is_doubtful(self, action: Action, now_seconds: float) -> bool:
        """Whether it is the very document that is to be written, of the last day.

        Who sent it may have ended before Elasticsearch wrote it, seconds after the time that it says. Who follows changes by that
        time was past it by then.
        """
        if self.version != action.version or self.sent_seconds is None:
            return False
        return now_seconds - self.sent_seconds < _DOUBTFUL_SECONDS


@dataclass(frozen=True, slots=True)
class Superseded:
    """What goes to `revisions`: `fetched`, ids of articles as they stand now; `own`, actions that are, or will be, old."""

    fetched: list[str] = field(default_factory=list)
    own: list[Action] = field(default_factory=list)


def find_superseded(actions: Iterable[Action], standing: Mapping[str, Standing]) -> Superseded:
    """What the writing of `actions` (of articles, in this order) would lose for ever.

    An enrichment replaces another one of its revision and is not kept; nor is anything older than a retraction.
    """
    superseded = Superseded()
    newest: dict[str, tuple[int, Action | None]] = {own_id: (there.version, None) for own_id, there in standing.items()}
    for action in actions:
        version, before = newest.get(action.id, (None, None))
        if version is None:
            newest[action.id] = (action.version, action)
        elif action.version <= version:
            if action.revision < _revision(version) and not _is_retraction(version) and not _is_retraction(action.version):
                superseded.own.append(action)
        else:
            newest[action.id] = (action.version, action)
            if _revision(version) == action.revision or _is_retraction(version) or _is_retraction(action.version):
                continue
            if before is None:
                superseded.fetched.append(action.id)
            else:
                superseded.own.append(before)
    return superseded


def find_unexpected(actions: Iterable[Action], standing: Mapping[str, Standing], stale: Iterable[bool]) -> list[Action]:
    """Those that Elasticsearch called stale, though by `standing` and their order they were the newest: others write as well."""
    newest = {own_id: there.version for own_id, there in standing.items()}
    unexpected = []
    for action, is_stale in zip(actions, stale, strict=True):
        if action.version > newest.get(action.id, 0):
            newest[action.id] = action.version
            if is_stale:
                unexpected.append(action)
    return unexpected


def build_revision(article_id: str, version: int, source: Mapping[str, Any], superseded: str) -> bytes:
    """The document of `revisions` for an article's document; `superseded` is when it was found to be old, RFC 3339."""
    content = {name: value for name, value in source.items() if name not in LEFT_OUT}
    return orjson.dumps(
        {
            "article_id": article_id,
            "revision": _revision(version),
            "enrichment": version % (HIGHEST_ENRICHMENT + 1),
            "date_superseded": superseded,
            "content": content,
        }
    )


def build_purge(tombstones: Iterable[Action]) -> dict[str, Any]:
    """The query for the revisions that retractions leave nothing of."""
    conditions = [
        {"bool": {"filter": [{"term": {"article_id": each.id}}, {"range": {"revision": {"lte": each.revision}}}]}}
        for each in tombstones
        if each.outcome is OutcomeName.RETRACTED
    ]
    return {"bool": {"should": conditions, "minimum_should_match": 1}}


def revision_id(article_id: str, version: int) -> str:
    """The id in `revisions` of an article at a version: one document a revision, whatever its enrichment."""
    return f"{article_id}.{_revision(version)}"


def _revision(version: int) -> int:
    return version // (HIGHEST_ENRICHMENT + 1)


def _is_retraction(version: int) -> bool:
    return version % (HIGHEST_ENRICHMENT + 1) == HIGHEST_ENRICHMENT
