"""What became of what `dateline publish` sent: outcomes, and their summary for people."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

#: Refusals that are listed, and reasons that are told apart; a run over millions of entries must not keep them all.
_MOST_LISTED = 20
_MOST_REASONS = 200
_MOST_SHOWN = 10
_OTHER = "other reasons"
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: it has an id, or a reason why it was refused, or neither when it is no page.

    Attributes:
        number: of the entry in its file.
        place: the same for people.
        article_id: of the article as ingest knows it now.
        unchanged: ingest knew it as it is.
        reason: why it was refused.
        url: of the article of a page.
    """

    number: int
    place: str
    article_id: str | None = None
    unchanged: bool = False
    reason: str | None = None
    url: str | None = None


@dataclass
class Summary:
    """Counts of outcomes, and the first refusals. `earlier` are files and entries that the journal knew to be done."""

    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    not_pages: int = 0
    earlier_refused: int = 0
    earlier_files: int = 0
    listed: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, file: str, outcome: Outcome) -> None:
        """Count one."""
        if outcome.reason is not None:
            self.refuse(f"{file}, {outcome.place}" if outcome.place else file, outcome.reason)
        elif outcome.article_id is None:
            self.not_pages += 1
        elif outcome.unchanged:
            self.unchanged += 1
        else:
            self.accepted += 1

    def refuse(self, place: str, reason: str) -> None:
        """Count something that was refused."""
        self.refused += 1
        short = " ".join(reason.split())[:_LONGEST_REASON]
        if len(self.listed) < _MOST_LISTED:
            self.listed.append(f"{place}: {short}")
        self.reasons[short if short in self.reasons or len(self.reasons) < _MOST_REASONS else _OTHER] += 1

    @property
    def is_clean(self) -> bool:
        """Whether nothing was refused, now or when the journal was written."""
        return self.refused + self.earlier_refused == 0

    def lines(self) -> Iterator[str]:
        """For people."""
        yield from (f"refused: {each}" for each in self.listed)
        if self.refused > len(self.listed):
            yield f"… and {self.refused - len(self.listed):,} more were refused."
        if self.refused > 1:
            yield "Why:"
            for reason, count in self.reasons.most_common(_MOST_SHOWN):
                yield f"{count:>10,}  {reason}"
            if len(self.reasons) > _MOST_SHOWN:
                rest = sum(self.reasons.values()) - sum(count for _, count in self.reasons.most_common(_MOST_SHOWN))
                yield f"{rest:>10,}  {_OTHER}"
        if self.earlier_files:
            refused = f", with {self.earlier_refused:,} refused" if self.earlier_refused else ""
            yield f"{self.earlier_files:,} files were begun or done before, says the journal{refused}."
        yield f"{self.counts()}."

    def counts(self) -> str:
        """In one line."""
        counts = [f"{self.accepted:,} accepted"]
        counts += [f"{self.unchanged:,} unchanged"] if self.unchanged else []
        counts += [f"{self.refused:,} refused"]
        counts += [f"{self.not_pages:,} not pages"] if self.not_pages else []
        return ", ".join(counts)
