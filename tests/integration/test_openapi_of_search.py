"""What the OpenAPI document of search says is what search does: schemathesis asks it, on the real engine."""

import threading

import pytest
import schemathesis
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ops.cli.setup import create_indices
from ops.local.ports import free_ports
from services.search.app import build_search_app
from services.search.settings import SearchSettings
from shared.serving import serve_http
from shared.settings import ElasticsearchSettings

DOCUMENT = build_search_app(SearchSettings()).openapi()
#: Feeds are described by their own standards, and streams do not end while somebody listens.
OTHERS = ("/feeds/", "/v1/stream/")
#: Not that all data of the right form are taken: no schema says what can be read as a query, or that a text is blank.
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
OPERATIONS = {
    f"{operation.method} {operation.path}": operation
    for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
    if isinstance(found, Ok) and not (operation := found.ok()).path.startswith(OTHERS)
}


@pytest.fixture(scope="module")
def address(engines):
    """Where search answers, as a server of its own."""
    with Elasticsearch(engines.elasticsearch_url) as client:
        create_indices(client)
        app = build_search_app(SearchSettings(elasticsearch=ElasticsearchSettings(url=engines.elasticsearch_url)))
        (port,), stop = free_ports(1), threading.Event()
        server = threading.Thread(target=serve_http, args=(app, "127.0.0.1", port, "SEARCH", stop))
        server.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            stop.set()
            server.join()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_one_that_the_document_describes(address, name):
    @settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        st.one_of(
            OPERATIONS[name].as_strategy(), OPERATIONS[name].as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
        )
    )
    def ask(case):
        case.call_and_validate(base_url=address, timeout=20, checks=CHECKS)

    ask()
