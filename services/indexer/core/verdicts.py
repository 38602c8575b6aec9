"""(action, item of a bulk answer) → an outcome, or Retry, or Stop. Judged by status and error type, never by prose.

Before this: `documents`, and Elasticsearch. After it: `bulk` sends the Retry ones again and raises on Stop.
"""

from dataclasses import dataclass
from typing import Any

from services.indexer.core.documents import Action
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName, Settled

_DETAIL_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Retry:
    """Elasticsearch cannot take this one now: queue full, breaker, disk flood stage, shard away."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing can be written until an operator acts: no index behind the alias, wrong credentials, missing privilege."""

    reason: str


#: What an index recovers from by itself or by an operator's hand, whatever the status says.
_PASSING = ("cluster_block_exception", "index_closed_exception")
#: What is wrong with a document itself; no other 400 is its fault.
_OF_THE_DOCUMENT = (
    "document_parsing_exception",
    "mapper_parsing_exception",
    "strict_dynamic_mapping_exception",
    "illegal_argument_exception",
)

Verdict = Settled | DeadLettered | Retry | Stop


def judge_item(action: Action, item: dict[str, Any]) -> Verdict:
    """The verdict on one item, such as `{"index": {"status": 201, …}}`."""
    result = item.get("index")
    if not isinstance(result, dict) or not isinstance(result.get("status"), int):
        return Retry(f"an item of the bulk answer that says nothing: {str(item)[:200]}")
    status = result["status"]
    if 200 <= status < 300:
        return Settled(action.outcome)
    error = result.get("error")
    error = error if isinstance(error, dict) else {}
    kind = str(error.get("type", "unknown"))
    reason = f"{status} {kind}: {error.get('reason', '')}"[:_DETAIL_CHARACTERS]
    if status == 409:
        return Settled(OutcomeName.STALE)
    if kind in _PASSING or status == 429 or status >= 500:
        return Retry(reason)
    if status in (401, 403, 404):
        return Stop(reason)
    if status == 413:
        return DeadLettered(DeadLetterCode.TOO_LARGE, reason)
    if status == 400 and kind in _OF_THE_DOCUMENT:
        return DeadLettered(DeadLetterCode.REFUSED_BY_INDEX, reason + _cause(error))
    if status == 400:
        return Stop(reason)
    return Retry(reason)


def _cause(error: dict[str, Any]) -> str:
    cause = error.get("caused_by")
    return f" ({cause.get('reason', '')})"[:_DETAIL_CHARACTERS] if isinstance(cause, dict) else ""
