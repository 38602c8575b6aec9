"""Facts and findings as a screen of a terminal: what asks for attention first, then everything that was seen."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ops.status.facts import Disk, ElasticFacts, Facts, Failure, FeedsFacts, KafkaFacts, LettersFacts, ServiceFacts, TopicFacts
from ops.status.judging import ExitCode, Finding, Severity, exit_code
from services.ingest.core.source_watch import duration
from shared.text import clean_line

_STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_HEADS = {
    ExitCode.WELL: ("All is well.", "bold green"),
    ExitCode.ATTENTION: ("Something asks for attention.", "bold yellow"),
    ExitCode.BLIND: ("Nobody answers: is Dateline running, and are the addresses right (.env.example)?", "bold red"),
}
_UNITS = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6))
_MOST_FEEDS = 10


def build_screen(facts: Facts, findings: Sequence[Finding], *, whole: bool = False) -> RenderableType:
    """The screen. Topics that hold nothing are left out, unless the `whole` is asked for."""
    head, style = _HEADS[exit_code(facts, list(findings))]
    parts: list[RenderableType] = [Text.assemble((head, style), (f"  {facts.seen:%Y-%m-%d %H:%M:%S} UTC", "dim"))]
    if findings:
        parts.append(_findings(findings))
    parts.append(_engines(facts))
    parts.append(_services(facts.services))
    if isinstance(facts.kafka, KafkaFacts):
        parts += [_groups(facts.kafka), _topics(facts.kafka, facts.seen, whole=whole)]
    parts += [_letters(facts.letters, facts.seen), _feeds(facts.feeds)]
    return Group(*parts)


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for number, name in enumerate(columns):
        right = name.endswith(">")
        table.add_column(name.removesuffix(">"), justify="right" if right else "left", overflow="fold", no_wrap=number == 0)
    return table


def _findings(findings: Sequence[Finding]) -> Table:
    table = _table("", "What", "What to do", "Page in ops/runbooks")
    for finding in findings:
        page = f"{finding.runbook}.md" if finding.runbook else ""
        table.add_row(Text(finding.severity, style=_STYLES[finding.severity]), _plain(finding.what), _plain(finding.do), page)
    return table


def _engines(facts: Facts) -> Table:
    kafka, elastic = facts.kafka, facts.elasticsearch
    table = _table("Engine", "How it is")
    table.add_row("Kafka", _failed(kafka) if isinstance(kafka, Failure) else _tell_kafka(kafka))
    table.add_row("Elasticsearch", _failed(elastic) if isinstance(elastic, Failure) else _tell_elastic(elastic))
    if isinstance(elastic, ElasticFacts):
        newest, lists = elastic.newest, elastic.lists
        since = f"searchable since {tell_age(newest, facts.seen)}" if newest else "there is none yet"
        table.add_row("Newest article", Text(since))
        listed = (
            f"{lists.count:,} in the index, the newest as of {tell_age(lists.newest, facts.seen)}" if lists.count else "none yet"
        )
        table.add_row("Popular lists", Text(listed))
    return table


def _tell_kafka(kafka: KafkaFacts) -> Text:
    brokers = f"{len(kafka.brokers)} broker{'s' if len(kafka.brokers) != 1 else ''} ({', '.join(kafka.brokers)})"
    return Text(f"{brokers}, {len(kafka.topics)} topics{_tell_disk(kafka.disk)}")


def _tell_elastic(elastic: ElasticFacts) -> Text:
    colours = {"green": "green", "red": "bold red"}
    nodes = f"{elastic.nodes} node{'s' if elastic.nodes != 1 else ''}"
    documents = ", ".join(f"{alias} {count:,}" for alias, count in elastic.documents.items())
    return Text.assemble(
        (elastic.health, colours.get(elastic.health, "")),
        f", {nodes}{f', version {elastic.version}' if elastic.version else ''}{_tell_disk(elastic.disk)}; documents: {documents}",
    )


def _tell_disk(disk: Disk | None) -> str:
    return f", disk {disk.used:.0%} full, {tell_bytes(disk.free_bytes)} free" if disk is not None else ""


def _services(services: Sequence[ServiceFacts]) -> Table:
    table = _table("Service", "State", "Where", "What it says")
    for each in services:
        state, style = ("away", "bold red") if each.failure else ("ready", "green") if each.is_ready else ("not ready", "yellow")
        if not each.failure and not each.is_alive:
            state, style = "stuck", "bold red"
        said = "; ".join([*([each.failure] if each.failure else []), *each.reasons, *each.notes])
        table.add_row(each.name, Text(state, style=style), each.address, _plain(said))
    return table


def _groups(kafka: KafkaFacts) -> Table:
    table = _table("Group", "State", "Members>", "Records that wait")
    for group in kafka.groups:
        waiting = ", ".join(f"{topic} {count:,}" for topic, count in group.lag.items() if count)
        table.add_row(group.name, group.state, f"{group.members}", waiting or Text("none", style="dim"))
    return table


def _topics(kafka: KafkaFacts, now: datetime, *, whole: bool) -> Table:
    table = _table("Topic", "Partitions>", "Records>", "Newest>", "Keeps")
    shown = [topic for topic in kafka.topics if whole or (topic.records and not topic.name.endswith(".dead-letters"))]
    for topic in shown:
        newest = tell_age(topic.newest, now) if topic.records else ""
        table.add_row(topic.name, f"{topic.partitions}", f"{topic.records:,}", newest, _tell_retention(topic))
    left = len(kafka.topics) - len(shown)
    if left:
        table.caption = Text(f"{left} topics more are empty or hold dead letters (--whole shows them)", style="dim")
        table.caption_justify = "left"
    return table


def _tell_retention(topic: TopicFacts) -> str:
    kept = "for ever" if topic.retention_ms in (None, -1) else duration((topic.retention_ms or 0) / 1000)
    if topic.is_compacted:
        return "the newest of each key" + ("" if topic.retention_ms in (None, -1) else f", {kept}")
    return kept


def _letters(letters: LettersFacts | Failure, now: datetime) -> RenderableType:
    if isinstance(letters, Failure):
        return Text.assemble(("Dead letters  ", "bold"), _failed(letters))
    if not letters.counts:
        return Text.assemble(("Dead letters  ", "bold"), ("none", "green"))
    table = _table("Dead letters>", "Topic", "Service", "Reason")
    for (topic, service, code), count in sorted(letters.counts.items(), key=lambda item: -item[1]):
        table.add_row(f"{count:,}", topic, service, code)
    table.caption = Text(f"the newest {tell_age(letters.newest, now)}; `dateline dead-letters list` names each", style="dim")
    table.caption_justify = "left"
    return table


def _feeds(feeds: FeedsFacts | Failure) -> RenderableType:
    if isinstance(feeds, Failure):
        return Text.assemble(("Feeds  ", "bold"), _failed(feeds))
    if not feeds.conditions:
        return Text.assemble(("Feeds  ", "bold"), "none are polled (`dateline feeds add URL`)")
    told = ", ".join(f"{count:,} {condition}" for condition, count in sorted(feeds.conditions.items()))
    if not feeds.troubled:
        return Text.assemble(("Feeds  ", "bold"), told)
    table = _table("Feed in trouble", "Condition", "Why")
    for feed in feeds.troubled[:_MOST_FEEDS]:
        table.add_row(_plain(feed.url), feed.condition, _plain(feed.reason))
    table.caption = Text(f"of all feeds: {told}", style="dim")
    table.caption_justify = "left"
    return table


def _failed(failure: Failure) -> Text:
    return Text(clean_line(failure.reason), style="bold red")


def _plain(text: str) -> Text:
    """Without characters that would steer the terminal: what feeds and records say is not ours."""
    return Text(clean_line(text))


def tell_age(time: datetime | None, now: datetime) -> str:
    """How long ago, such as `3 hours ago`."""
    if time is None:
        return "never"
    age = now - time
    return "now" if age < timedelta(seconds=1) else f"{duration(age.total_seconds())} ago"


def tell_bytes(count: int) -> str:
    """In the largest decimal unit, such as `12.3 GB`."""
    name, unit = next(((name, unit) for name, unit in _UNITS if count >= unit), ("kB", 1e3))
    return f"{count / unit:.1f} {name}"
