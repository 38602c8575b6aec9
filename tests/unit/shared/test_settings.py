"""Settings from the environment."""

import pytest

from services.indexer.settings import IndexerSettings
from services.ingest.settings import IngestSettings
from shared.failures import Misconfigured
from shared.settings import environment_names, load_settings

HASH = "a" * 64


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in environment_names(IngestSettings) | environment_names(IndexerSettings):
        monkeypatch.delenv(name, raising=False)


def test_a_variable_is_prefix_group_and_field(monkeypatch):
    monkeypatch.setenv("DATELINE_KAFKA_BOOTSTRAP_SERVERS", "a:1,b:2")

    assert load_settings(IndexerSettings).kafka.bootstrap_servers == "a:1,b:2"


def test_several_values_are_parted_by_blanks_or_commas(monkeypatch):
    monkeypatch.setenv("DATELINE_INGEST_TOKEN_HASHES", HASH)
    monkeypatch.setenv("DATELINE_INGEST_FEEDS", "http://a.example/feed, http://b.example/feed")

    assert load_settings(IngestSettings).ingest.feeds == ("http://a.example/feed", "http://b.example/feed")


def test_everything_that_is_wrong_is_named_at_once(monkeypatch):
    monkeypatch.setenv("DATELINE_KAFKA_COMPRESSION", "rar")
    monkeypatch.setenv("DATELINE_KAFKA_BOOTSTRAP", "a:1")
    monkeypatch.setenv("DATELINE_LOG_LEVEL", "loud")
    monkeypatch.setenv("DATELINE_COLOUR", "red")

    with pytest.raises(Misconfigured) as raised:
        load_settings(IndexerSettings)

    for name in ("DATELINE_KAFKA_COMPRESSION", "DATELINE_KAFKA_BOOTSTRAP", "DATELINE_LOG_LEVEL", "DATELINE_COLOUR"):
        assert f"{name}: " in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATELINE_KAFKA_BOOTSTRAP_SERVERS", ""),
        ("DATELINE_KAFKA_BOOTSTRAP_SERVERS", "localhost:abc"),
        ("DATELINE_KAFKA_BOOTSTRAP_SERVERS", "localhost"),
        ("DATELINE_KAFKA_CA_FILE", "/no/such/file"),
        ("DATELINE_ELASTICSEARCH_URL", "http://localhost"),
        ("DATELINE_ELASTICSEARCH_URL", "http://"),
        ("DATELINE_ELASTICSEARCH_CA_FILE", "/no/such/file"),
    ],
)
def test_what_no_connection_can_be_made_with_is_refused_before_any_is_tried(monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    with pytest.raises(Misconfigured, match=name):
        load_settings(IndexerSettings)


def test_a_group_given_as_one_value_is_refused(monkeypatch):
    monkeypatch.setenv("DATELINE_KAFKA", "junk")

    with pytest.raises(Misconfigured, match="kafka"):
        load_settings(IndexerSettings)


def test_sasl_without_credentials_is_refused(monkeypatch):
    monkeypatch.setenv("DATELINE_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")

    with pytest.raises(Misconfigured, match="KAFKA_USERNAME"):
        load_settings(IndexerSettings)


def test_another_service_s_settings_are_not_ours_to_judge(monkeypatch):
    monkeypatch.setenv("DATELINE_INGEST_WHATEVER", "x")

    assert load_settings(IndexerSettings) == IndexerSettings()


def test_ingest_does_not_start_without_a_token_that_may_publish():
    with pytest.raises(Misconfigured, match=r"DATELINE_INGEST: .*nobody may publish"):
        load_settings(IngestSettings)


def test_a_token_in_place_of_its_hash_is_refused_without_being_repeated(monkeypatch):
    monkeypatch.setenv("DATELINE_INGEST_TOKEN_HASHES", "my-secret-token")

    with pytest.raises(Misconfigured, match="not the token itself") as raised:
        load_settings(IngestSettings)

    assert "my-secret-token" not in str(raised.value)
