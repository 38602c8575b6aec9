"""Sending to ingest over several connections: articles in batches in their order, pages side by side; patiently when it is away."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Any, Self

from ops.cli.file_entries import Entry
from ops.cli.ingest_client import IngestClient, reason_of
from ops.cli.outcomes import Outcome
from shared.backoff import Backoff
from shared.failures import Misconfigured, Unavailable

_BACKOFF = Backoff(first_seconds=0.5, longest_seconds=5.0)
_LINES = "application/x-ndjson"


class Delivery:
    """Answers futures of outcomes; their exceptions are Unavailable when patience is at its end, and Misconfigured."""

    def __init__(self, client: IngestClient, jobs: int, patience_seconds: float) -> None:
        """`jobs` connections send pages; `patience_seconds` is how long one request is tried again while ingest is away."""
        self._client = client
        self._patience_seconds = patience_seconds
        self._stopped = Event()
        self._pages = ThreadPoolExecutor(jobs, thread_name_prefix="pages")
        # One batch at a time: a later line of a file may be a later version of the same article.
        self._batches = ThreadPoolExecutor(1, thread_name_prefix="batches")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopped.set()
        for pool in (self._pages, self._batches):
            pool.shutdown(cancel_futures=True)

    def send(self, entries: Sequence[Entry]) -> "Future[list[Outcome]]":
        """Send one page, or a batch of articles."""
        if entries[0].media_type is None:
            return self._batches.submit(self._send_batch, entries)
        return self._pages.submit(self._send_page, entries[0])

    def _send_batch(self, entries: Sequence[Entry]) -> list[Outcome]:
        status, answer = self._post("/v1/articles", b"\n".join(entry.content for entry in entries), _LINES)
        if status == 413 and len(entries) > 1:  # this ingest takes less at once than others
            half = len(entries) // 2
            return self._send_batch(entries[:half]) + self._send_batch(entries[half:])
        results = answer.get("results")
        if results is None:
            return [Outcome(entry.number, entry.place, reason=reason_of(answer)) for entry in entries]
        if len(results) != len(entries):
            raise Misconfigured(f"ingest told of {len(results)} articles where {len(entries)} were sent: is it of another version?")
        return [_line_outcome(entry, result) for entry, result in zip(entries, results, strict=True)]

    def _send_page(self, page: Entry) -> list[Outcome]:
        url = {"url": page.url} if page.url and page.media_type != "application/json" else {}
        status, answer = self._post("/v1/pages", page.content, page.media_type or "", **url)
        if status in (200, 201):
            return [Outcome(page.number, page.place, answer["article_id"], unchanged=status == 200, url=answer.get("url"))]
        return [Outcome(page.number, page.place, reason=reason_of(answer))]

    def _post(self, path: str, content: bytes, media_type: str, **parameters: str) -> tuple[int, dict[str, Any]]:
        began = time.monotonic()
        failures = 0
        while True:
            try:
                return self._post_once(path, content, media_type, **parameters)
            except Unavailable as error:
                failures += 1
                delay = _BACKOFF.delay_seconds(failures, random.uniform)
                if self._stopped.is_set() or time.monotonic() - began + delay > self._patience_seconds:
                    waited = time.monotonic() - began
                    raise Unavailable(f"{error} (tried {failures} times in {waited:.0f} s)") from error
                self._stopped.wait(delay)

    def _post_once(self, path: str, content: bytes, media_type: str, **parameters: str) -> tuple[int, dict[str, Any]]:
        try:
            status, answer = self._client.post(path, content, media_type, **parameters)
        except ValueError as error:
            raise Misconfigured(f"what answers is not ingest: {error}") from error
        if status == 403:
            raise Misconfigured(f"ingest does not allow it: {reason_of(answer)}")
        if status in (408, 429):
            raise Unavailable(f"ingest asks to wait: {reason_of(answer)}")
        return status, answer


def _line_outcome(entry: Entry, result: dict[str, Any]) -> Outcome:
    if result.get("article_id"):
        return Outcome(entry.number, entry.place, result["article_id"], unchanged=bool(result.get("unchanged")))
    wrong = "; ".join(f"{error['field']}: {error['detail']}" for error in result.get("errors") or [])
    return Outcome(entry.number, entry.place, reason=wrong or "ingest does not say why")
