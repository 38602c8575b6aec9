"""One batch of actions into Elasticsearch: each item judged, a batch that is too large halved, what was settled not sent again."""

from collections.abc import Sequence
from typing import Any, cast

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from services.indexer.core.documents import Action
from services.indexer.core.verdicts import Retry, Stop, Verdict, judge_item
from shared.elastic import failure_of
from shared.failures import Misconfigured, Unavailable
from shared.outcomes import DeadLetterCode, DeadLettered, Outcome

_TOO_LARGE = 413
#: The size of one `_bulk` body, which Elasticsearch's guide puts at 5 to 15 MB.
_BODY_BYTES = 8 * 1024 * 1024


class BulkWriter:
    """Writes batches. Called again with the same batch after Unavailable, it goes on where it stood."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client
        self._settled: dict[tuple[str, int, int], Outcome] = {}

    def write(self, actions: Sequence[Action]) -> list[Outcome]:
        """One outcome for each action, in order.

        Raises Unavailable while any item waits for Elasticsearch, and Misconfigured when an operator must act.
        """
        places = {action.place for action in actions}
        self._settled = {place: outcome for place, outcome in self._settled.items() if place in places}
        waiting: list[str] = []
        for chunk in _chunks([action for action in actions if action.place not in self._settled]):
            for action, verdict in zip(chunk, self._send(chunk), strict=True):
                if isinstance(verdict, Stop):
                    raise Misconfigured(f"Elasticsearch refuses to write to {action.alias}: {verdict.reason}; run `dateline setup`")
                if isinstance(verdict, Retry):
                    waiting.append(verdict.reason)
                else:
                    self._settled[action.place] = verdict
        if waiting:
            raise Unavailable(f"Elasticsearch cannot take {len(waiting)} of {len(actions)} documents now: {waiting[0]}")
        return [self._settled[action.place] for action in actions]

    def _send(self, chunk: Sequence[Action]) -> list[Verdict]:
        lines = [line for action in chunk for line in action.lines()]
        try:
            answer = self._client.bulk(operations=cast("Any", lines))  # it takes lines as bytes, its type says mappings only
        except ApiError as error:
            if error.meta.status != _TOO_LARGE:
                raise failure_of(error, "bulk") from error
            return self._halve(chunk)
        except TransportError as error:
            raise failure_of(error, "bulk") from error
        items = answer.get("items")
        if not isinstance(items, list) or len(items) != len(chunk):
            raise Unavailable(f"Elasticsearch answered a bulk of {len(chunk)} with something else: {str(answer)[:200]}")
        return [judge_item(action, item) for action, item in zip(chunk, items, strict=True)]

    def _halve(self, chunk: Sequence[Action]) -> list[Verdict]:
        if len(chunk) == 1:
            size = len(chunk[0].source)
            return [DeadLettered(DeadLetterCode.TOO_LARGE, f"Elasticsearch takes no request of {size} bytes (413)")]
        middle = len(chunk) // 2
        return self._send(chunk[:middle]) + self._send(chunk[middle:])


def _chunks(actions: Sequence[Action]) -> list[list[Action]]:
    chunks: list[list[Action]] = []
    size = _BODY_BYTES
    for action in actions:
        if size + len(action.source) > _BODY_BYTES:
            chunks.append([])
            size = 0
        chunks[-1].append(action)
        size += len(action.source)
    return chunks
