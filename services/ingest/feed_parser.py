"""Parses feeds in a child process that may be killed. Run as a module it is the child. Before this: `fetching`.

(Failure-modes F33: with expat before 2.6.0 one attribute of 8 MB holds the interpreter for seconds.)
"""

from types import TracebackType
from typing import Self

from pydantic import TypeAdapter

from services.ingest.children import Child, GivenUp, Limits, serve_documents
from services.ingest.core.feeds import Feed, NoFeed, parse_feed

#: What one feed may take; libraries alone take some 250 MB of the address space.
FEED_LIMITS = Limits(cpu_seconds=10.0)
_END_OF_URL = b"\n"  # no address holds it
_ANSWER: TypeAdapter[Feed | NoFeed] = TypeAdapter(Feed | NoFeed)


class FeedParser:
    """Use it from one thread at a time. Its child is started with the first document, and again after it had to be killed."""

    def __init__(self, limits: Limits = FEED_LIMITS) -> None:
        self._child = Child("services.ingest.feed_parser", limits)

    def parse(self, document: bytes, base_url: str | None = None) -> Feed | NoFeed:
        """As `core.feeds.parse_feed`; a document that takes too much is no feed, and the reason says so."""
        answer = self._child.ask((base_url or "").encode() + _END_OF_URL + document)
        return NoFeed(reason=answer.reason) if isinstance(answer, GivenUp) else _ANSWER.validate_json(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._child.close()


def main() -> None:
    """The child."""
    serve_documents(_answer)


def _answer(asked: bytes) -> bytes:
    base_url, _, document = asked.partition(_END_OF_URL)
    return _ANSWER.dump_json(parse_feed(document, base_url.decode() or None), exclude_defaults=True)


if __name__ == "__main__":
    main()
