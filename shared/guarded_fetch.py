"""The one guarded fetch for every path to the web: addresses checked at connect time on every hop, size and time limited."""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpcore2

from shared.addresses import Network, may_connect
from shared.inflation import NotInflated, inflate_gzip

_REDIRECTS = (301, 302, 303, 307, 308)
_SAME_METHOD_REDIRECTS = (307, 308)
#: Addresses of a host name, as text.
Resolve = Callable[[str, int], list[str]]


class FetchFailed(Exception):
    """Nothing was fetched; the text says why, in words for people."""


@dataclass(frozen=True)
class FetchLimits:
    """What one fetch may take. `allowed` are networks that may be reached though they are not public, on any port.

    `kept_connections` stay open for a while after a fetch; each of them is looked at with every further one.
    """

    most_bytes: int = 10_000_000
    total_seconds: float = 20.0
    connect_seconds: float = 10.0
    most_redirects: int = 5
    allowed: tuple[Network, ...] = ()
    kept_connections: int = 10


@dataclass(frozen=True)
class Fetched:
    """An answer. Header names are in lower case; `url` is where the last redirect led."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


def redirect_of(fetched: Fetched) -> str | None:
    """Where an answer redirects to, as an absolute address; None if it does not. FetchFailed when that is no address."""
    if fetched.status not in _REDIRECTS or "location" not in fetched.headers:
        return None
    try:
        return urljoin(fetched.url, fetched.headers["location"])
    except ValueError as error:
        raise FetchFailed(f"it redirects to what is no web address: {error}") from error


def resolve_host(host: str, port: int) -> list[str]:
    """Every address that the system knows for a host."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


@cache
def _tls_context() -> ssl.SSLContext:
    """One for all fetchers: the certificates that it trusts take a megabyte."""
    return ssl.create_default_context()


class Fetcher:
    """Fetches from the web. It keeps connections open between fetches; use it from one thread at a time."""

    def __init__(self, user_agent: str, limits: FetchLimits, resolve: Resolve = resolve_host) -> None:
        self._user_agent = user_agent
        self._limits = limits
        self._deadline = _Deadline()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_tls_context(),
            max_keepalive_connections=limits.kept_connections,
            keepalive_expiry=30,
            network_backend=_GuardedBackend(limits, resolve, self._deadline),
        )

    def fetch(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        content: bytes | None = None,
        follow: bool = True,
    ) -> Fetched:
        """Ask for a page or feed, following redirects. FetchFailed when it cannot be had within the limits.

        Args:
            url: of http or https.
            headers: beside those that every request has.
            method: POST follows only the redirects that keep it one, 307 and 308.
            content: the body that is sent.
            follow: False answers a redirect as it is, for who must ask before the next hop; see `redirect_of`.
        """
        self._deadline.at = time.monotonic() + self._limits.total_seconds
        for _ in range(self._limits.most_redirects + 1):
            fetched = self._fetch_once(url, headers or {}, method, content)
            target = redirect_of(fetched) if follow else None
            if target is None or (method != "GET" and fetched.status not in _SAME_METHOD_REDIRECTS):
                return fetched
            url = target
        raise FetchFailed(f"more than {self._limits.most_redirects} redirects")

    def _fetch_once(self, url: str, headers: Mapping[str, str], method: str, body: bytes | None) -> Fetched:
        target = _checked_url(url)
        sent = {"Host": target.netloc, "User-Agent": self._user_agent, "Accept-Encoding": "gzip", "Accept": "*/*", **headers}
        if body is not None:
            sent["Content-Length"] = str(len(body))
        timeout = {"connect": self._limits.connect_seconds}
        try:
            with self._pool.stream(
                method, target.url, headers=list(sent.items()), content=body, extensions={"timeout": timeout}
            ) as answer:
                found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
                content = b"" if answer.status in _REDIRECTS else self._read(answer.iter_stream(), found)
                return Fetched(url, answer.status, found, content)
        except httpcore2.TimeoutException as error:
            raise FetchFailed(f"it was not there whole within {self._limits.total_seconds:g} s") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError, ValueError) as error:
            raise FetchFailed(f"{type(error).__name__}: {error}") from error

    def _read(self, parts: Iterable[bytes], headers: Mapping[str, str]) -> bytes:
        most = self._limits.most_bytes
        raw = bytearray()
        for part in parts:
            raw += part
            if len(raw) > most:
                raise FetchFailed(f"it is larger than {most} bytes")
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("gzip", "x-gzip"):
            inflated = inflate_gzip(bytes(raw), most)
            if isinstance(inflated, NotInflated):
                raise FetchFailed(inflated.reason)
            return inflated
        if encoding not in ("", "identity"):
            raise FetchFailed(f"it is encoded as {encoding[:50]}, which was not asked for")
        return bytes(raw)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.close()


@dataclass(frozen=True)
class _Target:
    url: str
    netloc: str


def check_url(url: str) -> None:
    """FetchFailed for an address that would not be asked for, whatever its host is. Nothing is resolved or fetched."""
    _checked_url(url)


def _checked_url(url: str) -> _Target:
    try:
        parts = urlsplit(url)
        port = parts.port
        name = parts.hostname or ""
        host = name if name.isascii() else name.encode("idna").decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise FetchFailed(f"not a web address: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise FetchFailed(f"only http and https are fetched, not {parts.scheme[:20] or 'an address without a scheme'}")
    if not host or any(letter in host for letter in " \\\t\r\n\0"):
        raise FetchFailed("the address names no host")
    if parts.username is not None:
        raise FetchFailed("the address carries a user name, which is not sent")
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port is None else f"{shown}:{port}"
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    return _Target(f"{parts.scheme}://{netloc}{path}{query}".replace(" ", "%20"), netloc)


@dataclass
class _Deadline:
    """When the fetch under way must be done, by the monotonic clock."""

    at: float = 0.0

    def left(self, timeout: float | None = None) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the deadline has passed")
        return left if timeout is None else min(left, timeout)


class _DeadlineStream(httpcore2.NetworkStream):
    """A connection whose every wait ends with the fetch's deadline: a server that drips bytes gets no more than others."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _GuardedBackend(httpcore2.SyncBackend):
    """Resolves a name once, refuses it unless every address may be connected to, and connects to just these addresses."""

    def __init__(self, limits: FetchLimits, resolve: Resolve, deadline: _Deadline) -> None:
        self._limits = limits
        self._resolve = resolve
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchFailed(f"the name {host} cannot be resolved: {error}") from error
        if not addresses:
            raise FetchFailed(f"the name {host} has no address")
        for address in addresses:
            if not may_connect(address, port, self._limits.allowed):
                raise FetchFailed(f"{host} port {port} leads to {address}, which is not a public web server")
        failure: Exception | None = None
        for address in addresses:
            try:
                stream = super().connect_tcp(address, port, self._deadline.left(timeout), local_address, socket_options)
                return _DeadlineStream(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise FetchFailed(f"{host} does not take connections: {failure}") from failure

    def connect_unix_socket(self, path: str, *_: object, **__: object) -> httpcore2.NetworkStream:
        raise FetchFailed(f"{path} is no web server")
