"""Real engines with TLS, accounts and rights: Kafka with SASL_SSL and an authorizer, Elasticsearch with TLS, file users and roles.

Everybody's rights are those of ops/cli/access.py. The embedded Elasticsearch keeps no API keys, see docs/security.md.
"""

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion
from pydantic import SecretStr

from ops.cli.access import ELASTICSEARCH_ROLES, KAFKA_RIGHTS
from ops.cli.kafka_acls import build_allowed, create_acls
from ops.cli.security import PRINCIPAL, ROLE
from ops.cli.setup import create_indices, create_topics
from ops.local.downloads import fetch_engines
from ops.local.elasticsearch import ElasticsearchNode, remove
from ops.local.java import QUICK_START, require_java
from ops.local.kafka import KafkaNode
from ops.local.ports import free_ports
from shared.elastic import check_elastic, connect_elastic
from shared.failures import Unavailable
from shared.kafka_connection import connect_admin
from shared.settings import ElasticsearchSettings, KafkaSettings
from tests.certificates import Authority
from tests.engines import DOWNLOADS_HOME

ADMIN = "admin"
#: In no role and in no ACL.
STRANGER = "stranger"
USERS = (*KAFKA_RIGHTS, STRANGER)
PARTITIONS = 2


def password_of(user: str) -> str:
    """A password that can be looked for in logs and answers."""
    return f"geheim-{user}-Zq7"


@dataclass(frozen=True)
class SecuredEngines:
    """Where the engines listen, and whom they trust."""

    bootstrap_servers: str
    url: str
    authority: Authority

    def kafka(self, user: str) -> KafkaSettings:
        """The settings of a user in Kafka; `admin` may do everything."""
        return KafkaSettings(
            bootstrap_servers=self.bootstrap_servers,
            security_protocol="SASL_SSL",
            sasl_mechanism="PLAIN" if user == ADMIN else "SCRAM-SHA-512",
            username=user if user == ADMIN else ROLE.replace("{user}", user),
            password=SecretStr(password_of(user)),
            ca_file=str(self.authority.file),
            session_timeout_seconds=6,
        )

    def elasticsearch(self, user: str) -> ElasticsearchSettings:
        """The settings of a user in Elasticsearch."""
        return ElasticsearchSettings(
            url=self.url,
            username=user if user == ADMIN else ROLE.replace("{user}", user),
            password=SecretStr(password_of(user)),
            ca_file=str(self.authority.file),
        )

    def environment(self, user: str) -> dict[str, str]:
        """The same as variables, as an operator sets them."""
        return {
            "DATELINE_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "DATELINE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "DATELINE_KAFKA_USERNAME": ROLE.replace("{user}", user),
            "DATELINE_KAFKA_PASSWORD": password_of(user),
            "DATELINE_KAFKA_CA_FILE": str(self.authority.file),
            "DATELINE_ELASTICSEARCH_URL": self.url,
            "DATELINE_ELASTICSEARCH_USERNAME": ROLE.replace("{user}", user),
            "DATELINE_ELASTICSEARCH_PASSWORD": password_of(user),
            "DATELINE_ELASTICSEARCH_CA_FILE": str(self.authority.file),
        }


@contextmanager
def running_secured_engines(scratch: Path) -> Iterator[SecuredEngines]:
    """Both engines, set up by `dateline setup` as its user, with every account; they end with the body."""
    folders, java = fetch_engines(DOWNLOADS_HOME), require_java()
    authority = Authority(scratch / "authority", "Dateline tests")
    port, controller_port, http_port, transport_port = free_ports(4)
    kafka = KafkaNode(
        scratch / "kafka",
        port,
        controller_port,
        heap_mb=256,
        properties=_kafka_properties(authority, port, controller_port),
        jvm_flags=QUICK_START,
    )
    elasticsearch = ElasticsearchNode(
        scratch / "elasticsearch",
        http_port,
        transport_port,
        heap_mb=384,
        settings={
            "xpack.security.enabled": True,
            "xpack.security.autoconfiguration.enabled": False,
            "xpack.security.http.ssl.enabled": True,
            "xpack.security.http.ssl.key": "http.key",
            "xpack.security.http.ssl.certificate": "http.pem",
            "xpack.security.authc.password_hashing.algorithm": "pbkdf2_1000",
        },
        configuration=_elasticsearch_configuration(scratch / "configuration", authority),
        jvm_flags=QUICK_START,
    )
    engines = SecuredEngines(kafka.bootstrap_servers, f"https://127.0.0.1:{http_port}", authority)
    with ExitStack() as cleanup:
        cleanup.callback(remove, scratch)
        elasticsearch_process = elasticsearch.start(folders.elasticsearch, java)
        cleanup.callback(elasticsearch_process.stop)
        kafka_process = kafka.start(folders.kafka_libs, java)
        cleanup.callback(kafka_process.stop)
        with ThreadPoolExecutor() as pool:
            waits = [
                pool.submit(kafka_process.wait_until, lambda: _kafka_obstacle(engines), 60.0),
                pool.submit(elasticsearch_process.wait_until, lambda: _elasticsearch_obstacle(engines), 180.0),
            ]
        for wait in waits:
            wait.result()
        _set_up(engines)
        yield engines


