"""Whatever strangers ask of feeds, exports, changes and the forms of articles: a sound answer or a problem, never a 500."""

import json

import feedparser
import pytest

from tests.indexed import asking, open_newsroom
from tests.unit.search.builders import HOSTILE

VALUES = [
    "",
    "\x00",
    "\x1b[31m",
    "\ud7ff\uffff\ufffe",
    "\u202e\u2066evil",
    "a" * 5000,
    "*",
    "?" * 300,
    "a* " * 200,
    "/.*/",
    "((((((((((",
    '"',
    "AND OR NOT",
    "headline:",
    "nonsense:value",
    "date:9999-99-99",
    HOSTILE,
    "]]><!--",
    "&#0;&bogus;",
    "%00%0d%0aX: y",
    "\r\nSet-Cookie: a=b",
    "سفينة مرفأ",
    "東京湾の船",
    "🚢" * 100,
    "-1",
    "9" * 30,
    "NaN",
    "{}",
    "' OR 1=1 --",
    "../../etc/passwd",
]
PATHS = [
    *("/feeds/search.rss?q={}", "/feeds/search.atom?section={}", "/feeds/search.json?cursor={}", "/feeds/search.rss?from={}"),
    *("/feeds/most-popular.rss?publisher={}", "/feeds/most-popular.atom?window={}", "/feeds/search.{}"),
    *("/v1/changes?since={}", "/v1/changes?size={}", "/v1/export?format=csv&q={}", "/v1/export?format=ndjson&rows={}"),
    *("/v1/export?format={}", "/v1/articles/{}/jsonld", "/v1/articles/{}/ninjs", "/v1/articles/{}/revisions"),
    *("/articles/{}/revisions", "/v1/stream/search?since={}", "/v1/stream/most-popular?window={}"),
]


@pytest.fixture(scope="module")
def search(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        text = {"en": HOSTILE}
        newsroom.write(
            newsroom.a_document("hostile", headline=text, body=text, section=HOSTILE, authors=[HOSTILE], publisher=HOSTILE)
        )
        with asking(engines.elasticsearch_url, stream_listeners=1) as client:
            yield client


@pytest.mark.parametrize("path", [path for path in PATHS if "stream" not in path])
def test_no_value_makes_an_answer_of_500(search, path):
    for value in VALUES:
        encoded = "".join(f"%{byte:02x}" for byte in value.encode())
        answer = search.get(path.format(encoded))

        assert answer.status_code < 500, (value, answer.text)
        if answer.status_code >= 400 and answer.headers["content-type"].startswith("application/"):
            assert json.loads(answer.text)["detail"]


@pytest.mark.parametrize("value", [value for value in VALUES if value])
def test_no_value_opens_a_stream_from_a_place_that_is_none(search, value):
    encoded = "".join(f"%{byte:02x}" for byte in value.encode())

    assert search.get(f"/v1/stream/search?since={encoded}").status_code in (400, 422)
    assert search.get(f"/v1/stream/most-popular?window={encoded}").status_code == 422


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_feed_of_hostile_articles_asked_for_by_hostile_words_can_be_read_and_holds_no_script(search, form):
    answer = search.get(f"/feeds/search.{form}", params={"section": HOSTILE})

    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert len(feed.entries) == 1
    assert b"<script" not in answer.content
    assert all("<script" not in entry.get("summary", "") for entry in feed.entries)
