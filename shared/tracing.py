"""Traces: one from the request that publishes an article to its being indexed, by the header `traceparent` of Kafka's records.

Off without DATELINE_TRACES_ENDPOINT: then nothing here costs more than a look, and OpenTelemetry (`shared.spans`) is not imported.
The header is that of W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from shared import topics
from shared.events import Event, Record
from shared.failures import Misconfigured
from shared.health import Health
from shared.outcomes import NewRecord, Outcome, Published
from shared.settings import TraceSettings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

    from shared.spans import Spans

_HEADER = "traceparent"
_FORM = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
#: Topics of articles on their way: what is sent to them goes on with the trace of the record that led to it.
_ARTICLES = frozenset({topics.PUBLISHED, topics.ENRICHED})

#: The spans of this process while traces are on: one at most.
_running: "list[Spans]" = []


class _Traceable(Protocol):
    @property
    def traces(self) -> TraceSettings: ...


S = TypeVar("S", bound=_Traceable)
E = TypeVar("E", bound=Event[Any])
Serve = Callable[[S, Health, threading.Event], None]


@dataclass(frozen=True, slots=True)
class Parent:
    """The span that led here, and whether its trace is recorded."""

    trace_id: int
    span_id: int
    is_sampled: bool


def parse_traceparent(text: str | None) -> Parent | None:
    """What a `traceparent` header says; None where it says nothing valid. Of later versions, the part that all have is read."""
    match = _FORM.fullmatch(text) if text is not None else None
    if match is None or (match[1] == "00" and match[5] is not None):
        return None
    return Parent(int(match[2], 16), int(match[3], 16), bool(int(match[4], 16) & 1))


def traced(service: str) -> Callable[[Serve[S]], Serve[S]]:
    """Decorates the `serve` of a service, whose settings have `traces`: while it runs, traces are on if they say so.

    What has not been sent when it ends gets 2 s more.
    """

    def decorate(serve: Serve[S]) -> Serve[S]:
        @wraps(serve)
        def serve_traced(settings: S, health: Health, stop: threading.Event) -> None:
            with running_traces(service, settings.traces):
                serve(settings, health, stop)

        return serve_traced

    return decorate


@contextmanager
def running_traces(service: str, settings: TraceSettings, exporter: "SpanExporter | None" = None) -> Iterator[None]:
    """Traces are on in the body if an endpoint is set; `exporter` stands in for OTLP/HTTP. Misconfigured without OpenTelemetry."""
    if settings.endpoint is None:
        yield
        return
    try:
        from shared.spans import Spans  # noqa: PLC0415 - who has traces off needs no OpenTelemetry
    except ImportError as error:
        raise Misconfigured(
            f"DATELINE_TRACES_ENDPOINT is set, but OpenTelemetry is not installed ({error}): install the extra `otel` "
            "(`pip install 'dateline[otel]'`), or unset it"
        ) from error
    spans = Spans(service, settings, exporter)
    _running.append(spans)
    try:
        yield
    finally:
        _running.remove(spans)
        spans.close()


@contextmanager
def trace_publishing(events: Sequence[E], topic: str, requested: str | None = None) -> Iterator[Sequence[E]]:
    """Spans for events about articles while the body sends them to the topic; yields the events as they are to be sent.

    Each begins a trace, or goes on with that of `requested`, the `traceparent` header of the request that brought it.
    """
    if not _running:
        yield events
        return
    tracing, parent = _running[0], parse_traceparent(requested)
    begun = [tracing.start_publish(topic, event.body.article_id, parent) for event in events]
    try:
        yield [
            event if span is None else replace(event, traceparent=tracing.traceparent(span))
            for event, span in zip(events, begun, strict=True)
        ]
    except BaseException as error:
        for span in filter(None, begun):
            tracing.end(span, type(error).__name__)
        raise
    for span in filter(None, begun):
        tracing.end(span)


def trace_batch(
    records: Sequence[Record], outcomes: list[Outcome], group: str, started: float
) -> tuple[list[Outcome], "Sequence[Span]"]:
    """The outcomes, with the trace in what they lead to; and the spans of the records whose traces are recorded.

    `started` is when work on the batch began, as `time.monotonic` has it. What comes in from elsewhere may begin a trace here.
    """
    if not _running:
        return outcomes, ()
    tracing = _running[0]
    start_ns = time.time_ns() - int((time.monotonic() - started) * 1e9)
    traced_outcomes, spans = list(outcomes), []
    for number, (record, outcome) in enumerate(zip(records, outcomes, strict=True)):
        parent = parse_traceparent(record.header(_HEADER))
        if not (record.topic == topics.INBOUND if parent is None else parent.is_sampled):
            continue
        span = tracing.start_process(record, outcome, group, start_ns, parent)
        if span is None:
            continue
        spans.append(span)
        if isinstance(outcome, Published):
            header = (_HEADER, tracing.traceparent(span).encode())
            traced_outcomes[number] = replace(outcome, records=[_with_header(each, header) for each in outcome.records])
    return traced_outcomes, spans


def end_spans(spans: "Sequence[Span]") -> None:
    """The records are done with, and committed."""
    if spans and _running:
        for span in spans:
            _running[0].end(span)


def _with_header(record: NewRecord, header: tuple[str, bytes]) -> NewRecord:
    if record.topic not in _ARTICLES:
        return record
    return replace(record, headers=(*(each for each in record.headers if each[0] != header[0]), header))
