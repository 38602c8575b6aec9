"""schemas/asyncapi.yaml is kept by hand: here it is held to the topics and event types of the code.

The official JSON Schema of AsyncAPI comes in no Python package (in npm it is @asyncapi/specs, with @asyncapi/parser), so the
structure is checked here as far as the document uses it.
"""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from ops.local.services import NAMES
from services.popularity.layout import SOURCES
from shared.events import EVENT_TYPES
from shared.outcomes import DeadLetterCode
from shared.topics import CONSUMED, all_topics, dead_letters_of
from tests.builders import a_record
from tests.contract.golden import GOLDEN

FILE = Path(__file__).resolve().parents[2] / "schemas" / "asyncapi.yaml"
DOCUMENT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CHANNELS, OPERATIONS = DOCUMENT["channels"], DOCUMENT["operations"]

DEFAULT_PARTITIONS = 4
#: What of a topic's configuration matters to those who read it; how the broker cuts segments does not.
PROMISED = {"cleanup.policy", "retention.ms", "max.message.bytes", "message.timestamp.type"}
#: Which keys an object may have in AsyncAPI 3.0, as far as they are used here, and which it must have.
ALLOWED = {
    "document": ({"asyncapi", "id", "info", "channels", "operations", "components", "defaultContentType"}, {"asyncapi", "info"}),
    "channel": ({"address", "description", "messages", "parameters", "bindings"}, {"address"}),
    "operation": ({"action", "summary", "tags", "channel"}, {"action", "channel"}),
    "message": ({"name", "title", "headers", "payload", "contentType", "bindings"}, {"name", "payload"}),
}


def resolved(reference):
    """What a `$ref` names; KeyError or FileNotFoundError where there is nothing."""
    file, _, pointer = reference.partition("#")
    node = json.loads((FILE.parent / file).read_text(encoding="utf-8")) if file else DOCUMENT
    for part in pointer.strip("/").split("/") if pointer else ():
        node = node[part]
    return node


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def addresses(channel):
    """Every topic that a channel stands for, its parameter filled in."""
    names = channel.get("parameters", {}).get("topic", {}).get("enum", [""])
    return [channel["address"].replace("{topic}", name) for name in names]


def topics_of(action, service):
    return {
        topic
        for operation in OPERATIONS.values()
        if operation["action"] == action and operation["tags"] == [{"name": service}]
        for topic in addresses(resolved(operation["channel"]["$ref"]))
    }


def check_keys(kind, node):
    allowed, required = ALLOWED[kind]
    assert required <= set(node) <= allowed


def test_it_has_the_structure_of_asyncapi_3():
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(DOCUMENT["info"])
    check_keys("document", DOCUMENT)
    for channel in CHANNELS.values():
        check_keys("channel", channel)
    for operation in OPERATIONS.values():
        check_keys("operation", operation)
        assert operation["action"] in ("send", "receive")
    for message in DOCUMENT["components"]["messages"].values():
        check_keys("message", message)


def test_every_reference_resolves():
    for reference in references(DOCUMENT):
        assert isinstance(resolved(reference), dict), reference


def test_its_channels_are_the_topics():
    described = [topic for channel in CHANNELS.values() for topic in addresses(channel)]

    assert sorted(described) == sorted(topic.name for topic in all_topics())


@pytest.mark.parametrize("topic", all_topics(), ids=lambda topic: topic.name)
def test_a_channel_says_how_its_topic_is_set_up(topic):
    (channel,) = [channel for channel in CHANNELS.values() if topic.name in addresses(channel)]
    binding = channel["bindings"]["kafka"]

    configs = {
        name: ",".join(value) if isinstance(value, list) else str(value) for name, value in binding["topicConfiguration"].items()
    }
    assert configs == {name: value for name, value in topic.configs.items() if name in PROMISED}
    assert binding["partitions"] == (1 if topic.single else DEFAULT_PARTITIONS)
    assert binding["bindingVersion"] == "0.5.0"


def test_its_events_are_the_event_types():
    described = {name for name in DOCUMENT["components"]["messages"] if name.startswith("news.")}

    assert described == set(EVENT_TYPES)
    for name in described:
        assert DOCUMENT["components"]["messages"][name]["payload"] == {"$ref": f"./events/{name}.json"}


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.type)
def test_the_channel_of_a_golden_record_describes_its_headers_and_key(golden):
    message = resolved(CHANNELS[golden.topic]["messages"][golden.type]["$ref"])

    headers = {"$ref": message["headers"]["$ref"], "components": DOCUMENT["components"]}
    Draft7Validator(headers, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(dict(golden.headers))
    if golden.key is None:
        assert "bindings" not in message
    else:
        Draft7Validator(message["bindings"]["kafka"]["key"]).validate(golden.key)


def test_an_event_without_its_required_headers_is_not_one():
    headers = {"$ref": "#/components/schemas/keyedEventHeaders", "components": DOCUMENT["components"]}
    whole = {name: value.decode() for name, value in a_record().headers}

    assert Draft7Validator(headers).is_valid(whole)
    for name in whole:
        assert not Draft7Validator(headers).is_valid({other: value for other, value in whole.items() if other != name}), name


def test_the_codes_of_dead_letters_are_those_of_the_code():
    codes = DOCUMENT["components"]["schemas"]["deadLetterHeaders"]["properties"]["dead_letter_code"]["enum"]

    assert codes == list(DeadLetterCode)


def test_every_topic_that_can_have_dead_letters_has_a_reader():
    read = set().union(*(topics_of("receive", service) for service in NAMES))

    assert set(CONSUMED) == read & set(CONSUMED)


def test_popularity_reads_what_it_counts():
    assert set(SOURCES) <= topics_of("receive", "popularity")


def test_whoever_reads_events_of_others_may_send_dead_letters_of_them():
    for service in ("enrich", "popularity", "indexer"):
        letters = {dead_letters_of(topic) for topic in topics_of("receive", service) & set(CONSUMED)}
        assert letters <= topics_of("send", service)
