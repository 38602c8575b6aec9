"""One trace from the request that publishes an article to its being indexed. No Kafka: a fake member of the group reads."""

import hashlib
import subprocess
import sys
import threading
import time
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from ops.schemas import ROOT
from services.ingest.api import build_ingest_app
from services.ingest.door import Door
from services.ingest.outbox import Outbox
from services.ingest.page_extractor import PageExtractors
from services.ingest.remembering import Remembering
from services.ingest.salts import DailySalt
from services.ingest.token_file import ValidTokens
from shared import consuming, topics
from shared.consuming import Subscription, consume
from shared.events import Record, article_record, decode_event
from shared.failures import Misconfigured, Unavailable
from shared.health import Health
from shared.metrics import SPANS
from shared.outcomes import DeadLetterCode, DeadLettered, NewRecord, OutcomeName, Published, Settled
from shared.producing import Producer
from shared.settings import TraceSettings
from shared.spans import MOST_WAITING, CountedExporter, Spans
from shared.tracing import Parent, parse_traceparent, running_traces, trace_publishing
from tests.builders import an_article, an_event
from tests.doubles import send, serving
from tests.stack import eventually

TOKEN = "t" * 32
REQUESTED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
UNSAMPLED = REQUESTED[:-2] + "00"
ON = TraceSettings(endpoint="http://127.0.0.1:9")
OFF = TraceSettings()


class Sent:
    """An outbox, and a producer, that keep what was sent."""

    def __init__(self):
        self.records: list[NewRecord] = []

    async def send(self, records):
        self.records += records

    def send_all(self, records):
        self.records += records


class Member:
    """A member of a group that is given one batch, and stops the loop once it is committed."""

    moves = 1

    def __init__(self, records, stop):
        self._batches = [records]
        self._stop = stop

    def poll(self, _seconds=0):
        return self._batches.pop(0) if self._batches else []

    def commit(self, _records, _moves):
        self._stop.set()

    def close(self):
        """It leaves."""


@pytest.fixture
def publish(tmp_path):
    """Posts an article to ingest, and answers the record that it sends."""
    sent = Sent()
    door = Door(cast("Producer", None), cast("Outbox", sent), DailySalt(tmp_path / "salt"), 4, Remembering(1000))
    tokens = ValidTokens((hashlib.sha256(TOKEN.encode()).hexdigest(),), None)
    client = TestClient(build_ingest_app(door, tokens, 10_000, PageExtractors(1)))

    def publish(traceparent=None):
        headers = {"Authorization": f"Bearer {TOKEN}"} | ({} if traceparent is None else {"traceparent": traceparent})
        answer = client.post("/v1/articles", json={"url": "https://news.example/a", "headline": "Ferry adrift"}, headers=headers)
        assert answer.status_code == 201, answer.text
        return consumed(sent.records[-1])

    return publish


@pytest.fixture
def read(monkeypatch):
    """Puts a record through the consumer loop, and answers the records that it leads to."""

    def read(record, handle, decode=decode_event):
        stop, sent = threading.Event(), Sent()
        monkeypatch.setattr(consuming, "Membership", lambda *_arguments: Member([record], stop))
        monkeypatch.setattr(consuming, "partition_counts", lambda *_arguments: {})
        subscription: Subscription[Any] = Subscription("test", (record.topic,), decode, handle)
        consume(subscription, cast("Any", None), cast("Any", sent), Health(), stop)
        return [consumed(each) for each in sent.records]

    return read


def consumed(record, offset=7):
    return Record(record.topic, 3, offset, record.key, record.value, record.headers, 0)


def enrich(events):
    return [Published([article_record(event, topics.ENRICHED)], OutcomeName.ENRICHED) for event in events]


def index(events):
    return [Settled(OutcomeName.INDEXED) for _ in events]


def refuse(events):
    return [DeadLettered(DeadLetterCode.REFUSED_BY_INDEX, "too deep") for _ in events]


def finished(exporter) -> Any:
    """The spans, in the order in which they ended; their parts that may be absent are not asked for one by one."""
    return exporter.get_finished_spans()


def span_of(exporter, name):
    """The one span of that name."""
    (span,) = [span for span in finished(exporter) if span.name == name]
    return span


def test_an_article_has_one_trace_from_publish_to_indexed(publish, read):
    exporter = InMemorySpanExporter()

    with running_traces("test", ON, exporter):
        (enriched,) = read(publish(), enrich)
        read(enriched, index)

    published, enriched, indexed = finished(exporter)
    names = ["articles.published publish", "articles.published process", "articles.enriched process"]
    assert [published.name, enriched.name, indexed.name] == names
    assert len({span.context.trace_id for span in (published, enriched, indexed)}) == 1
    assert published.parent is None
    assert (enriched.parent.span_id, indexed.parent.span_id) == (published.context.span_id, enriched.context.span_id)
    assert [span.kind for span in (published, enriched, indexed)] == [SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.CONSUMER]


