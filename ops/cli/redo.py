"""Has articles enriched again: reads them out of the index, and sends those that are asked for to `articles.published`.

Nothing is remembered between two runs: the documents say what has been done.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ops.cli.redo_events import Skipped, build_event
from ops.cli.redo_search import Page
from ops.cli.redo_where import Where
from shared.events import article_record
from shared.outcomes import NewRecord

_MOST_REASONS = 20
_LONGEST_REASON = 200


@dataclass
class RedoSummary:
    """Counts of articles: in the index as asked for, and of these by other models than `--where` says, sent, and skipped."""

    found: int = 0
    read: int = 0
    other_models: int = 0
    sent: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def lines(self, *, dry_run: bool) -> Iterator[str]:
        """For people."""
        other = f", {self.other_models:,} not of the models asked for" if self.other_models else ""
        sent = f"{self.sent:,} would be sent" if dry_run else f"{self.sent:,} sent"
        yield f"{self.found:,} articles found{other}, {self.skipped.total():,} skipped, {sent}."
        for reason, count in self.skipped.most_common(_MOST_REASONS):
            yield f"{count:>10,} skipped: {reason}"


def redo_articles(
    pages: Iterable[Page],
    where: Where | None,
    send: Callable[[list[NewRecord]], None],
    now: Callable[[], datetime],
    watch: Callable[[RedoSummary], None],
    summary: RedoSummary,
) -> None:
    """Send what has each article enriched again.

    Args:
        pages: The documents.
        where: Which of them, by what has enriched them; all when None.
        send: Sends records and returns when they are acknowledged.
        now: The time.
        watch: Told after each page how far it is.
        summary: What is counted in.
    """
    for page in pages:
        summary.found = page.total
        records = []
        for document in page.documents:
            if where is not None and not where(str(document.get("recogniser", ""))):
                summary.other_models += 1
                continue
            event = build_event(document, now())
            if isinstance(event, Skipped):
                summary.skipped[event.reason[:_LONGEST_REASON]] += 1
            else:
                records.append(article_record(event))
        if records:
            send(records)
        summary.sent += len(records)
        summary.read += len(page.documents)
        watch(summary)
