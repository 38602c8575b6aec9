"""`dateline feeds` against a running ingest: a feed from being added to being removed."""

import json
import subprocess
import uuid

import pytest

from tests.command import DATELINE, dateline
from tests.doubles import send, serving
from tests.stack import eventually

FEED = """<rss version="2.0"><channel><title>Courier {mark}</title><item><title>Bridge opens {mark}</title>
<link>https://courier.example/{mark}</link><description>The bridge opened on Monday.</description></item></channel></rss>"""


@pytest.fixture
def mark():
    """A word that is nobody else's."""
    return f"m{uuid.uuid4().hex[:12]}"


@pytest.fixture
def feed_url(mark):
    """A feed on a local server."""
    with serving(lambda request: send(request, 200, FEED.format(mark=mark).encode(), ETag='"1"')) as url:
        yield f"{url}/{mark}.rss"


@pytest.fixture
def feeds(stack):
    """Runs `dateline feeds` against the stack; fails when it does not end with the expected code."""

    def run(*arguments, code=0, **settings):
        reached = {"DATELINE_CLI_INGEST_URL": str(stack.ingest.base_url), "DATELINE_CLI_TOKEN": stack.token, "COLUMNS": "80"}
        done = dateline("feeds", *arguments, **reached | settings)
        assert done.returncode == code, done.stderr
        return done

    return run


def listed(feeds, url, *options):
    """The feed as the list has it; None when it does not."""
    lines = feeds("list", "--json", *options).stdout.splitlines()
    return next((feed for feed in map(json.loads, lines) if feed["url"] == url), None)


def test_an_added_feed_is_polled_its_article_found_and_the_list_says_when(stack, feeds, feed_url, mark):
    told = feeds("add", feed_url, "--section", "World", "--full-text", "never").stdout

    own_id = told.split()[1]
    assert told == f"added {own_id} {feed_url}\n"
    polled = eventually(lambda: listed(feeds, feed_url), lambda feed: feed["last_success"] is not None)
    assert (polled["condition"], polled["title"], polled["entries"], polled["section"]) == ("ok", f"Courier {mark}", 1, "World")
    assert polled["last_new_article"] is not None
    text = feeds("list").stdout
    assert f"Courier {mark}" in text
    assert own_id[:8] in text
    assert max(map(len, text.splitlines())) <= 80
    hits = eventually(lambda: stack.search.get("/v1/search", params={"q": mark}).json(), lambda found: found["total"] == 1)["hits"]
    assert (hits[0]["headline"], hits[0]["section"]) == (f"Bridge opens {mark}", "World")
    feeds("remove", own_id)


def test_a_feed_is_known_paused_resumed_and_removed_by_address_id_or_the_beginning_of_it(feeds, feed_url):
    own_id = feeds("add", feed_url).stdout.split()[1]

    assert feeds("add", feed_url, "--publisher", "Courier").stdout == f"known {own_id} {feed_url}\n"
    assert feeds("pause", own_id[:12]).stdout == f"paused {own_id} {feed_url}\n"
    assert listed(feeds, feed_url, "--condition", "paused")["publisher"] == "Courier"
    assert feeds("resume", feed_url).stdout == f"resumed {own_id} {feed_url}\n"
    assert eventually(lambda: listed(feeds, feed_url, "--condition", "paused"), lambda feed: feed is None) is None
    assert feeds("remove", own_id).stdout == f"removed {own_id}\n"
    assert "there is no feed" in feeds("pause", feed_url, code=78).stderr


def test_a_failing_feed_says_why(feeds, mark):
    with serving(lambda request: send(request, 404, b"gone")) as url:
        own_id = feeds("add", f"{url}/{mark}").stdout.split()[1]
        failing = eventually(lambda: listed(feeds, f"{url}/{mark}"), lambda feed: feed["condition"] == "failing")

    assert "404" in failing["reason"]
    assert own_id[:8] in feeds("list", "--condition", "failing").stdout
    feeds("remove", own_id)


def test_a_check_shows_entries_and_adds_nothing(feeds, feed_url, mark):
    text = feeds("check", feed_url).stdout

    assert f"Bridge opens {mark}" in text
    assert json.loads(feeds("check", feed_url, "--json").stdout)["entries"][0]["url"] == f"https://courier.example/{mark}"
    assert listed(feeds, feed_url) is None


def test_a_check_of_a_web_page_names_its_feeds_and_ends_with_1(feeds):
    page = b'<html><head><link rel="alternate" type="application/rss+xml" title="World" href="/world.rss"></head></html>'
    with serving(lambda request: send(request, 200, page)) as url:
        done = feeds("check", url, code=1)

    assert done.stdout.splitlines() == ["This is a web page; it names these feeds:", f"{url}/world.rss (rss) World"]


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest", "ftp://a.example/feed", "no address"])
def test_what_is_no_feed_is_refused_with_a_reason(feeds, address):
    for command in ("add", "check"):
        done = feeds(command, address, code=1)

        assert done.stderr.startswith("refused: ")
        assert done.stdout == ""


def test_what_is_exported_is_imported_again(feeds, mark, tmp_path):
    url = f"https://{mark}.example/feed"
    feeds("add", url, "--section", "Sport")
    file = tmp_path / "feeds.opml"
    feeds("export", file)
    feeds("remove", url)

    assert feeds("import", file).stdout.startswith("1 added, ")

    assert listed(feeds, url)["section"] == "Sport"
    assert url in feeds("export").stdout
    feeds("remove", url)


def test_opml_comes_from_standard_input_too_and_refused_feeds_are_named(stack, mark):
    document = f'<opml version="2.0"><body><outline text="x" xmlUrl="http://10.0.0.1/{mark}"/></body></opml>'
    environment = {"DATELINE_CLI_INGEST_URL": str(stack.ingest.base_url), "DATELINE_CLI_TOKEN": stack.token}

    done = subprocess.run(
        [DATELINE, "feeds", "import", "-"], input=document, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stdout == "0 added, 0 known already, 1 refused.\n"
    assert done.stderr == f"refused: http://10.0.0.1/{mark}: 10.0.0.1 is not a public web server\n"


def test_an_empty_list_says_what_to_do(feeds):
    assert feeds("list", "--condition", "surging").stdout == "No feed is surging.\n"


def test_a_token_without_the_scope_or_an_unknown_one_is_an_error_of_settings(feeds):
    assert "ingest does not know this token" in feeds("list", code=78, DATELINE_CLI_TOKEN="wrong").stderr


@pytest.mark.parametrize("arguments", [("import", "not-there.opml"), ("export", "no-folder/feeds.opml")])
def test_a_file_that_cannot_be_used_is_named(feeds, arguments):
    assert arguments[1] in feeds(*arguments, code=78).stderr


def test_an_ingest_that_is_not_there_is_named(feeds):
    assert "http://127.0.0.1:9" in feeds("list", code=70, DATELINE_CLI_INGEST_URL="http://127.0.0.1:9").stderr
