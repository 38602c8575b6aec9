"""A journey for people, on a terminal, and for programs, as JSON (pure)."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ops.trace.journey import InIndex, Journey, Looked, State, Step, Verdict, build_counts
from shared.events import format_time
from shared.text import clean_line

_STYLES = {
    State.SEARCHABLE: "bold green",
    State.RETRACTED: "bold cyan",
    State.WAITS: "bold yellow",
    State.REFUSED: "bold red",
    State.MISSING: "bold red",
    State.UNKNOWN: "bold red",
}
#: Steps of one kind beyond so many are counted, not listed.
_MOST_ALIKE = 10


def build_trace_screen(journey: Journey, verdict: Verdict) -> RenderableType:
    """The screen: where it is now, its way, what the index and the lists have, and how far was looked."""
    parts: list[RenderableType] = [
        Text(f"Article {journey.article_id}", style="bold"),
        Text.assemble((verdict.state, _STYLES[verdict.state]), f": {clean_line(verdict.why)}"),
    ]
    if verdict.do:
        parts.append(Text(f"What to do: {clean_line(verdict.do)}"))
    parts += [Text(f"{engine} did not answer: {clean_line(why)}", style="bold red") for engine, why in journey.failures.items()]
    parts += [_way(journey.steps), _facts(journey)]
    parts.append(Text(f"Looked at {tell_looked(journey.log.looked)}.", style="dim"))
    return Group(*parts)


def _way(steps: Sequence[Step]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("Time (UTC)", "What", "Where in Kafka", "Revision", "Details"):
        table.add_column(name, overflow="fold", no_wrap=name.startswith(("Time", "What")))
    shown, left = _few(steps)
    for step in shown:
        facts = ", ".join(f"{name} {value}" for name, value in step.facts.items() if value not in (None, ""))
        revision = "" if step.revision is None else f"{step.revision}"
        table.add_row(f"{step.time:%Y-%m-%d %H:%M:%S}", step.stage, step.place, revision, Text(clean_line(facts)))
    if not steps:
        table.add_row("", "no records found", "", "", "")
    if left:
        table.caption = ", ".join(f"and {count} more of “{stage}”" for stage, count in left.items())
        table.caption_justify = "left"
    return table


def _few(steps: Sequence[Step]) -> tuple[list[Step], dict[str, int]]:
    """The newest few of each stage, in order, and how many were left out."""
    seen: dict[str, int] = {}
    shown = []
    for step in reversed(steps):
        seen[step.stage] = seen.get(step.stage, 0) + 1
        if seen[step.stage] <= _MOST_ALIKE:
            shown.append(step)
    return shown[::-1], {stage: count - _MOST_ALIKE for stage, count in seen.items() if count > _MOST_ALIKE}


def _facts(journey: Journey) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in tell_facts(journey):
        table.add_row(name, Text(clean_line(value)))
    return table


def tell_facts(journey: Journey) -> list[tuple[str, str]]:
    """What is known of it beside its way, each by its name."""
    index, log = journey.index, journey.log
    facts = [("Index", _tell_document(index))]
    if log.counts is not None:
        facts.append(("Counted", ", ".join(f"{count:,} {name}" for name, count in build_counts(log.counts).items())))
    if index.lists:
        facts.append(("Lists", tell_lists(index.lists)))
    if index.document is not None and index.document.get("story_id"):
        facts.append(("Story", f"{index.document['story_id']}, told by {tell_count(index.told_alike, 'article')}"))
    if index.comments or index.older_revisions:
        facts.append(
            ("Beside it", f"{tell_count(index.comments, 'comment')}, {tell_count(index.older_revisions, 'older revision')}")
        )
    if index.matches:
        facts.append(("Matches", f"saved searches {', '.join(index.matches)}"))
    facts += [("Dead letter", f"{letter.record.place}, {letter.service}: {letter.code}, {letter.detail}") for letter in log.letters]
    return facts


def tell_lists(lists: Sequence[tuple[str, int, int]]) -> str:
    """Such as `views: place 2 with 31 (1h, 24h)`, without lists of recent articles only.

    The place is that in what the article's partition contributes to the list.
    """
    windows: dict[tuple[str, int, int], list[str]] = {}
    for name, place, count in lists:
        measure, window, *rest = name.split(".")
        if not any(each.startswith("fresh") for each in rest):
            windows.setdefault((measure, place, count), []).append(window)
    return "; ".join(
        f"{measure}: place {place} with {count:,} ({', '.join(which)})" for (measure, place, count), which in windows.items()
    )


def tell_count(count: int, what: str) -> str:
    """Such as `1 comment`, `2,000 comments`."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _tell_document(index: InIndex) -> str:
    document = index.document
    if document is None:
        return "has no document"
    when = document.get("date_indexed") or document.get("date_retracted")
    return (
        f"{document['index']}: {document['status']}, revision {document['revision']}, version {document['version']}, since {when}"
    )


def tell_looked(looked: Sequence[Looked]) -> str:
    """How far the logs were looked through."""
    told = []
    for each in looked:
        what = "all" if each.is_whole else f"offsets {each.start:,} to {each.end:,} of those from {each.begins:,} on"
        told.append(f"{each.topic}-{each.partition} ({what}{'' if each.is_complete else ', not finished in time'})")
    return ", ".join(told) or "no log"


def build_trace_report(journey: Journey, verdict: Verdict) -> dict[str, Any]:
    """The journey as JSON. Fields may be added; none changes its meaning."""
    index, log = journey.index, journey.log
    return {
        "article_id": journey.article_id,
        "state": verdict.state,
        "why": verdict.why,
        "do": verdict.do,
        "failures": dict(journey.failures),
        "steps": [
            {
                "time": format_time(step.time),
                "stage": step.stage,
                "place": step.place,
                "revision": step.revision,
                "facts": _present(step.facts),
            }
            for step in journey.steps
        ],
        "document": dict(index.document) if index.document is not None else None,
        "counts": build_counts(log.counts) if log.counts is not None else None,
        "lists": [{"list_id": name, "place": place, "count": count} for name, place, count in index.lists],
        "comments": index.comments,
        "older_revisions": index.older_revisions,
        "articles_of_the_story": index.told_alike,
        "matches": list(index.matches),
        "dead_letters": [
            {"place": each.record.place, "service": each.service, "code": each.code, "detail": each.detail} for each in log.letters
        ],
        "looked": [
            {"topic": each.topic, "partition": each.partition, "start": each.start, "end": each.end, "whole": each.is_whole}
            for each in log.looked
        ],
    }


def _present(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
