"""What is generated from the code is checked in as it is generated now, and says what the records look like."""

import json

import pytest
from jsonschema import Draft202012Validator

from ops.schemas import ROOT, build_files
from shared.events import EVENT_TYPES
from tests.contract.golden import GOLDEN

FILES = build_files()
CHECKER = Draft202012Validator.FORMAT_CHECKER


def event_schema(kind):
    return json.loads((ROOT / f"schemas/events/{kind}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES)
def test_a_generated_file_is_current(path):
    file = ROOT / path

    assert file.exists(), f"{path} is missing: run `make schemas` and commit it"
    assert file.read_text(encoding="utf-8") == FILES[path], f"{path} is not what the code says: run `make schemas` and commit it"


def test_there_is_no_schema_of_an_event_that_does_not_exist():
    assert {path.stem for path in (ROOT / "schemas/events").iterdir()} == set(EVENT_TYPES)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_an_event_schema_is_json_schema_2020_12(kind):
    schema = event_schema(kind)

    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.type)
def test_an_event_schema_accepts_its_golden_record(golden):
    validator = Draft202012Validator(event_schema(golden.type), format_checker=CHECKER)

    assert [error.message for error in validator.iter_errors(golden.value)] == []


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.type)
def test_an_event_schema_refuses_a_record_without_what_is_required(golden):
    schema = event_schema(golden.type)

    for name in schema["required"]:
        lacking = {key: value for key, value in golden.value.items() if key != name}
        assert not Draft202012Validator(schema).is_valid(lacking), f"{name} is required"


@pytest.mark.parametrize("service", ["ingest", "search"])
def test_openapi_is_of_version_3_1_and_its_references_resolve(service):
    document = json.loads(FILES[f"schemas/openapi-{service}.json"])

    assert document["openapi"].startswith("3.1")
    for reference in references(document):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def references(node):
    """Every `$ref` below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)