def _kafka_properties(authority: Authority, port: int, controller_port: int) -> dict[str, str | int | bool]:
    own = authority.issue("kafka")
    keystore = own.key.with_name("kafka-store.pem")
    keystore.write_text(own.key.read_text() + own.certificate.read_text())
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    account = f'username="{ADMIN}" password="{password_of(ADMIN)}" user_{ADMIN}="{password_of(ADMIN)}"'
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    return {
        "listeners": f"CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"CLIENTS://127.0.0.1:{port}",
        "listener.security.protocol.map": "CLIENTS:SASL_SSL,CONTROLLER:SASL_SSL",
        "inter.broker.listener.name": "CLIENTS",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.clients.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        "listener.name.clients.plain.sasl.jaas.config": f"{plain} {account};",
        "listener.name.clients.scram-sha-256.sasl.jaas.config": scram,
        "listener.name.clients.scram-sha-512.sasl.jaas.config": scram,
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": f"{plain} {account};",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN}",
    }


def _elasticsearch_configuration(folder: Path, authority: Authority) -> Path:
    """A folder with certificates, file users and file roles; without dictionaries, which would take half a minute to be read."""
    folder.mkdir()
    own = authority.issue("elasticsearch")
    shutil.copyfile(own.key, folder / "http.key")
    shutil.copyfile(own.certificate, folder / "http.pem")
    names = {user: ROLE.replace("{user}", user) for user in USERS}
    users = {ADMIN: ADMIN} | names
    (folder / "users").write_text("".join(f"{name}:{_hash(password_of(user))}\n" for user, name in users.items()))
    roles = {names[user]: role.body() for user, role in ELASTICSEARCH_ROLES.items()}
    # JSON is YAML.
    (folder / "roles.yml").write_text("".join(f"{name}: {json.dumps(role)}\n" for name, role in roles.items()))
    (folder / "users_roles").write_text(f"superuser:{ADMIN}\n" + "".join(f"{name}:{name}\n" for name in roles))
    return folder


def _hash(password: str) -> str:
    """As Elasticsearch's file realm has it: PBKDF2 with few rounds, which tests need not wait for."""
    salt = os.urandom(32)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 1000, 32)
    return "{PBKDF2}1000$" + base64.b64encode(salt).decode() + "$" + base64.b64encode(digest).decode()


def _kafka_obstacle(engines: SecuredEngines) -> str | None:
    try:
        with closing(connect_admin(engines.kafka(ADMIN))) as admin:
            return None if admin.describe_cluster()["brokers"] else "no broker yet"
    except Unavailable as error:
        return str(error)


def _elasticsearch_obstacle(engines: SecuredEngines) -> str | None:
    with connect_elastic(engines.elasticsearch(ADMIN)) as client:
        return check_elastic(client)


def _set_up(engines: SecuredEngines) -> None:
    accounts = [
        UserScramCredentialUpsertion(ROLE.replace("{user}", user), ScramMechanism.SCRAM_SHA_512, password_of(user))
        for user in USERS
    ]
    with closing(connect_admin(engines.kafka(ADMIN))) as admin:
        failed = {user: error for user, error in admin.alter_user_scram_credentials(accounts).items() if error}
    assert not failed, failed
    create_acls(engines.kafka(ADMIN), build_allowed(KAFKA_RIGHTS, PRINCIPAL))
    create_topics(engines.kafka("setup"), PARTITIONS, 1)
    with connect_elastic(engines.elasticsearch("setup")) as client:
        create_indices(client)


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredEngines]:
    """Secured engines, one pair for all tests."""
    with running_secured_engines(tmp_path_factory.mktemp("secured")) as running:
        yield running
