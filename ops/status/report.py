"""Facts and findings as one JSON object for programs (pure). Fields may be added; none changes its meaning."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ops.status.facts import Facts, Failure
from ops.status.judging import ExitCode, Finding, exit_code
from shared.events import format_time

_WORDS = {ExitCode.WELL: "well", ExitCode.ATTENTION: "attention", ExitCode.BLIND: "blind"}


def build_report(facts: Facts, findings: Sequence[Finding]) -> dict[str, Any]:
    """The report. What could not be asked has only `failure`; times are RFC 3339, in UTC."""
    kafka, elastic, letters, feeds = facts.kafka, facts.elasticsearch, facts.letters, facts.feeds
    return {
        "state": _WORDS[exit_code(facts, list(findings))],
        "seen": format_time(facts.seen),
        "findings": [
            {**asdict(finding), "runbook": f"ops/runbooks/{finding.runbook}.md" if finding.runbook else None}
            for finding in findings
        ],
        "kafka": _plain(kafka),
        "elasticsearch": _plain(elastic),
        "services": [_plain(service) for service in facts.services],
        "newest_searchable_article_age_seconds": (
            round((facts.seen - elastic.newest).total_seconds(), 3)
            if not isinstance(elastic, Failure) and elastic.newest is not None
            else None
        ),
        "dead_letters": (
            {"failure": letters.reason}
            if isinstance(letters, Failure)
            else {
                "count": sum(letters.counts.values()),
                "newest": format_time(letters.newest) if letters.newest is not None else None,
                "by": [
                    {"topic": topic, "service": service, "code": code, "count": count}
                    for (topic, service, code), count in sorted(letters.counts.items())
                ],
            }
        ),
        "feeds": _plain(feeds),
    }


def _plain(facts: Any) -> dict[str, Any]:
    if isinstance(facts, Failure):
        return {"failure": facts.reason}
    plain: dict[str, Any] = _told(asdict(facts))
    return plain


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, dict):
        return {key: _told(each) for key, each in value.items()}
    return [_told(each) for each in value] if isinstance(value, list | tuple) else value
