"""Pictures of publishers, handed on: what is asked for, what is kept, and what never gets through. Their servers are local."""

import threading
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from services.search.app import build_search_app
from services.search.core.picture_paths import build_picture_path
from services.search.page_keys import Purpose, page_key
from services.search.settings import ReadingSettings, SearchSettings
from shared.settings import ElasticsearchSettings
from tests.doubles import send, serving

KEY = "k" * 32
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 100
NOWHERE = ElasticsearchSettings(url="http://127.0.0.1:9")


class Publisher:
    """Answers each path with what it is given; keeps what was asked."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def serve(self, request):
        self.asked.append((request.path, dict(request.headers)))
        status, content, headers = self.answers[request.path.strip("/")]
        send(request, status, content, **headers)


@contextmanager
def door(**settings):
    own = {"pages_key": KEY, "picture_allowed_networks": ("127.0.0.0/8",)}
    search = ReadingSettings(**own | settings)
    with TestClient(build_search_app(SearchSettings(elasticsearch=NOWHERE, search=search))) as client:
        yield client


def path_of(url, secret=KEY):
    key = page_key(ReadingSettings(pages_key=SecretStr(secret)), Purpose.PICTURE)
    assert key is not None
    return build_picture_path(key, url)


def test_a_picture_is_handed_on_as_what_it_is_whatever_its_server_calls_it():
    publisher = Publisher(a=(200, JPEG, {"Content_Type": "text/html", "Set_Cookie": "a=b"}))
    with serving(publisher.serve) as url, door() as client:
        answer = client.get(
            path_of(f"{url}/a"), headers={"Cookie": "c=d", "Referer": "https://news.example/", "User-Agent": "Reader"}
        )

    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, JPEG, "image/jpeg")
    assert answer.headers["cache-control"] == "public, max-age=604800, immutable"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    ((_, told),) = publisher.asked
    assert {"Cookie", "Referer"}.isdisjoint(told)
    assert "Reader" not in told["User-Agent"]


def test_a_picture_is_fetched_once_for_all_who_ask_and_one_that_is_missing_too():
    publisher = Publisher(a=(200, JPEG, {}), gone=(404, b"", {}))
    with serving(publisher.serve) as url, door() as client:
        statuses = [client.get(path_of(f"{url}/{name}")).status_code for name in ("a", "a", "gone", "gone")]

    assert statuses == [200, 200, 404, 404]
    assert [path for path, _ in publisher.asked] == ["/a", "/gone"]


def test_the_pictures_kept_are_bounded_and_the_one_not_asked_for_longest_goes():
    publisher = Publisher(a=(200, JPEG, {}), b=(200, JPEG, {}))
    with serving(publisher.serve) as url, door(kept_picture_bytes=len(JPEG)) as client:
        for name in ("a", "b", "b", "a"):
            assert client.get(path_of(f"{url}/{name}")).status_code == 200

    assert [path for path, _ in publisher.asked] == ["/a", "/b", "/a"]


@pytest.mark.parametrize(
    "answer",
    [
        (200, b'<svg xmlns="http://www.w3.org/2000/svg"/>', {"Content_Type": "image/svg+xml"}),
        (200, b"<html></html>", {"Content_Type": "image/jpeg"}),
        (200, JPEG + b"x" * 5000, {}),
        (206, JPEG, {}),
        (500, b"", {}),
        (302, b"", {"Location": "http://169.254.169.254/latest"}),
    ],
)
def test_what_is_no_whole_picture_is_not_handed_on_and_nothing_is_told_of_why(answer):
    with serving(Publisher(a=answer).serve) as url, door(most_picture_bytes=5000) as client:
        answered = client.get(path_of(f"{url}/a"))

    assert (answered.status_code, answered.json()["detail"]) == (404, "the picture cannot be had")
    assert answered.headers["cache-control"] == "public, max-age=300"


def test_nothing_is_fetched_from_networks_that_are_not_public():
    publisher = Publisher(a=(200, JPEG, {}))
    with serving(publisher.serve) as url, door(picture_allowed_networks=()) as client:
        assert client.get(path_of(f"{url}/a")).status_code == 404

    assert publisher.asked == []


def test_only_addresses_that_were_signed_here_are_fetched():
    publisher = Publisher(a=(200, JPEG, {}))
    with serving(publisher.serve) as url, door() as client:
        assert client.get(path_of(f"{url}/a", secret="x" * 32)).status_code == 404
        assert client.get(path_of(f"{url}/a")[:-1]).status_code == 404

    assert publisher.asked == []


@pytest.mark.parametrize("off", [{"pictures": False}, {"pages_key": None}])
def test_pictures_can_be_switched_off(off):
    publisher = Publisher(a=(200, JPEG, {}))
    with serving(publisher.serve) as url, door(**off) as client:
        assert client.get(path_of(f"{url}/a")).status_code == 404

    assert publisher.asked == []


def test_a_mirrored_picture_is_not_fetched(tmp_path):
    folder = tmp_path / "pictures.example"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(JPEG)
    with door(picture_mirror=tmp_path) as client:
        assert client.get(path_of("https://pictures.example/a.jpg")).content == JPEG


def test_those_who_ask_at_the_same_time_wait_for_one_fetch():
    publisher, go = Publisher(a=(200, JPEG, {})), threading.Event()

    def serve(request):
        go.wait(10)
        publisher.serve(request)

    with serving(serve) as url, door() as client:
        answers = []
        readers = [threading.Thread(target=lambda: answers.append(client.get(path_of(f"{url}/a")))) for _ in range(8)]
        for reader in readers:
            reader.start()
        go.set()
        for reader in readers:
            reader.join()

    assert {answer.content for answer in answers} == {JPEG}
    assert len(publisher.asked) == 1
