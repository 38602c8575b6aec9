"""One browser, one running stack and the sample news for all tests of the pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.sample_pages import publish_news
from tests.browser.watching import CHROMIUM, chromium
from tests.stack import Stack, stack

__all__ = ["stack"]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; where there is none, tests of pages are skipped."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="package")
def addresses(browser: Browser, stack: Stack) -> dict[str, str]:
    """One page of each kind, of the sample news; before the stack comes the browser, so that nothing is started for nothing."""
    return publish_news(stack)


@pytest.fixture(scope="package")
def site(stack: Stack) -> tuple[str, str]:
    """What pages may ask: search, and the one door of ingest that counts views."""
    return str(stack.search.base_url), f"{stack.ingest.base_url}/v1/views"
