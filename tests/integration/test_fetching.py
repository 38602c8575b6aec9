"""The guarded fetch against servers on the loopback address, one of them a canary that nobody may reach."""

import gzip
import socket
import time
from ipaddress import ip_network

import pytest

from services.ingest.fetching import Fetcher, FetchFailed, FetchLimits, resolve_host
from tests.doubles import send, serving

LOOPBACK = (ip_network("127.0.0.1/32"),)
LIMITS = FetchLimits(most_bytes=100_000, total_seconds=2, allowed=LOOPBACK)


def sends(content, status=200, **headers):
    return lambda request: send(request, status, content, **headers)


@pytest.fixture
def canary():
    """A listener on the loopback that fails the test when anybody connects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener.getsockname()[1]
        with pytest.raises(BlockingIOError):
            listener.accept()


def fetched(url, limits=LIMITS, **more):
    with Fetcher("Test/1", limits, **more) as fetcher:
        return fetcher.fetch(url)


def test_a_page_is_fetched_with_an_honest_user_agent():
    agents = []

    def answer(request):
        agents.append(request.headers["User-Agent"])
        sends(b"hello", ETag='"1"')(request)

    with serving(answer) as url:
        page = fetched(url)

    assert (page.status, page.content, page.headers["etag"], agents) == (200, b"hello", '"1"', ["Test/1"])


def test_what_is_packed_is_unpacked():
    with serving(sends(gzip.compress(b"hello"), Content_Encoding="gzip")) as url:
        assert fetched(url).content == b"hello"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (sends(b"x" * 100_001), "larger than 100000 bytes"),
        (sends(gzip.compress(b"\0" * 5_000_000), Content_Encoding="gzip"), "inflates to more than"),
        (sends(b"x", Content_Encoding="br"), "encoded as br"),
        (sends(b"", 302, Location="/"), "more than 5 redirects"),
        (sends(b"", 302, Location="file:///etc/passwd"), "only http and https"),
        (sends(b"", 302, Location="http://169.254.169.254/latest/meta-data"), "169.254.169.254, which is not a public web server"),
    ],
)
def test_what_goes_beyond_the_limits_is_refused_with_a_reason(answer, reason):
    with serving(answer) as url, pytest.raises(FetchFailed, match=reason):
        fetched(url)


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_server_that_drips_is_given_up_at_the_deadline(where):
    def drip(request):
        request.wfile.write(b"HTTP/1.0 200 OK\r\n" + (b"\r\n" if where == "body" else b""))
        for _ in range(100):
            time.sleep(0.1)  # the drip itself
            try:
                request.wfile.write(b"x" if where == "body" else b"X: y\r\n")
            except OSError:
                return

    began = time.monotonic()
    with serving(drip) as url, pytest.raises(FetchFailed, match="within 2 s"):
        fetched(url)

    assert time.monotonic() - began < 10


SPELLINGS = [
    *("127.0.0.1", "localhost", "0.0.0.0", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"),
    *("[::ffff:127.0.0.1]", "[::1]", "[::]"),
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_this_machine_is_reached(host, canary):
    with pytest.raises(FetchFailed):
        fetched(f"http://{host}:{canary}/", FetchLimits(total_seconds=2))


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_redirect_reaches_it_either(host, canary):
    public_to_the_test = FetchLimits(total_seconds=2, allowed=(ip_network("127.9.9.9/32"),))

    def resolve(name, port):
        return ["127.9.9.9"] if name == "public.example" else resolve_host(name, port)

    redirect = sends(b"", 302, Location=f"http://{host}:{canary}/")
    with serving(redirect, host="127.9.9.9") as url, pytest.raises(FetchFailed):
        fetched(url.replace("127.9.9.9", "public.example"), public_to_the_test, resolve=resolve)


def test_a_name_with_one_private_address_among_public_ones_is_refused(canary):
    with pytest.raises(FetchFailed, match="not a public web server"):
        fetched("http://mixed.example/", FetchLimits(total_seconds=2), resolve=lambda _name, _port: ["93.184.216.34", "127.0.0.1"])


def test_a_name_is_resolved_once_so_that_it_cannot_change_between_check_and_connect():
    asked = []

    def rebinding(name, _port):
        asked.append(name)
        return ["127.0.0.1"]

    with serving(sends(b"hello")) as url:
        assert fetched(url.replace("127.0.0.1", "name.example"), resolve=rebinding).content == b"hello"
    assert asked == ["name.example"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "//a.example/",
        "http://",
        "http://user:secret@a.example/",
        "http://a b/",
        "http://[::1",
        "gopher://x",
        "http://a.example:99999/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url):
    with pytest.raises(FetchFailed):
        fetched(url)


def test_no_proxy_of_the_environment_is_used(monkeypatch, canary):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary}")

    with serving(sends(b"direct")) as url:
        assert fetched(url).content == b"direct"
