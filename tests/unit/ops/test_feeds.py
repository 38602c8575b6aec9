"""How the command names a feed: by its id, the beginning of it, or its address."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from ops.cli.feeds import find_ids
from ops.cli.ingest_client import IngestClient
from services.ingest.core.feed_records import feed_id
from shared.failures import Misconfigured
from tests.doubles import send, serving

URL = "https://courier.example/world.rss"
IDS = [feed_id(URL), "aa11000000000000", "aa22000000000000"]


def answer(request):
    """An ingest that knows the feeds of IDS and gives one on a page."""
    parts = urlsplit(request.path)
    if parts.path == "/v1/feeds":
        query = parse_qs(parts.query)
        (after,) = query.get("after", [""])
        rest = sorted(own_id for own_id in IDS if query["q"][0] in own_id and own_id > after)
        found, status = {"feeds": [{"id": own_id} for own_id in rest[:1]], "next": rest[0] if len(rest) > 1 else None}, 200
    else:
        known = parts.path.rpartition("/")[2] in IDS
        found, status = ({}, 200) if known else ({"detail": "there is no feed of this id"}, 404)
    send(request, status, json.dumps(found).encode())


@pytest.fixture
def client():
    with serving(answer) as url, IngestClient(url, "token") as client:
        yield client


@pytest.mark.parametrize("name", [URL, f" {URL} ", feed_id(URL), feed_id(URL)[:6], feed_id(URL).upper()])
def test_a_feed_is_named_by_address_id_or_the_beginning_of_it(client, name):
    assert find_ids(client, [name]) == [feed_id(URL)]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("https://courier.example/other.rss", "there is no feed https://courier.example/other.rss; see `dateline feeds list`"),
        ("ff", "no feed's id begins with ff; see `dateline feeds list`"),
        ("aa", "the ids of 2 feeds begin with aa: aa11000000000000, aa22000000000000; give more digits"),
    ],
)
def test_a_name_of_no_feed_or_of_several_is_an_error_that_says_what_to_do(client, name, told):
    with pytest.raises(Misconfigured) as raised:
        find_ids(client, [URL, name])

    assert str(raised.value) == told
