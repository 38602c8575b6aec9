"""What beacon.js reports of shares, in a real browser: by a button that asks the browser to share, and by links."""

import json
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from services.search.app import STATIC
from tests.doubles import send, serving

CHROMIUM = which("chromium") or which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

PAGE = """<!doctype html><meta charset="utf-8"><title>Bridge reopens</title>
<link rel="canonical" href="https://news.example/bridge">
<meta name="dateline-view-endpoint" content="/v1/views"><meta name="dateline-article-id" content="a">
<meta name="dateline-page-token" content="t"><script src="/beacon.js" defer></script>
<button data-share hidden>Share</button> <a data-share href="#mail">Mail</a> <a href="#other">Other</a>"""
WITHOUT_TOKEN = PAGE.replace('<meta name="dateline-page-token" content="t">', "")
#: In place of the dialogues that nobody answers here.
AGREES = "window.shared = []; navigator.share = async (what) => { window.shared.push(what.url); };"
THINKS_BETTER = "window.tried = 0; navigator.share = async () => { window.tried += 1; throw new DOMException('', 'AbortError'); };"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM) as launched:
        yield launched


@contextmanager
def opened(browser: Browser, page: str = PAGE, script: str = AGREES) -> Iterator[tuple[Page, "queue.Queue[dict[str, object]]"]]:
    """The page in the browser, and what it reports besides its view."""
    reports: queue.Queue[dict[str, object]] = queue.Queue()

    def answer(request: BaseHTTPRequestHandler) -> None:
        if request.command == "POST":
            report = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
            if len(report) > 2:  # no view
                reports.put(report)
            send(request, 204, b"")
        elif request.path == "/beacon.js":
            send(request, 200, Path(STATIC / "beacon.js").read_bytes(), Content_Type="text/javascript")
        else:
            send(request, 200, page.encode(), Content_Type="text/html")

    with serving(answer) as url, browser.new_page() as shown:
        shown.add_init_script(script)
        shown.goto(url)
        yield shown, reports


def test_a_button_shares_by_the_browser_and_reports_it_once(browser: Browser) -> None:
    with opened(browser) as (page, reports):
        page.get_by_role("button").click()
        page.get_by_role("button").click()
        page.wait_for_function("window.shared.length === 2")

        assert reports.get(timeout=20) == {"page_token": "t", "article_id": "a", "shared": True}
        assert page.evaluate("window.shared") == ["https://news.example/bridge"] * 2
        assert page.locator("button[data-shared]").count() == 1
        page.close(run_before_unload=True)
        assert reports.empty()


def test_a_reader_who_thinks_better_of_it_has_not_shared(browser: Browser) -> None:
    with opened(browser, script=THINKS_BETTER) as (page, reports):
        page.get_by_role("button").click()
        page.wait_for_function("window.tried === 1")
        page.get_by_text("Mail").click()

        reports.get(timeout=20)
        assert page.locator("button[data-shared]").count() == 0
        assert reports.empty()


def test_a_link_that_shares_reports_it_and_others_do_not(browser: Browser) -> None:
    with opened(browser) as (page, reports):
        page.get_by_text("Other").click()
        page.get_by_text("Mail").click()

        assert reports.get(timeout=20)["shared"] is True
        assert reports.empty()
        assert page.url.endswith("#mail")


def test_where_the_browser_cannot_share_the_button_copies_the_address(browser: Browser) -> None:
    writes = "{writeText: async (text) => { window.copied = text; }}"
    copies = f"navigator.share = undefined; Object.defineProperty(navigator, 'clipboard', {{value: {writes}}});"
    with opened(browser, script=copies) as (page, reports):
        page.get_by_role("button").click()

        assert reports.get(timeout=20)["shared"] is True
        assert page.evaluate("window.copied") == "https://news.example/bridge"


def test_without_a_token_the_button_shares_and_nothing_is_reported(browser: Browser) -> None:
    with opened(browser, WITHOUT_TOKEN) as (page, reports):
        page.get_by_role("button").click()
        page.wait_for_function("window.shared.length === 1")

        assert reports.empty()
