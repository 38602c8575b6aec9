"""Extracts pages in child processes that may be killed. Run as a module it is the child. After it: `core.acceptance`.

The libraries that extract are loaded in the child only: whoever asks needs neither their start nor their memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import LifoQueue
from types import TracebackType
from typing import Literal, Self

from pydantic import BaseModel, TypeAdapter

from services.ingest.children import Child, GivenUp, Limits, serve_documents
from services.ingest.core.extracted import ExtractedArticle, NoArticle

#: What one page may take: a hundred times what a news page does.
PAGE_LIMITS = Limits(cpu_seconds=5.0)
_ANSWER: TypeAdapter[ExtractedArticle | NoArticle] = TypeAdapter(ExtractedArticle | NoArticle)
#: Has the first call do what is done once, so that it is not counted as the time of a page.
_WARM_UP = b"<html><head><title>A page</title></head><body><h1>A page</h1><p>Text of May 1, 2026.</p></body></html>"


class _Question(BaseModel):
    """The line of JSON before a page. `decoded`: the bytes are text that was decoded already, as UTF-8."""

    form: Literal["html", "text"]
    decoded: bool
    url: str | None
    now: datetime


class PageExtractor:
    """One child. Use it from one thread at a time; it is started with the first page, and again after a page has ended it."""

    def __init__(self, limits: Limits = PAGE_LIMITS) -> None:
        self._child = Child("services.ingest.page_extractor", limits)

    @property
    def process_id(self) -> int | None:
        """Of the child; None when none runs."""
        return self._child.process_id

    def extract_html(self, html: bytes | str, url: str | None, now: datetime) -> ExtractedArticle | NoArticle:
        """As `core.html_page.extract_html_page`; a page that takes too much has no article, and the reason says so."""
        return self._ask(html, _Question(form="html", decoded=isinstance(html, str), url=url, now=now))

    def extract_text(self, text: str, url: str | None, now: datetime) -> ExtractedArticle | NoArticle:
        """As `core.text_page.extract_text_page`; a page that takes too much has no article, and the reason says so."""
        return self._ask(text, _Question(form="text", decoded=True, url=url, now=now))

    def close(self) -> None:
        """End the child."""
        self._child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _ask(self, page: bytes | str, question: _Question) -> ExtractedArticle | NoArticle:
        # lone surrogates, which JSON can bring, arrive as they are: what becomes of them is the core's business
        content = page.encode("utf-8", "surrogatepass") if isinstance(page, str) else page
        answer = self._child.ask(question.model_dump_json().encode() + b"\n" + content)
        return NoArticle(answer.reason) if isinstance(answer, GivenUp) else _ANSWER.validate_json(answer)


class PageExtractors:
    """Several children, for all threads of a process: a page waits until one is free. They are started as they are needed."""

    def __init__(self, count: int, limits: Limits = PAGE_LIMITS) -> None:
        self.count = count
        self._all = tuple(PageExtractor(limits) for _ in range(count))
        self._free: LifoQueue[PageExtractor] = LifoQueue()  # the last used first, so that no more are started than are needed
        for extractor in self._all:
            self._free.put(extractor)

    def extract_html(self, html: bytes | str, url: str | None, now: datetime) -> ExtractedArticle | NoArticle:
        """See `PageExtractor`."""
        with self._borrowed() as extractor:
            return extractor.extract_html(html, url, now)

    def extract_text(self, text: str, url: str | None, now: datetime) -> ExtractedArticle | NoArticle:
        """See `PageExtractor`."""
        with self._borrowed() as extractor:
            return extractor.extract_text(text, url, now)

    @property
    def running(self) -> int:
        """How many children run now."""
        return sum(extractor.process_id is not None for extractor in self._all)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for extractor in self._all:
            extractor.close()

    @contextmanager
    def _borrowed(self) -> Iterator[PageExtractor]:
        extractor = self._free.get()
        try:
            yield extractor
        finally:
            self._free.put(extractor)


def main() -> None:
    """The child."""
    from services.ingest.core.html_page import extract_html_page  # noqa: PLC0415 - for the child only, see above
    from services.ingest.core.text_page import extract_text_page  # noqa: PLC0415 - as above

    def extract(document: bytes) -> bytes:
        line, _, content = document.partition(b"\n")
        question = _Question.model_validate_json(line)
        page = content.decode("utf-8", "surrogatepass") if question.decoded else content
        if question.form == "html":
            article = extract_html_page(page, question.url, question.now)
        else:
            article = extract_text_page(page if isinstance(page, str) else page.decode(), question.url, question.now)
        return _ANSWER.dump_json(article, exclude_defaults=True)

    extract_html_page(_WARM_UP, None, datetime.now(UTC))
    serve_documents(extract)


if __name__ == "__main__":
    main()
