"""What is not in the table of rights is refused by a real Kafka, for every user: each topic, group, transactional id and admin."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pytest
from kafka import KafkaProducer, TopicPartition
from kafka.admin import ACL, ACLOperation, ACLPermissionType, NewTopic, ResourcePattern, ResourceType
from kafka.errors import AuthorizationError
from kafka.structs import OffsetAndMetadata

from ops.cli.access import KAFKA_RIGHTS, KafkaRights
from ops.cli.kafka_acls import build_allowed, create_acls
from ops.cli.security import PRINCIPAL
from ops.cli.stepping_over import STEPPABLE
from shared import topics
from shared.failures import Misconfigured
from shared.kafka_connection import connect_admin, connect_consumer, connection_arguments
from shared.outcomes import NewRecord
from shared.producing import Producer
from tests.kafka_topics import kafka_settings
from tests.secured_engines import ADMIN, STRANGER, USERS
from tests.stack import eventually

TOPICS = tuple(topic.name for topic in topics.all_topics())
GROUPS = tuple(group for rights in KAFKA_RIGHTS.values() for group in rights.groups)
every_user = pytest.mark.parametrize("user", USERS)


def rights_of(user) -> KafkaRights:
    return KAFKA_RIGHTS.get(user, KafkaRights())


def refused(act) -> bool:
    try:
        act()
    except AuthorizationError:
        return True
    return False


def raise_first(answers) -> None:
    for answer in answers.values():
        raise answer


def is_read_refused(consumer, place) -> bool:
    """A topic that may not be seen is refused when offsets are asked for, one that may be seen when it is polled."""
    return refused(lambda: consumer.end_offsets([place])) or refused(lambda: consumer.poll(timeout_ms=100))


def test_the_matrix_is_large():
    writes = sum(len(set(TOPICS) - set(rights_of(user).writes)) for user in USERS)
    reads = sum(len(set(TOPICS) - set(rights_of(user).reads)) for user in USERS)

    assert len(USERS) == 9
    assert writes + reads >= 300


@every_user
def test_no_user_writes_to_a_topic_that_is_not_its_own(secured, user):
    # Without a producer's id, which who may write nowhere is not given: that would be no answer about a topic.
    with closing(KafkaProducer(**connection_arguments(secured.kafka(user)), enable_idempotence=False)) as producer:

        def is_refused(topic):
            return refused(lambda: producer.send(topic, key=b"k", value=b"v", partition=0).get(timeout=10))

        forbidden = sorted(set(TOPICS) - set(rights_of(user).writes))
        with ThreadPoolExecutor(8) as pool:  # kafka-python waits a tenth of a second for each
            assert [topic for topic, held in zip(forbidden, pool.map(is_refused, forbidden), strict=True) if not held] == []


@pytest.mark.parametrize("user", ["setup", "search", STRANGER])
def test_a_service_whose_right_to_write_is_missing_is_told_that_it_is_forbidden_and_does_not_wait(secured, user):
    with Producer(secured.kafka(user), "rights") as producer, pytest.raises(Misconfigured, match="forbids producing"):
        producer.send_all([NewRecord(topics.PUBLISHED, b"k", b"v", (), 0)])


@every_user
def test_no_user_reads_a_topic_that_is_not_its_own(secured, user):
    with closing(connect_consumer(secured.kafka(user), "rights", group_id=None)) as consumer:
        for topic in sorted(set(TOPICS) - set(rights_of(user).reads)):
            place = TopicPartition(topic, 0)
            consumer.assign([place])
            consumer.seek(place, 0)
            eventually(partial(is_read_refused, consumer, place), bool, 10)


@every_user
def test_no_user_is_in_a_consumer_group_that_is_not_its_own(secured, user):
    rights = rights_of(user)
    for group in GROUPS:
        if group in rights.groups:
            continue
        with closing(connect_consumer(secured.kafka(user), "rights", group_id=group)) as consumer:
            if not rights.groups_seen:
                assert refused(lambda: consumer.committed(TopicPartition(topics.ENRICHED, 0))), group
            consumer.subscribe([topics.ENRICHED])
            eventually(lambda: refused(lambda: consumer.poll(timeout_ms=200)), bool, 15)


@every_user
def test_no_user_moves_a_consumer_group_that_is_not_its_own(secured, user):
    offsets = {TopicPartition(topics.ENRICHED, 0): OffsetAndMetadata(0, "", -1)}
    with closing(connect_admin(secured.kafka(user))) as admin:
        for group in sorted(set(GROUPS) - set(rights_of(user).groups)):
            # Who may look at a group is answered for each partition, and who may not for the whole of it.
            assert refused(lambda group=group: raise_first(admin.alter_group_offsets(group, offsets))), group


def test_the_operator_may_step_over_a_record_for_every_group_that_stands_at_one(secured):
    place = TopicPartition(topics.ENRICHED, 0)
    with closing(connect_admin(secured.kafka("operator"))) as admin:
        for service in STEPPABLE:
            group = f"dateline.{service}"
            admin.describe_groups([group])
            admin.list_group_offsets({group: [place]})
            (answer,) = admin.alter_group_offsets(group, {place: OffsetAndMetadata(0, "", -1)}).values()
            assert not issubclass(answer, AuthorizationError), "a group that has members answers so, and moves nothing"


@every_user
def test_no_user_shuts_out_whoever_counts(secured, user):
    if rights_of(user).transactional_ids:
        pytest.skip("may")
    with closing(KafkaProducer(**connection_arguments(secured.kafka(user)), transactional_id="dateline.popularity-0")) as producer:
        assert refused(producer.init_transactions)


@every_user
def test_no_user_changes_the_cluster(secured, user):
    own = ACL(f"User:{user}", "*", ACLOperation.ALL, ACLPermissionType.ALLOW, ResourcePattern(ResourceType.TOPIC, topics.PUBLISHED))
    with closing(connect_admin(secured.kafka(user))) as admin:
        assert refused(lambda: admin.create_topics([NewTopic("accounts", 1, 1)]))
        assert refused(lambda: admin.delete_topics([topics.PUBLISHED]))
        assert admin.create_acls([own])["succeeded"] == []
        if not rights_of(user).creates:
            assert refused(lambda: admin.create_topics([NewTopic(topics.PUBLISHED, 1, 1)], validate_only=True))


def test_setting_security_up_again_changes_nothing(secured):
    done = create_acls(secured.kafka(ADMIN), build_allowed(KAFKA_RIGHTS, PRINCIPAL))

    assert (done.created, done.beyond) == ([], [])
    assert done.kept > 100


def test_what_is_allowed_beyond_the_table_is_named(secured):
    wanted = [each for each in build_allowed(KAFKA_RIGHTS, PRINCIPAL) if each.resource != "group"]

    done = create_acls(secured.kafka(ADMIN), wanted)

    assert "User:dateline-indexer read group dateline.indexer" in {str(each) for each in done.beyond}
    assert "Allowed, but not needed: User:dateline-indexer read group dateline.indexer" in str(done)


def test_whoever_may_not_change_acls_is_told_who_may(secured):
    with pytest.raises(Misconfigured, match="may not change ACLs"):
        create_acls(secured.kafka(STRANGER), build_allowed(KAFKA_RIGHTS, PRINCIPAL))


def test_a_cluster_without_an_authorizer_is_told_to_have_one(engines):
    with pytest.raises(Misconfigured, match="no authorizer"):
        create_acls(kafka_settings(engines.kafka_bootstrap), build_allowed(KAFKA_RIGHTS, PRINCIPAL))
