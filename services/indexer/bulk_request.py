"""One `_bulk` request: what it is answered, judged item by item, or why there is no answer."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from services.indexer.core.documents import Action
from services.indexer.core.verdicts import Verdict, judge_item
from shared.elastic import failure_of
from shared.failures import Unavailable
from shared.outcomes import DeadLetterCode, DeadLettered

_TOO_LARGE = 413
#: What of an answer is read.
_ANSWER = "items.*.status,items.*.error"


class BodyTooLarge(Unavailable):
    """Elasticsearch takes no request of this size; it may take a smaller one."""


def send_bulk(client: Elasticsearch, actions: Sequence[Action], parts: Sequence[bytes | memoryview], what: str) -> list[Verdict]:
    """The verdict on each action. Raises BodyTooLarge, Unavailable and Misconfigured, which say `what` was tried.

    `parts` are the lines of the actions in their order.
    """
    try:
        # It takes the body as bytes; its type says mappings only.
        answer = client.bulk(operations=cast("Any", b"".join(parts)), filter_path=_ANSWER)
    except ApiError as error:
        if error.meta.status == _TOO_LARGE:
            raise BodyTooLarge(str(failure_of(error, what))) from error
        raise failure_of(error, what) from error
    except TransportError as error:
        raise failure_of(error, what) from error
    items = answer.get("items")
    if not isinstance(items, list) or len(items) != len(actions):
        raise Unavailable(f"{what}: Elasticsearch answered a bulk of {len(actions)} with something else: {str(answer)[:200]}")
    return [judge_item(action, item) for action, item in zip(actions, items, strict=True)]


def send_in_halves(actions: Sequence[Action], send: Callable[[Sequence[Action]], list[Verdict]]) -> list[Verdict]:
    """What `send` makes of them; while it raises BodyTooLarge, of smaller parts. One too large by itself is dead."""
    try:
        return send(actions)
    except BodyTooLarge:
        if len(actions) == 1:
            size = len(actions[0].source)
            return [DeadLettered(DeadLetterCode.TOO_LARGE, f"Elasticsearch takes no request of {size} bytes (413)")]
        middle = len(actions) // 2
        return send_in_halves(actions[:middle], send) + send_in_halves(actions[middle:], send)
