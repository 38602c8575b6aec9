"""Certificates that are not good are refused by every client, with words that say why; nothing is then sent in the clear."""

import asyncio
import re

import pytest
from elastic_transport import TlsError, Urllib3HttpNode
from pydantic import SecretStr

from shared.elastic import check_elastic, connect_elastic, connect_elastic_async, failure_of
from shared.failures import Unavailable
from shared.kafka_connection import check_brokers, connect_admin
from shared.settings import ElasticsearchSettings, KafkaSettings
from shared.tls import build_tls_context
from tests.certificates import Authority
from tests.doubles import send
from tests.tls_servers import listening, serving_tls

GREEN = b'{"status": "green"}'
KEY = "geheim-key"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"), "Ours")


@pytest.fixture(scope="module")
def bad(authority, tmp_path_factory):
    """Certificates that must be refused, and what is said of each."""
    stranger = Authority(tmp_path_factory.mktemp("strangers"), "Strangers")
    return {
        "of a stranger": (stranger.issue("stranger"), "self-signed certificate in certificate chain|unable to get local issuer"),
        "expired": (authority.issue("expired", days=-1), "certificate has expired"),
        "of another host": (authority.issue("other", "DNS:other.example"), "IP address mismatch, certificate is not valid"),
        "of another address": (authority.issue("address", "IP:127.0.0.2"), "IP address mismatch, certificate is not valid"),
    }


@pytest.fixture(params=["of a stranger", "expired", "of another host", "of another address"])
def refused(request, bad):
    return bad[request.param]


def answering(seen):
    def answer(request):
        seen.append(dict(request.headers))
        send(request, 200, GREEN, Content_Type="application/json", X_Elastic_Product="Elasticsearch")

    return answer


def elasticsearch(url, authority):
    return ElasticsearchSettings(url=url, ca_file=str(authority.file), api_key=SecretStr(KEY))


def kafka(port, authority):
    return KafkaSettings(
        bootstrap_servers=f"127.0.0.1:{port}",
        security_protocol="SASL_SSL",
        username="u",
        password=SecretStr(KEY),
        ca_file=str(authority.file),
    )


def test_a_good_certificate_lets_the_api_key_through(authority):
    seen: list[dict[str, str]] = []
    with serving_tls(answering(seen), authority.issue("good")) as url, connect_elastic(elasticsearch(url, authority)) as client:
        assert check_elastic(client) is None

    assert [headers["authorization"] for headers in seen] == [f"ApiKey {KEY}"]


def test_a_bad_certificate_is_refused_before_the_api_key_is_sent(authority, refused):
    certificate, why = refused
    seen: list[dict[str, str]] = []
    with serving_tls(answering(seen), certificate) as url, connect_elastic(elasticsearch(url, authority)) as client:
        with pytest.raises(TlsError):
            client.options(max_retries=0).cluster.health()
        assert re.search(f"certificate verify failed: .*({why})", check_elastic(client) or "")

    assert seen == []


def test_the_client_of_an_event_loop_refuses_the_same(authority, refused):
    certificate, why = refused
    seen: list[dict[str, str]] = []

    async def ask(url):
        async with connect_elastic_async(elasticsearch(url, authority)) as client:
            await client.options(max_retries=0).cluster.health()

    with serving_tls(answering(seen), certificate) as url, pytest.raises(TlsError) as raised:
        asyncio.run(ask(url))

    assert re.search(f"certificate verify failed: .*({why})", str(failure_of(raised.value, "health")))
    assert seen == []


def test_only_the_authorities_of_the_ca_file_are_trusted(authority):
    """Neither those of the system nor those that libraries bring."""
    with (
        serving_tls(answering([]), authority.issue("good")) as url,
        connect_elastic(elasticsearch(url, authority)) as client,
    ):
        client.cluster.health()
        (node,) = client.transport.node_pool.all()
        assert isinstance(node, Urllib3HttpNode)
        trusted = node.pool.conn_kw["ssl_context"].get_ca_certs()

    assert [certificate["subject"] for certificate in trusted] == [((("commonName", "Ours"),),)]


def test_kafka_with_a_bad_certificate_is_not_ready_and_says_why(authority, refused):
    certificate, why = refused
    with serving_tls(answering([]), certificate) as url:
        settings = kafka(url.rpartition(":")[2], authority)
        assert any(part in (check_brokers(settings) or "") for part in why.split("|"))
        with pytest.raises(Unavailable, match=f"its certificate is refused: .*({why})"):
            connect_admin(settings, bootstrap_timeout_ms=500)


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_a_broker_without_tls_is_told_nothing(authority, protocol):
    beginnings: list[bytes] = []
    with listening(beginnings) as port:
        settings = kafka(port, authority).model_copy(update={"security_protocol": protocol})
        assert check_brokers(settings) is not None
        with pytest.raises(Unavailable):
            connect_admin(settings, bootstrap_timeout_ms=500)

    assert beginnings
    assert {beginning[:2] for beginning in beginnings} == {b"\x16\x03"}, "TLS handshakes only"


def test_an_elasticsearch_without_tls_is_told_nothing(authority):
    beginnings: list[bytes] = []
    with (
        listening(beginnings) as port,
        connect_elastic(elasticsearch(f"https://127.0.0.1:{port}", authority)) as client,
    ):
        assert check_elastic(client) is not None

    assert {beginning[:2] for beginning in beginnings} == {b"\x16\x03"}


def test_old_versions_of_tls_are_refused(authority):
    context = build_tls_context(kafka(1, authority))

    assert (context.minimum_version.name, context.check_hostname, context.verify_mode.name) == ("TLSv1_2", True, "CERT_REQUIRED")