def test_a_span_says_which_record_it_is_about_and_what_came_of_it(publish, read):
    exporter = InMemorySpanExporter()

    with running_traces("test", ON, exporter):
        record = publish()
        read(record, enrich)

    assert dict(span_of(exporter, "articles.published process").attributes) == {
        "messaging.system": "kafka",
        "messaging.destination.name": "articles.published",
        "messaging.destination.partition.id": "3",
        "messaging.kafka.offset": 7,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.consumer.group.name": "dateline.test",
        "dateline.article.id": record.key.decode(),
        "dateline.outcome": "enriched",
    }


def test_a_dead_letter_is_an_error_in_the_trace_and_carries_the_header_on(publish, read):
    exporter = InMemorySpanExporter()

    with running_traces("test", ON, exporter):
        record = publish()
        (letter,) = read(record, refuse)

    span = span_of(exporter, "articles.published process")
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes["dateline.outcome"], span.attributes["error.type"]) == ("dead-lettered", "refused_by_index")
    assert letter.header("traceparent") == record.header("traceparent")


def test_the_traceparent_of_a_request_is_the_parent(publish):
    exporter = InMemorySpanExporter()

    with running_traces("test", ON, exporter):
        record = publish(REQUESTED)

    (span,) = finished(exporter)
    assert f"{span.context.trace_id:032x}" == REQUESTED[3:35]
    assert f"{span.parent.span_id:016x}" == REQUESTED[36:52]
    assert record.header("traceparent") == f"{REQUESTED[:36]}{span.context.span_id:016x}-01"


@pytest.mark.parametrize("invalid", ["", "x", REQUESTED.upper(), "00-" + "0" * 32 + REQUESTED[35:], "ff" + REQUESTED[2:]])
def test_a_request_with_an_invalid_traceparent_begins_a_trace_of_its_own(publish, invalid):
    exporter = InMemorySpanExporter()

    with running_traces("test", ON, exporter):
        publish(invalid)

    (span,) = finished(exporter)
    assert span.parent is None


def test_a_request_whose_trace_is_not_recorded_has_no_span_and_no_header(publish):
    exporter = InMemorySpanExporter()

    with running_traces("test", ON, exporter):
        record = publish(UNSAMPLED)

    assert (exporter.get_finished_spans(), record.header("traceparent")) == ((), None)


def test_a_ratio_of_none_records_no_trace_that_begins_here(publish):
    exporter = InMemorySpanExporter()

    with running_traces("test", TraceSettings(endpoint="http://127.0.0.1:9", ratio=0), exporter):
        record = publish()

    assert (exporter.get_finished_spans(), record.header("traceparent")) == ((), None)


@pytest.mark.parametrize("traceparent", [None, UNSAMPLED, "garbage"])
def test_a_record_without_a_recorded_trace_has_no_span_and_goes_on_as_it_is(publish, read, traceparent):
    exporter, record = InMemorySpanExporter(), publish()
    headers = () if traceparent is None else (("traceparent", traceparent.encode()),)
    record = Record(record.topic, 0, 0, record.key, record.value, (*record.headers, *headers), 0)

    with running_traces("test", ON, exporter):
        (enriched,) = read(record, enrich)

    assert (exporter.get_finished_spans(), enriched.header("traceparent")) == ((), traceparent)


def test_no_span_is_made_of_a_record_whose_trace_is_not_recorded(publish, read, monkeypatch):
    """It would not be sent: but to make one costs more than to look at the header."""
    made, record = [], publish()
    monkeypatch.setattr(Spans, "start_process", lambda *arguments: made.append(arguments))
    record = Record(record.topic, 0, 0, record.key, record.value, (*record.headers, ("traceparent", UNSAMPLED.encode())), 0)

    with running_traces("test", ON, InMemorySpanExporter()):
        read(record, enrich)

    assert made == []


def test_a_document_that_comes_in_by_kafka_begins_a_trace_which_its_article_goes_on_with(publish, read):
    exporter, article = InMemorySpanExporter(), publish()
    outcome = Published([NewRecord(article.topic, article.key, article.value, article.headers)])

    with running_traces("test", ON, exporter):
        inbound = Record(topics.INBOUND, 0, 0, b"own", b"{}", (), 0)
        (published,) = read(inbound, lambda documents: [outcome], decode=lambda record: record)

    (span,) = finished(exporter)
    assert (span.name, span.parent) == ("articles.inbound process", None)
    assert span.attributes["dateline.article.id"] == article.key.decode()
    assert published.header("traceparent") == f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-01"


def test_an_article_that_could_not_be_sent_is_an_error_in_the_trace():
    exporter = InMemorySpanExporter()

    with (
        running_traces("test", ON, exporter),
        pytest.raises(Unavailable),
        trace_publishing([an_event(an_article())], topics.PUBLISHED),
    ):
        raise Unavailable("Kafka is away")

    (span,) = finished(exporter)
    assert (span.status.status_code, span.attributes["error.type"]) == (StatusCode.ERROR, "Unavailable")


