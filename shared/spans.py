"""The spans of OpenTelemetry, and how they are sent: only imported by `tracing`, and only while traces are on.

Names and attributes: https://opentelemetry.io/docs/specs/semconv/messaging/kafka/. What OpenTelemetry's own variables say of
how to send (OTEL_EXPORTER_OTLP_HEADERS, …_CERTIFICATE, OTEL_RESOURCE_ATTRIBUTES) holds; nothing is instrumented by itself.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    format_span_id,
    format_trace_id,
    set_span_in_context,
)

from shared import metrics, topics
from shared.events import Record
from shared.logs import get_logger
from shared.outcomes import DeadLettered, Outcome, Published
from shared.settings import TraceSettings
from shared.tracing import Parent

_log = get_logger(__name__)
#: Spans that wait to be sent, a few megabytes; more are dropped.
MOST_WAITING = 2048
#: How long the end of a service waits for the spans that are left.
CLOSE_SECONDS = 2.0
_SEND_SECONDS = 5.0
_GATHER_MS = 1000
_A_REQUEST = 512
#: Least time between two log lines that say that spans are lost.
_QUIET_SECONDS = 60.0
_MOST_KEY_CHARACTERS = 200
#: Topics whose keys are ids of articles.
_BY_ARTICLE = frozenset({topics.PUBLISHED, topics.ENRICHED, topics.COMMENTS})


class CountedExporter(SpanExporter):
    """Counts what an exporter sends and fails to send, tells of failures once a minute, and knows how many spans wait."""

    def __init__(self, exporter: SpanExporter, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._exporter = exporter
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._waiting = 0
        self._told: float | None = None

    def admit(self) -> bool:
        """Whether there is room for one more span, which then waits; otherwise it is counted as dropped."""
        with self._lock:
            if self._waiting < MOST_WAITING:
                self._waiting += 1
                return True
        self._lose("dropped", 1, "more spans than can be sent")
        return False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send, and count."""
        try:
            result, why = self._exporter.export(spans), "the collector does not take them"
        except Exception as error:  # noqa: BLE001 - a service goes on whatever becomes of its traces
            result, why = SpanExportResult.FAILURE, f"{type(error).__name__}: {error}"[:1000]
        with self._lock:
            self._waiting -= len(spans)
        if result is SpanExportResult.SUCCESS:
            metrics.SPANS.labels("sent").inc(len(spans))
        else:
            self._lose("failed", len(spans), why)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def _lose(self, result: str, count: int, why: str) -> None:
        metrics.SPANS.labels(result).inc(count)
        with self._lock:
            now = self._monotonic()
            if self._told is not None and now - self._told < _QUIET_SECONDS:
                return
            self._told = now
        _log.warning("spans are lost", result=result, spans=count, reason=why)


class Spans:
    """Makes the spans of one process, and sends them in a thread of its own."""

    def __init__(self, service: str, settings: TraceSettings, exporter: SpanExporter | None = None) -> None:
        """`exporter` stands in for OTLP/HTTP to the endpoint that is set."""
        # It speaks of each failure itself; ours does once a minute.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self._exporter = CountedExporter(exporter or OTLPSpanExporter(_address(settings.endpoint or ""), timeout=_SEND_SECONDS))
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.ratio)),
            resource=Resource.create({"service.name": service, "service.namespace": "dateline"}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(self._exporter, MOST_WAITING, schedule_delay_millis=_GATHER_MS, max_export_batch_size=_A_REQUEST)
        )
        self._tracer = self._provider.get_tracer("dateline")

    def start_publish(self, topic: str, article_id: str, parent: Parent | None) -> Span | None:
        """The span of sending an article to a topic; None if its trace is not recorded."""
        attributes = {**_attributes(topic, "publish", "send"), "dateline.article.id": article_id}
        return self._start(f"{topic} publish", SpanKind.PRODUCER, parent, attributes, None)

    def start_process(self, record: Record, outcome: Outcome, group: str, start_ns: int, parent: Parent | None) -> Span | None:
        """The span of what came of a record, begun when its batch was; None if its trace is not recorded."""
        attributes: dict[str, str | int] = {
            **_attributes(record.topic, "process", "process"),
            "messaging.destination.partition.id": str(record.partition),
            "messaging.kafka.offset": record.offset,
            "messaging.consumer.group.name": group,
            "dateline.outcome": str(outcome.name),
        }
        article_id = _article_id(record, outcome)
        if article_id is not None:
            attributes["dateline.article.id"] = article_id
        span = self._start(f"{record.topic} process", SpanKind.CONSUMER, parent, attributes, start_ns)
        if span is not None and isinstance(outcome, DeadLettered):
            span.set_attribute("error.type", str(outcome.code))
            span.set_status(Status(StatusCode.ERROR, outcome.detail))
        return span

    def traceparent(self, span: Span) -> str:
        """The header that makes a span the parent of what follows."""
        context = span.get_span_context()
        return f"00-{format_trace_id(context.trace_id)}-{format_span_id(context.span_id)}-01"

    def end(self, span: Span, failure: str | None = None) -> None:
        """It is done, or failed with an error of that name; it is sent soon, if there is room for it."""
        if failure is not None:
            span.set_attribute("error.type", failure)
            span.set_status(Status(StatusCode.ERROR))
        if self._exporter.admit():
            span.end()

    def close(self) -> None:
        """Send what waits, for CLOSE_SECONDS at most."""
        closing = threading.Thread(target=self._provider.shutdown, name="spans-close", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
        if closing.is_alive():
            self._exporter.shutdown()  # it waits for the collector no longer

    def _start(
        self, name: str, kind: SpanKind, parent: Parent | None, attributes: dict[str, str | int], start_ns: int | None
    ) -> Span | None:
        context = None
        if parent is not None:
            flags = TraceFlags(TraceFlags.SAMPLED if parent.is_sampled else TraceFlags.DEFAULT)
            before = SpanContext(parent.trace_id, parent.span_id, is_remote=True, trace_flags=flags)
            context = set_span_in_context(NonRecordingSpan(before))
        span = self._tracer.start_span(name, context, kind, attributes, start_time=start_ns)
        return span if span.is_recording() else None


def _attributes(topic: str, name: str, kind: str) -> dict[str, str | int]:
    return {
        "messaging.system": "kafka",
        "messaging.destination.name": topic,
        "messaging.operation.name": name,
        "messaging.operation.type": kind,
    }


def _article_id(record: Record, outcome: Outcome) -> str | None:
    """The key, where it is one; what is not published yet has its id from where it is published."""
    key = record.key if record.topic in _BY_ARTICLE else None
    if record.topic == topics.INBOUND and isinstance(outcome, Published) and outcome.records:
        key = outcome.records[0].key
    return None if key is None else key.decode("utf-8", "replace")[:_MOST_KEY_CHARACTERS]


def _address(endpoint: str) -> str:
    """Where spans go: the path of OTLP/HTTP is put in where none is given."""
    return endpoint.rstrip("/") + "/v1/traces" if urlsplit(endpoint).path in ("", "/") else endpoint
