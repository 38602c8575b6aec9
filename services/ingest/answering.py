"""`Idempotency-Key`: a request that is sent again under its key is answered as before, and not done again.

Answers are kept for a day, in every process of ingest through the topic `ingest.memory`.
"""

import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from services.ingest.core.answered import (
    LONGEST_KEY,
    MOST_ANSWER_BYTES,
    Answered,
    hash_key,
    hash_request,
    pack_answered,
    unpack_answered,
)
from services.ingest.core.tokens import Token
from services.ingest.outbox import Outbox
from shared.events import Record
from shared.failures import Unavailable
from shared.logs import get_logger
from shared.outcomes import NewRecord
from shared.topics import MEMORY
from shared.web import Problem

M = TypeVar("M", bound=BaseModel)

_log = get_logger(__name__)
_HEADER = "Idempotency-Key"
_KEPT_MS = 24 * 60 * 60 * 1000
#: Answers that are held; beyond it the oldest is forgotten.
_MOST_KEPT = 100_000


class Answering:
    """The answers of the last day. Safe between threads."""

    def __init__(self, outbox: Outbox, now_ms: Callable[[], int]) -> None:
        """None yet; `now_ms` is the clock."""
        self._outbox = outbox
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._kept: dict[bytes, Answered] = {}
        self._under_way: set[bytes] = set()

    def learn(self, records: Sequence[Record]) -> None:
        """Learn what processes of ingest wrote to the topic; records without a key are of another kind."""
        for record in records:
            if record.key is None:
                continue
            try:
                self._keep(unpack_answered(record.value or b""))
            except ValueError as error:
                _log.warning("an answer cannot be read and is left out", record=record.place, reason=str(error))

    async def once(
        self, request: Request, response: Response, token: Token, body: bytes, work: Callable[[], Awaitable[M]]
    ) -> M | Response:
        """The answer of `work`, or without a second call of it the answer that it gave under the request's key.

        Work that raises is not answered yet, and may be sent again. Problem 400 for a key that is none, 409 while the first
        request is under way, 422 when another request came under the key.
        """
        given = request.headers.get(_HEADER)
        if given is None:
            return await work()
        if not 1 <= len(given) <= LONGEST_KEY:
            raise Problem(400, f"{_HEADER} takes 1 to {LONGEST_KEY} characters")
        target = request.url.path + ("?" + request.url.query if request.url.query else "")
        key, own = (
            hash_key(given, token.sha256),
            hash_request(request.method, target, request.headers.get("Content-Type", ""), body),
        )
        before = self._begin(key)
        if before is not None:
            if before.request != own:
                raise Problem(422, f"this {_HEADER} came with another request before; take a new one for each request")
            return Response(before.answer, before.status, {"Idempotent-Replayed": "true"}, "application/json")
        try:
            answer = await work()
            content = answer.model_dump_json().encode()
            if len(content) <= MOST_ANSWER_BYTES:
                await self._store(Answered(key, own, self._now_ms(), response.status_code or 200, content))
            return answer
        finally:
            with self._lock:
                self._under_way.discard(key)

    def _begin(self, key: bytes) -> Answered | None:
        with self._lock:
            before = self._kept.get(key)
            if before is not None and before.at_ms > self._now_ms() - _KEPT_MS:
                return before
            if key in self._under_way:
                raise Problem(409, f"a request with this {_HEADER} is under way", headers={"Retry-After": "1"})
            self._under_way.add(key)
            return None

    async def _store(self, answered: Answered) -> None:
        self._keep(answered)
        try:
            await self._outbox.send([NewRecord(MEMORY, answered.key, pack_answered(answered))])
        except Unavailable as error:  # what was asked for is done: only other processes do not know it
            _log.warning("an answer is known to this process only", reason=str(error))

    def _keep(self, answered: Answered) -> None:
        with self._lock:
            self._kept.pop(answered.key, None)
            self._kept[answered.key] = answered
            if len(self._kept) > _MOST_KEPT:
                for key in list(self._kept)[: _MOST_KEPT // 10]:
                    del self._kept[key]