def test_nothing_is_traced_while_traces_are_off(publish, read):
    with running_traces("test", OFF):
        record = publish(REQUESTED)
        (enriched,) = read(record, enrich)

    assert (record.header("traceparent"), enriched.header("traceparent")) == (None, None)


def test_the_header_passes_a_service_that_has_traces_off(publish, read):
    with running_traces("test", ON, InMemorySpanExporter()):
        record = publish()

    (enriched,) = read(record, enrich)

    assert record.header("traceparent") is not None
    assert enriched.header("traceparent") == record.header("traceparent")


def test_opentelemetry_is_not_imported_while_traces_are_off():
    program = """
import sys
import shared.consuming, shared.service
from shared.settings import TraceSettings
from shared.tracing import running_traces
with running_traces("test", TraceSettings()):
    print([name for name in sys.modules if name.startswith(("opentelemetry", "shared.spans"))])
"""

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_an_endpoint_without_the_extra_is_an_error_that_names_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "shared.spans")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)

    with pytest.raises(Misconfigured, match="extra `otel`"), running_traces("test", ON):
        pass


def test_spans_reach_a_collector_by_otlp_over_http(publish):
    asked = []

    def collect(request):
        content = request.rfile.read(int(request.headers["Content-Length"]))
        asked.append((request.path, ExportTraceServiceRequest.FromString(content)))
        send(request, 200, b"", Content_Type="application/x-protobuf")

    with serving(collect) as url, running_traces("ingest", TraceSettings(endpoint=url)):
        publish(REQUESTED)
        eventually(lambda: asked, bool)

    ((path, sent),) = asked
    (resource_spans,) = sent.resource_spans
    (span,) = resource_spans.scope_spans[0].spans
    resource = {each.key: each.value.string_value for each in resource_spans.resource.attributes}
    assert path == "/v1/traces"
    assert (resource["service.namespace"], resource["service.name"]) == ("dateline", "ingest")
    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == (
        "articles.published publish",
        REQUESTED[3:35],
        REQUESTED[36:52],
    )


def test_spans_that_wait_are_sent_when_the_service_ends(publish):
    asked = []

    def collect(request):
        request.rfile.read(int(request.headers["Content-Length"]))
        asked.append(request.path)
        send(request, 200, b"")

    with serving(collect) as url, running_traces("ingest", TraceSettings(endpoint=f"{url}/own/path")):
        publish()

    assert asked == ["/own/path"]


def test_a_collector_that_hangs_holds_up_the_end_for_two_seconds_at_most(publish):
    let_go = threading.Event()

    def hang(request):
        let_go.wait(20)

    with serving(hang) as url:
        with running_traces("ingest", TraceSettings(endpoint=url)):
            publish()
            ended = time.monotonic()
        took = time.monotonic() - ended
        let_go.set()

    assert took < 4


class Refusing(SpanExporter):
    """Takes nothing."""

    def export(self, spans):
        return SpanExportResult.FAILURE if spans else SpanExportResult.SUCCESS

    def shutdown(self):
        """Nothing to do."""


def counted(result):
    return SPANS.labels(result)._value.get()  # noqa: SLF001 - the client has no other way to read one


def test_spans_that_the_collector_refuses_are_counted():
    before = counted("failed")

    CountedExporter(Refusing()).export([cast("Any", None)] * 3)

    assert counted("failed") - before == 3


def test_failures_are_told_once_a_minute(monkeypatch):
    told, clock = [], [0.0]
    monkeypatch.setattr("shared.spans._log.warning", lambda message, **_: told.append((clock[0], message)))
    exporter = CountedExporter(Refusing(), lambda: clock[0])

    for clock[0] in (0.0, 1.0, 59.0, 60.0, 61.0):
        exporter.export([cast("Any", None)])

    assert [when for when, _ in told] == [0.0, 60.0]


def test_more_spans_than_can_wait_are_dropped_and_counted():
    exporter, before = CountedExporter(Refusing()), counted("dropped")

    admitted = [exporter.admit() for _ in range(MOST_WAITING + 2)]

    assert admitted == [True] * MOST_WAITING + [False] * 2
    assert counted("dropped") - before == 2


def test_of_a_later_version_the_part_that_all_versions_have_is_read():
    assert parse_traceparent("cc" + REQUESTED[2:] + "-what-the-future-will-be-like") == parse_traceparent(REQUESTED)
    assert parse_traceparent(REQUESTED + "-more") is None


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.integers(0, 255))
def test_a_traceparent_is_read_as_it_is_written(trace_id, span_id, flags):
    assert parse_traceparent(f"00-{trace_id:032x}-{span_id:016x}-{flags:02x}") == Parent(trace_id, span_id, flags % 2 == 1)


@given(st.text(max_size=80))
def test_whatever_is_sent_as_traceparent_is_read_or_ignored(text):
    assert parse_traceparent(text) is None or len(text) >= 55
