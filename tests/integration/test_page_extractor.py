"""Pages extracted in child processes: a hostile page is given up with a reason, on every path, and its neighbours do not notice."""

import gzip
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from ops.cli import trying
from ops.cli.tokens import hash_token
from services.ingest.api import build_ingest_app
from services.ingest.children import Limits
from services.ingest.core.extracted import ExtractedArticle, NoArticle
from services.ingest.core.html_page import extract_html_page
from services.ingest.core.text_page import extract_text_page
from services.ingest.door import Door
from services.ingest.outbox import Outbox
from services.ingest.page_extractor import PageExtractor, PageExtractors
from services.ingest.remembering import Remembering
from services.ingest.token_file import ValidTokens
from tests.stack import eventually

NOW = datetime(2026, 11, 20, 12, 30, 1, 5, tzinfo=UTC)
URL = "https://www.harbour-courier.example/world/pact"
LIMITS = Limits(cpu_seconds=0.2)
TOO_SLOW = "it takes more than 0.2 s of CPU time to read"
GOOD = Path(__file__).parents[2].joinpath("ops/sample/pages/harbour-courier-storm-surge-pact.html").read_bytes()
WESTERN = (
    GOOD.replace(b"charset=utf-8", b"charset=windows-1252").decode().replace('charset="utf-8"', 'charset="windows-1252"')
).encode("windows-1252", "xmlcharrefreplace")
TEXT = """Home
World
Storm surge pact signed by nine harbour towns

By Ada Lund

Nine harbour towns have signed a pact on storm surges, which binds them to warn each other within the hour.

The pact was two years in the making, and its first test may come with the spring tides in a fortnight.
"""
HEAD = "<html><head><title>Storm surge pact signed</title></head><body><article><h1>Storm surge pact signed</h1>"
#: Just below the limit of elements; extraction takes some six seconds.
SLOW = (HEAD + "".join(f"<p>One two three four {number} five six, seven.</p>" for number in range(49_000))).encode()
HOSTILE = {
    "49,000 paragraphs": SLOW,
    "49,000 paragraphs in 250 divisions": (HEAD + "<div>" * 250 + "<p>One two three four five six seven.</p>" * 49_000).encode(),
    "900,000 attributes": (HEAD + "<p" + "".join(f" a{number}=1" for number in range(900_000)) + ">x</p>").encode(),
}


class OpenOutbox:
    """Acknowledges everything."""

    async def send(self, records):
        """Nowhere."""


def cpu_ticks(process_id):
    """User CPU time that a process has taken, in ticks of the kernel, a hundred a second."""
    return int(Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[11])


@pytest.fixture(scope="module")
def extractor():
    with PageExtractor(LIMITS) as extractor:
        yield extractor


@pytest.fixture
def client():
    extractors = PageExtractors(2, LIMITS)
    door = Door(cast("Any", None), cast("Outbox", OpenOutbox()), cast("Any", None), 4, Remembering(10))
    app = build_ingest_app(door, ValidTokens((hash_token("t"),), None), 10_000_000, extractors)
    with extractors, TestClient(app, headers={"Authorization": "Bearer t", "Content-Type": "text/html"}) as client:
        yield client


@pytest.mark.parametrize(
    "html",
    [
        GOOD,
        GOOD.decode(),
        WESTERN,
        "<p>a\ud800b",
        b"",
        b"\xff\n{}\n",
        GOOD.replace(b"<body>", b"<body><!-- " + b"x" * 9_000_000 + b"-->"),
    ],
    ids=["bytes", "text", "windows-1252", "surrogate", "empty", "no text", "9 MB"],
)
def test_a_page_is_read_as_without_a_child(extractor, html):
    assert extractor.extract_html(html, URL, NOW) == extract_html_page(html, URL, NOW)


@pytest.mark.parametrize("text", [TEXT, "", "a\ud800b", "\n\n{}\n" + TEXT], ids=["article", "empty", "surrogate", "breaks"])
def test_a_text_page_is_read_as_without_a_child(extractor, text):
    assert extractor.extract_text(text, URL, NOW) == extract_text_page(text, URL, NOW)


@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE)
def test_a_page_that_takes_too_much_cpu_time_is_given_up_with_a_reason_and_the_next_one_is_read(extractor, page):
    assert extractor.extract_html(page, URL, NOW) == NoArticle(TOO_SLOW)

    assert isinstance(extractor.extract_html(GOOD, URL, NOW), ExtractedArticle)


def test_a_page_that_takes_too_much_memory_is_given_up_with_a_reason_and_the_next_one_is_read():
    page = HEAD + "<a>" * 3_000_000
    with PageExtractor(Limits(cpu_seconds=5, memory_bytes=200 * 2**20)) as extractor:
        assert extractor.extract_html(page, URL, NOW) == NoArticle("it takes more than 200 MB of memory to read")

        assert isinstance(extractor.extract_html(GOOD, URL, NOW), ExtractedArticle)


def test_a_child_killed_in_the_midst_of_a_page_costs_that_page_only():
    with PageExtractor() as extractor, ThreadPoolExecutor(1) as thread:
        extractor.extract_html(GOOD, URL, NOW)
        process_id = int(str(extractor.process_id))
        before = cpu_ticks(process_id)
        asked = thread.submit(extractor.extract_html, SLOW, URL, NOW)
        eventually(lambda: cpu_ticks(process_id), lambda ticks: ticks > before + 10)  # it is at work
        os.kill(process_id, signal.SIGKILL)

        assert asked.result() == NoArticle("the process that reads it ended (SIGKILL)")
        assert isinstance(extractor.extract_html(GOOD, URL, NOW), ExtractedArticle)


def test_several_threads_share_the_children_and_one_thread_needs_one_only():
    with PageExtractors(2, LIMITS) as extractors:
        for _ in range(3):
            extractors.extract_html(GOOD, URL, NOW)
        assert extractors.running == 1

        with ThreadPoolExecutor(4) as threads:
            pages = [SLOW, GOOD, GOOD, GOOD, SLOW, GOOD]
            read = list(threads.map(lambda page: extractors.extract_html(page, URL, NOW), pages))

    assert [isinstance(article, ExtractedArticle) for article in read] == [False, True, True, True, False, True]


def test_the_api_refuses_such_a_page_with_the_reason_and_its_neighbours_are_untouched(client):
    with ThreadPoolExecutor(3) as threads:
        pages = [SLOW, GOOD, SLOW]
        answers = list(threads.map(lambda page: client.post("/v1/pages", params={"url": URL}, content=page), pages))

    assert [answer.status_code for answer in answers] == [422, 201, 422]
    problem = answers[0].json()
    assert answers[0].headers["Content-Type"] == "application/problem+json"
    assert problem["detail"] == f"there is no article in this page: {TOO_SLOW}"
    assert problem["errors"] == [{"field": "html", "detail": TOO_SLOW}]


def test_extract_says_why_for_such_a_page_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(trying, "PageExtractor", partial(PageExtractor, LIMITS))
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(SLOW))
    (tmp_path / "b.html").write_bytes(GOOD)

    slow, good = trying.extract_inputs([str(tmp_path)], None)

    assert slow == {"source": str(tmp_path / "a.html.gz"), "no_article": TOO_SLOW}
    assert good["headline"]
