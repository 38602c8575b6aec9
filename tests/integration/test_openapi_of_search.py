"""What the OpenAPI document of search says is what search does: schemathesis asks it, on the real engine."""

import hashlib
import threading

import pytest
import schemathesis
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ops.cli.setup import create_indices, create_topics
from ops.local.ports import free_ports
from services.search.app import build_search_app
from services.search.settings import ReadingSettings, SearchSettings
from shared.serving import serve_http
from shared.settings import ElasticsearchSettings, WebhookSettings
from tests.kafka_topics import kafka_settings
from tests.saving import a_saved_search

DOCUMENT = build_search_app(SearchSettings()).openapi()
TOKEN = "only for tests"
SAVED = a_saved_search("bridge")
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
    """Where search answers, as a server of its own, which lets searches be saved; one is."""
    kafka = kafka_settings(engines.kafka_bootstrap)
    create_topics(kafka, 4, 1)
    with Elasticsearch(engines.elasticsearch_url) as client:
        create_indices(client)
        stored = SAVED.model_dump(mode="json", exclude={"condition", "webhook"})
        client.index(index="saved-searches", id=SAVED.search_id, document=stored, refresh=True)
        settings = SearchSettings(
            kafka=kafka,
            elasticsearch=ElasticsearchSettings(url=engines.elasticsearch_url),
            webhooks=WebhookSettings(key=SecretStr("k" * 32)),
            search=ReadingSettings(saving_token_hashes=(hashlib.sha256(TOKEN.encode()).hexdigest(),)),
        )
        app = build_search_app(settings)
        (port,), stop = free_ports(1), threading.Event()
        server = threading.Thread(target=serve_http, args=(app, "127.0.0.1", port, "SEARCH", stop))
        server.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            stop.set()
            server.join()
            client.delete(index="saved-searches", id=SAVED.search_id)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_one_that_the_document_describes(address, name):
    @settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        st.one_of(
            OPERATIONS[name].as_strategy(), OPERATIONS[name].as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
        )
    )
    def ask(case):
        # Nobody guesses the id of a saved search: what is asked of one that there is not is but half of what can be asked.
        if "search_id" in (case.path_parameters or {}) and "0" in case.path_parameters["search_id"]:
            case.path_parameters["search_id"] = SAVED.search_id
        case.headers.update({"Authorization": f"Bearer {TOKEN}"} if "saved" in name else {})
        case.call_and_validate(base_url=address, timeout=20, checks=CHECKS)

    ask()
