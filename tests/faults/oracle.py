"""What must stand in the index, in the counts and among the dead letters when everything that was promised has been kept. Pure.

Nothing of Dateline is used here: an article is its newest revision, a retraction is a revision that hides it, and a view of a
visitor counts once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.faults.ledger import Entry


@dataclass(frozen=True)
class State:
    """What an article is; `text` is None for one that is retracted."""

    revision: int
    text: tuple[str, str] | None


@dataclass
class Promised:
    """All that was promised.

    Attributes:
        articles: by id, the newest accepted state, and besides the newer ones of which nobody knows.
        comments: ids of accepted ones, and of others that may be there.
        views: accepted ones of each (article, minute), each visitor once.
        poison: (topic, value) of every record that nobody can process.
    """

    articles: dict[str, tuple[State, ...]] = field(default_factory=dict)
    comments: set[str] = field(default_factory=set)
    comments_unknown: set[str] = field(default_factory=set)
    views: Counter[tuple[str, int]] = field(default_factory=Counter)
    poison: Counter[tuple[str, str]] = field(default_factory=Counter)
    entries: int = 0
    unknown: int = 0


def sum_up(entries: Iterable[Entry]) -> Promised:
    """What a ledger promises."""
    promised = Promised()
    accepted: dict[str, State] = {}
    unknown: dict[str, list[State]] = {}
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        promised.entries += 1
        is_accepted = entry["answered"] == "accepted"
        promised.unknown += not is_accepted
        match entry["kind"]:
            case "article" | "retraction":
                state = State(entry["revision"], (entry["headline"], entry["body"]) if entry["kind"] == "article" else None)
                own = entry["article"]
                if not is_accepted:
                    unknown.setdefault(own, []).append(state)
                elif own not in accepted or accepted[own].revision < state.revision:
                    accepted[own] = state
            case "comment":
                (promised.comments if is_accepted else promised.comments_unknown).add(entry["comment"])
            case "view":
                if (entry["article"], entry["visitor"]) not in seen:
                    seen.add((entry["article"], entry["visitor"]))
                    promised.views[entry["article"], entry["minute"]] += 1
            case "poison":
                promised.poison[entry["topic"], entry["value"]] += 1
            case other:
                raise ValueError(f"no such kind: {other}")
    promised.articles = {
        own: (state, *(other for other in unknown.get(own, ()) if other.revision > state.revision))
        for own, state in accepted.items()
    }
    return promised


@dataclass
class Verdict:
    """How what is there differs from what was promised: everything is 0 when all was kept; `examples` are a few of each."""

    missing: int = 0
    not_promised: int = 0
    wrong_revision: int = 0
    wrong_content: int = 0
    resurrected: int = 0
    comments_missing: int = 0
    comments_not_promised: int = 0
    view_error: int = 0
    poison_missing: int = 0
    dead_letters_not_promised: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, example: str, number: int = 1) -> None:
        """One more."""
        setattr(self, what, getattr(self, what) + number)
        noted = self.examples.setdefault(what, [])
        if len(noted) < 5:
            noted.append(example)

    @property
    def is_kept(self) -> bool:
        """Whether all that was promised is there, and nothing else."""
        return not self.examples


def judge_articles(promised: Promised, found: Mapping[str, State], verdict: Verdict) -> None:
    """Every promised article once, in its newest state, and no other."""
    for own, allowed in promised.articles.items():
        state = found.get(own)
        if state is None:
            verdict.note("missing", own)
        elif state in allowed:
            continue
        elif state.text is not None and allowed[0].text is None:
            verdict.note("resurrected", f"{own}: revision {state.revision}, retracted by {allowed[0].revision}")
        elif state.revision not in {each.revision for each in allowed}:
            verdict.note("wrong_revision", f"{own}: {state.revision} instead of {allowed[0].revision}")
        else:
            verdict.note("wrong_content", f"{own}: {state}")
    for own in found.keys() - promised.articles.keys():
        verdict.note("not_promised", own)


def judge_comments(promised: Promised, found: Iterable[str], verdict: Verdict) -> None:
    """Every promised comment, and no other; an id is there at most once by the nature of an index."""
    there = set(found)
    for own in promised.comments - there:
        verdict.note("comments_missing", own)
    for own in there - promised.comments - promised.comments_unknown:
        verdict.note("comments_not_promised", own)


def judge_views(promised: Promised, counted: Mapping[tuple[str, int], int], verdict: Verdict) -> None:
    """Every (article, minute) has exactly the views that were accepted."""
    for cell in promised.views.keys() | counted.keys():
        wanted, seen = promised.views[cell], counted.get(cell, 0)
        if wanted != seen:
            verdict.note("view_error", f"{cell}: {seen} counted, {wanted} accepted", abs(wanted - seen))


def judge_dead_letters(promised: Promised, letters: Iterable[tuple[str, str]], verdict: Verdict) -> None:
    """Exactly the poison is among the dead letters, byte for byte: (topic, value) of each letter."""
    there = set(letters)
    for topic, value in promised.poison.keys() - there:
        verdict.note("poison_missing", f"{topic}: {value[:80]}")
    for topic, value in there - promised.poison.keys():
        verdict.note("dead_letters_not_promised", f"{topic}: {value[:200]}")
