"""Settings of TLS and accounts: what does not fit together ends a service at its start, and names what is to be changed."""

import pytest

from services.indexer.settings import IndexerSettings
from shared.engine_settings import ElasticsearchSettings, KafkaSettings
from shared.failures import Misconfigured, Unavailable
from shared.settings import environment_names, load_settings
from tests.certificates import Authority

SECRET = "geheim-8bd1"
ACCOUNT = {"KAFKA_USERNAME": "u", "KAFKA_PASSWORD": SECRET}
SASL = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", **ACCOUNT}
HTTPS = {"ELASTICSEARCH_URL": "https://a.example:9200"}


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in environment_names(IndexerSettings):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files by name, good and bad."""
    folder = tmp_path_factory.mktemp("files")
    authority = Authority(folder / "authority", "A")
    own = authority.issue("own")
    other = authority.issue("other")
    made = {"empty": "", "secret": SECRET + "\n", "two-lines": "a\nb\n", "nonsense": "no certificate"}
    for name, content in made.items():
        (folder / name).write_text(content)
    return {name: str(folder / name) for name in made} | {
        "ca": str(authority.file),
        "own": str(own.certificate),
        "own-key": str(own.key),
        "other-key": str(other.key),
    }


def load(monkeypatch, files, given):
    for name, value in given.items():
        monkeypatch.setenv(f"DATELINE_{name}", files.get(value.removeprefix("@"), value) if value.startswith("@") else value)
    return load_settings(IndexerSettings)


REFUSED = {
    "an account that nobody is told": (ACCOUNT, "KAFKA_SECURITY_PROTOCOL=PLAINTEXT: set SASL_SSL"),
    "a user without SASL": ({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_USERNAME": "u"}, "set SASL_SSL"),
    "SASL without an account": ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "KAFKA_PASSWORD or DATELINE_KAFKA_PASSWORD_FILE"),
    "SASL without a password": ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USERNAME": "u"}, "needs DATELINE_KAFKA_USERNAME"),
    "SASL without a user": ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_PASSWORD": SECRET}, "needs DATELINE_KAFKA_USERNAME"),
    "a password for all to read": (
        {**ACCOUNT, "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM": "PLAIN"},
        "KAFKA_SASL_MECHANISM=PLAIN would send the password for all to read",
    ),
    "a mechanism that there is not": ({**SASL, "KAFKA_SASL_MECHANISM": "GSSAPI"}, "KAFKA_SASL_MECHANISM"),
    "a protocol that there is not": ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL"),
    "two passwords": ({**SASL, "KAFKA_PASSWORD_FILE": "@secret"}, "KAFKA_PASSWORD_FILE are both set"),
    "an empty password file": (
        {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USERNAME": "u", "KAFKA_PASSWORD_FILE": "@empty"},
        "it must hold one line",
    ),
    "a password file of two lines": (
        {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USERNAME": "u", "KAFKA_PASSWORD_FILE": "@two-lines"},
        "it must hold one line",
    ),
    "a CA file without TLS": ({"KAFKA_CA_FILE": "@ca"}, "of no use without TLS"),
    "a CA file that is none": ({**SASL, "KAFKA_CA_FILE": "@nonsense"}, "DATELINE_KAFKA_CA_FILE: "),
    "an empty CA file": ({**SASL, "KAFKA_CA_FILE": "@empty"}, "DATELINE_KAFKA_CA_FILE: "),
    "a key without its certificate": (
        {**SASL, "KAFKA_CLIENT_KEY_FILE": "@own-key"},
        "without DATELINE_KAFKA_CLIENT_CERTIFICATE_FILE",
    ),
    "a certificate without its key": (
        {**SASL, "KAFKA_CLIENT_CERTIFICATE_FILE": "@own"},
        "DATELINE_KAFKA_CLIENT_CERTIFICATE_FILE: ",
    ),
    "another certificate's key": (
        {**SASL, "KAFKA_CLIENT_CERTIFICATE_FILE": "@own", "KAFKA_CLIENT_KEY_FILE": "@other-key"},
        "DATELINE_KAFKA_CLIENT_CERTIFICATE_FILE: ",
    ),
    "an API key without TLS": (
        {"ELASTICSEARCH_URL": "http://a.example:9200", "ELASTICSEARCH_API_KEY": SECRET},
        "for all to read: set https://",
    ),
    "a password without TLS": (
        {"ELASTICSEARCH_URL": "http://a.example:9200", "ELASTICSEARCH_USERNAME": "u", "ELASTICSEARCH_PASSWORD": SECRET},
        "for all to read: set https://",
    ),
    "nodes with TLS and without": ({"ELASTICSEARCH_URL": "https://a:9200,http://b:9200"}, "set https:// for all"),
    "a user in the address": ({"ELASTICSEARCH_URL": "https://u:1234@a.example:9200"}, "must not have a user in it"),
    "an API key and a user": (
        {**HTTPS, "ELASTICSEARCH_API_KEY": SECRET, "ELASTICSEARCH_USERNAME": "u", "ELASTICSEARCH_PASSWORD": SECRET},
        "ELASTICSEARCH_API_KEY and DATELINE_ELASTICSEARCH_USERNAME are both set",
    ),
    "a user without a password": ({**HTTPS, "ELASTICSEARCH_USERNAME": "u"}, "belong together"),
    "a password without a user": ({**HTTPS, "ELASTICSEARCH_PASSWORD": SECRET}, "belong together"),
    "two API keys": ({**HTTPS, "ELASTICSEARCH_API_KEY": SECRET, "ELASTICSEARCH_API_KEY_FILE": "@secret"}, "are both set"),
    "certificates without https": ({"ELASTICSEARCH_CA_FILE": "@ca"}, "https:// in DATELINE_ELASTICSEARCH_URL"),
    "Elasticsearch's CA file that is none": ({**HTTPS, "ELASTICSEARCH_CA_FILE": "@nonsense"}, "DATELINE_ELASTICSEARCH_CA_FILE: "),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_by_name_and_no_secret_is_repeated(monkeypatch, files, name):
    given, expected = REFUSED[name]

    with pytest.raises(Misconfigured) as raised:
        load(monkeypatch, files, given)

    assert expected in str(raised.value)
    assert SECRET not in str(raised.value)
    assert "1234" not in str(raised.value)


@pytest.mark.parametrize(
    "given",
    [
        SASL,
        {**SASL, "KAFKA_CA_FILE": "@ca", "KAFKA_CLIENT_CERTIFICATE_FILE": "@own", "KAFKA_CLIENT_KEY_FILE": "@own-key"},
        {**ACCOUNT, "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"},
        {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_USERNAME": "u", "KAFKA_PASSWORD_FILE": "@secret"},
        {"KAFKA_PASSWORD": "", "KAFKA_USERNAME": "", "KAFKA_CA_FILE": "", "ELASTICSEARCH_API_KEY": ""},
        {**HTTPS, "ELASTICSEARCH_API_KEY_FILE": "@secret", "ELASTICSEARCH_CA_FILE": "@ca"},
        {"ELASTICSEARCH_URL": "http://127.0.0.1:9200", "ELASTICSEARCH_USERNAME": "u", "ELASTICSEARCH_PASSWORD": SECRET},
    ],
)
def test_what_fits_is_taken(monkeypatch, files, given):
    settings = load(monkeypatch, files, given)

    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())


def test_a_password_file_is_read_again_at_every_connection(tmp_path):
    file = tmp_path / "password"
    file.write_text("first\n")
    settings = KafkaSettings(security_protocol="SASL_SSL", username="u", password_file=str(file))
    assert settings.read_password() == "first"

    file.write_text("second")
    assert settings.read_password() == "second"

    file.unlink()
    with pytest.raises(Unavailable, match="cannot be read"):
        settings.read_password()


def test_an_api_key_may_come_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("encoded==\n")

    assert ElasticsearchSettings(url="https://a:1", api_key_file=str(file)).read_api_key() == "encoded=="
