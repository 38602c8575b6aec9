"""How Kafka and Elasticsearch are reached: addresses, TLS and accounts. What does not fit together is refused at the start.

There is no falling back: a setting that would have no effect, such as a password that nobody is sent, is refused too.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, Self, TypeVar

from pydantic import Field, model_validator

from shared.credentials import Secret, find_wrong_secret, read_secret
from shared.setting_types import PREFIX, File, Group, Text
from shared.tls import build_tls_context

_SERVER = r"(\[[0-9a-fA-F:.]+\]|[^\s/:,]+):\d{1,5}"
_SERVERS = rf"^{_SERVER}(,\s*{_SERVER})*$"
_URL = rf"https?://{_SERVER}[^\s,]*"
_URLS = rf"^{_URL}(,{_URL})*$"


class KafkaSettings(Group):
    """How to reach Kafka and how to talk to it."""

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092", pattern=_SERVERS, description="brokers to ask first, host:port, parted by commas"
    )
    compression: Literal["none", "gzip", "zstd"] = Field(default="zstd", description="how produced records are compressed")
    delivery_timeout_seconds: float = Field(
        default=10.0, gt=0, le=120, description="how long one record may take to be acknowledged"
    )
    session_timeout_seconds: float = Field(
        default=15.0, ge=6, le=300, description="after this silence a consumer's partitions move"
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="as in Kafka; there is no falling back from one to another"
    )
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(default="SCRAM-SHA-512", description="with SASL_…")
    username: Text = Field(default=None, description="with SASL_…")
    password: Secret = Field(default=None, description="with SASL_…")
    password_file: File = Field(default=None, description="file of the password, in its place; read at every connection")
    ca_file: File = Field(default=None, description="certificates to trust, PEM; the system's when absent")
    client_certificate_file: File = Field(default=None, description="own certificate, PEM, where brokers ask for one")
    client_key_file: File = Field(default=None, description="its key, PEM, where it is not in the same file")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        return _refuse(self, self._find_wrong())

    def _find_wrong(self) -> Iterator[str]:
        name, protocol = f"{PREFIX}KAFKA_", self.security_protocol
        yield from find_wrong_secret(f"{name}PASSWORD", self.password, self.password_file)
        has_password = self.password is not None or self.password_file is not None
        if not protocol.startswith("SASL") and (self.username is not None or has_password):
            yield (
                f"{name}USERNAME and {name}PASSWORD are sent to nobody with {name}SECURITY_PROTOCOL={protocol}: set SASL_SSL, or "
                "take them away"
            )
        if protocol.startswith("SASL") and (self.username is None or not has_password):
            yield f"{name}SECURITY_PROTOCOL={protocol} needs {name}USERNAME, and {name}PASSWORD or {name}PASSWORD_FILE"
        if protocol == "SASL_PLAINTEXT" and self.sasl_mechanism == "PLAIN":
            yield f"{name}SASL_MECHANISM=PLAIN would send the password for all to read: set {name}SECURITY_PROTOCOL=SASL_SSL"
        yield from _find_wrong_tls(self, name, uses_tls=self.uses_tls, how=f"{name}SECURITY_PROTOCOL=SSL or SASL_SSL")

    @property
    def uses_tls(self) -> bool:
        """Whether brokers are spoken to by TLS."""
        return self.security_protocol.endswith("SSL")

    def read_password(self) -> str | None:
        """The password of now. Raises Unavailable when its file cannot be read."""
        return read_secret(self.password, self.password_file)


class ElasticsearchSettings(Group):
    """How to reach Elasticsearch."""

    url: str = Field(default="http://127.0.0.1:9200", pattern=_URLS, description="one node, or several parted by commas")
    api_key: Secret = Field(default=None, description="API key, as Elasticsearch calls it `encoded`")
    api_key_file: File = Field(default=None, description="file of the API key, in its place; read at the start")
    username: Text = Field(default=None, description="instead of an API key")
    password: Secret = Field(default=None, description="instead of an API key")
    password_file: File = Field(default=None, description="file of the password, in its place; read at the start")
    ca_file: File = Field(default=None, description="certificates to trust, PEM; the system's when absent")
    client_certificate_file: File = Field(default=None, description="own certificate, PEM, where nodes ask for one")
    client_key_file: File = Field(default=None, description="its key, PEM, where it is not in the same file")
    timeout_seconds: float = Field(default=30.0, gt=0, le=300, description="how long one request may take")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        return _refuse(self, self._find_wrong())

    def _find_wrong(self) -> Iterator[str]:
        name = f"{PREFIX}ELASTICSEARCH_"
        yield from find_wrong_secret(f"{name}API_KEY", self.api_key, self.api_key_file)
        yield from find_wrong_secret(f"{name}PASSWORD", self.password, self.password_file)
        has_key = self.api_key is not None or self.api_key_file is not None
        has_password = self.password is not None or self.password_file is not None
        if has_key and (self.username is not None or has_password):
            yield f"{name}API_KEY and {name}USERNAME are both set: take one away"
        if (self.username is None) == has_password:
            yield f"{name}USERNAME and {name}PASSWORD (or {name}PASSWORD_FILE) belong together: one of them is not set"
        urls = self.url.split(",")
        if any("@" in url for url in urls):
            yield f"{name}URL must not have a user in it: set {name}USERNAME and {name}PASSWORD, or {name}API_KEY"
        if len({url.startswith("https:") for url in urls}) > 1:
            yield f"{name}URL has nodes with TLS and nodes without: set https:// for all"
        if (has_key or has_password) and not all(_is_private(url) for url in urls):
            yield f"{name}URL would have the API key or password sent for all to read: set https://"
        yield from _find_wrong_tls(self, name, uses_tls=self.uses_tls, how=f"https:// in {name}URL")

    @property
    def uses_tls(self) -> bool:
        """Whether nodes are spoken to by TLS."""
        return self.url.startswith("https:")

    def read_api_key(self) -> str | None:
        """The API key of now. Raises Unavailable when its file cannot be read."""
        return read_secret(self.api_key, self.api_key_file)

    def read_password(self) -> str | None:
        """The password of now. Raises Unavailable when its file cannot be read."""
        return read_secret(self.password, self.password_file)


def _is_private(url: str) -> bool:
    """Whether nobody else can read what is sent there: by TLS, or on this machine."""
    return url.startswith("https:") or re.match(r"http://(127\.0\.0\.1|localhost|\[::1\]):", url) is not None


def _find_wrong_tls(settings: KafkaSettings | ElasticsearchSettings, name: str, *, uses_tls: bool, how: str) -> Iterator[str]:
    files = (settings.ca_file, settings.client_certificate_file, settings.client_key_file)
    if not uses_tls and any(file is not None for file in files):
        yield f"{name}CA_FILE and {name}CLIENT_… are of no use without TLS: set {how}, or take them away"
    elif settings.client_key_file is not None and settings.client_certificate_file is None:
        yield f"{name}CLIENT_KEY_FILE is set without {name}CLIENT_CERTIFICATE_FILE"
    elif uses_tls:
        try:
            build_tls_context(settings)
        except ValueError as error:
            yield f"{name}{error}"


G = TypeVar("G", bound=Group)


def _refuse(group: G, wrong: Iterable[str]) -> G:
    problems = list(wrong)
    if problems:
        raise ValueError("; ".join(problems))
    return group
