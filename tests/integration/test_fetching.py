"""The guarded fetch against servers on the loopback address, one of them a canary that nobody may reach."""

import gzip
import socket
import time
from ipaddress import ip_network

import pytest

from shared.guarded_fetch import Fetched, Fetcher, FetchFailed, FetchLimits, redirect_of, resolve_host
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
    *("127.0.0.1", "localhost", "localhost.", "LOCALHOST", "0.0.0.0", "127.1", "127.0.1", "0", "127.8.8.8"),
    *("2130706433", "0x7f000001", "0x7F.0.0.1", "0177.0.0.1", "017700000001", "0x7f.1", "00000177.0.0.1"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::127.0.0.1]"),
    *(
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "ｌｏｃａｌｈｏｓｔ",
        "%31%32%37.0.0.1",
        "127.0.0.1%00.example",
    ),
]


@pytest.fixture(autouse=True)
def on_a_web_port(request, monkeypatch):
    """Where there is a canary, its port is one of the web, so that nothing but its address keeps it from being reached."""
    if "canary" in request.fixturenames:
        monkeypatch.setattr("shared.addresses.WEB_PORTS", (80, 443, request.getfixturevalue("canary")))


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


class Rebinding:
    """A name server that answers a public address to whoever asks first, and the canary's to all others."""

    def __init__(self, public):
        self.public = public
        self.asked = []

    def __call__(self, name, _port):
        self.asked.append(name)
        return [self.public if len(self.asked) == 1 else "127.0.0.1"]


def test_a_name_that_becomes_private_between_two_fetches_is_refused(canary):
    public_to_the_test = FetchLimits(total_seconds=2, allowed=(ip_network("127.9.9.9/32"),))
    resolve = Rebinding("127.9.9.9")
    with serving(sends(b"hello"), host="127.9.9.9") as url, Fetcher("Test/1", public_to_the_test, resolve) as fetcher:
        assert fetcher.fetch(url.replace("127.9.9.9", "name.example")).content == b"hello"
        with pytest.raises(FetchFailed, match=r"leads to 127\.0\.0\.1, which is not a public web server"):
            fetcher.fetch(f"http://name.example:{canary}/")
    assert len(resolve.asked) == 2


def test_a_name_that_becomes_private_between_two_hops_is_refused(canary):
    public_to_the_test = FetchLimits(total_seconds=2, allowed=(ip_network("127.9.9.9/32"),))
    redirect = sends(b"", 302, Location=f"http://name.example:{canary}/")
    with serving(redirect, host="127.9.9.9") as url, pytest.raises(FetchFailed, match=r"leads to 127\.0\.0\.1"):
        fetched(url.replace("127.9.9.9", "name.example"), public_to_the_test, resolve=Rebinding("127.9.9.9"))


def test_a_name_that_cannot_be_resolved_is_refused():
    def resolve(_name, _port):
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    with pytest.raises(FetchFailed, match=r"the name name\.example cannot be resolved"):
        fetched("http://name.example/", resolve=resolve)


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
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary}")

    with serving(sends(b"direct")) as url:
        assert fetched(url).content == b"direct"


def answering(asked, redirects):
    """A server that keeps what it was asked, and redirects a path as told."""

    def answer(request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        asked.append((request.command, request.path, body))
        status, target = redirects.get(request.path, (200, ""))
        send(request, status, b"", **({"Location": target} if target else {}))

    return answer


@pytest.mark.parametrize("status", [307, 308])
def test_what_is_posted_is_posted_again_where_the_redirect_says_so(status):
    asked: list[tuple[str, str, bytes]] = []
    with serving(answering(asked, {"/a": (status, "/b")})) as url, Fetcher("Test/1", LIMITS) as fetcher:
        assert fetcher.fetch(f"{url}/a", method="POST", content=b"form").url == f"{url}/b"
    assert asked == [("POST", "/a", b"form"), ("POST", "/b", b"form")]


@pytest.mark.parametrize("status", [301, 302, 303])
def test_what_is_posted_does_not_become_a_get(status):
    asked: list[tuple[str, str, bytes]] = []
    with serving(answering(asked, {"/a": (status, "/b")})) as url, Fetcher("Test/1", LIMITS) as fetcher:
        assert fetcher.fetch(f"{url}/a", method="POST", content=b"form").status == status
    assert asked == [("POST", "/a", b"form")]


def test_a_redirect_is_answered_as_it_is_to_who_asks_for_that():
    asked: list[tuple[str, str, bytes]] = []
    with serving(answering(asked, {"/a": (302, "b?x#y")})) as url, Fetcher("Test/1", LIMITS) as fetcher:
        answer = fetcher.fetch(f"{url}/a", follow=False)
    assert (answer.status, redirect_of(answer)) == (302, f"{url}/b?x#y")
    assert len(asked) == 1


@pytest.mark.parametrize("answer", [Fetched("http://a.example/", 200, {"location": "/b"}), Fetched("http://a.example/", 302)])
def test_what_is_no_redirect_or_names_no_place_redirects_nowhere(answer):
    assert redirect_of(answer) is None


def test_a_redirect_to_what_is_no_address_fails():
    with pytest.raises(FetchFailed, match="redirects to what is no web address"):
        redirect_of(Fetched("http://a.example/", 302, {"location": "http://[::1"}))
