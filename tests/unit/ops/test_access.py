"""The table of rights, and what `dateline setup` makes of it."""

import orjson
import pytest

from ops.cli.access import ELASTICSEARCH_ROLES, KAFKA_RIGHTS
from ops.cli.elastic_roles import create_roles
from ops.cli.kafka_acls import Allowed, build_allowed
from ops.cli.security import PRINCIPAL, describe_security
from ops.local.services import NAMES
from services.popularity.layout import GROUP, SOURCES
from shared import topics
from shared.elastic import connect_elastic
from shared.failures import Misconfigured
from shared.settings import ElasticsearchSettings
from tests.command import dateline
from tests.doubles import http_double

SERVICES = {user: rights for user, rights in KAFKA_RIGHTS.items() if user in NAMES}
TOPICS = {topic.name for topic in topics.all_topics()}


def test_every_service_has_an_account():
    assert set(SERVICES) == set(NAMES)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_topic_is_written_by_one_service_or_by_strangers(topic):
    writers = {user for user, rights in SERVICES.items() if topic in rights.writes}
    consumed_by = {user for user, rights in SERVICES.items() if topic in rights.reads}

    assert writers or topic == topics.INBOUND
    assert consumed_by or topic.endswith(".dead-letters")


@pytest.mark.parametrize("user", SERVICES)
def test_a_service_may_write_the_dead_letters_of_what_it_consumes_and_no_others(user):
    rights = SERVICES[user]
    letters = {topics.source_of(topic) for topic in rights.writes if topic.endswith(".dead-letters")}

    assert letters <= set(rights.reads)


def test_what_popularity_counts_is_what_it_may_read():
    assert set(SOURCES) | {topics.COUNTS} == set(SERVICES["popularity"].reads)
    assert SERVICES["popularity"].groups == (GROUP,)


def test_no_service_may_create_or_look_at_what_is_not_its_own():
    assert not any(rights.creates or rights.groups_seen for rights in SERVICES.values())


def test_rights_become_acls_of_a_principal():
    assert build_allowed({"search": KAFKA_RIGHTS["search"]}, PRINCIPAL) == [
        Allowed("User:dateline-search", "topic", "searches.saved", is_prefix=False, operation="write")
    ]


def test_all_is_printed_with_nothing_running():
    done = dateline("setup", "--print-security", "--principal", "User:CN={user},O=News")
    printed = orjson.loads(done.stdout)

    assert {acl["principal"] for acl in printed["kafka_acls"]} == {f"User:CN={user},O=News" for user in KAFKA_RIGHTS}
    assert set(printed["elasticsearch_roles"]) == {f"dateline-{user}" for user in ELASTICSEARCH_ROLES}


@pytest.mark.parametrize("principal", ["dateline-{user}", "User:dateline", "User:{name}", "User:{user}-{x}"])
def test_a_principal_that_would_be_the_same_for_all_is_refused(principal):
    with pytest.raises(Misconfigured, match="must begin with User:"):
        describe_security(principal)


def test_roles_are_written_by_the_security_api():
    asked = {}

    def answer(path, body):
        asked[path] = orjson.loads(body)
        return 200, {"role": {"created": True}}

    with http_double(answer) as url, connect_elastic(ElasticsearchSettings(url=url)) as client:
        written = create_roles(client, ELASTICSEARCH_ROLES, "dateline-{user}")

    assert asked == {f"/_security/role/{name}": describe_security(PRINCIPAL)["elasticsearch_roles"][name] for name in written}
    assert "dateline-indexer" in written


def test_an_elasticsearch_without_security_is_told_to_switch_it_on():
    with (
        http_double(lambda path, body: (400, {"error": {"type": "illegal_argument_exception"}})) as url,
        connect_elastic(ElasticsearchSettings(url=url)) as client,
        pytest.raises(Misconfigured, match=r"switch xpack\.security\.enabled on"),
    ):
        create_roles(client, ELASTICSEARCH_ROLES, "dateline-{user}")
